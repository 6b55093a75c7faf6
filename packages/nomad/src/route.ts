/** What a route of the door is made of. Each noun has a file of them in `routes/`. */
import type { Call } from "./call.ts";

export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below `/v1`, with `:name` for a part that varies and `*` for all that is left. */
  readonly path: string;
  /** Largest body that is taken, in bytes; without it the door's usual limit. */
  readonly bodyLimit?: number;
  /**
   * The transaction that last changed what the answer is made of. Who asks with `index` waits until
   * this is greater. Without it the answer never waits.
   */
  readonly changedAt?: (call: Call) => number;
  /** What is answered as JSON; nothing once the reply has been taken over. */
  readonly answer: (call: Call) => unknown;
}

/** A question that can wait for the answer to change. */
export function read(
  path: string,
  changedAt: NonNullable<Route["changedAt"]>,
  answer: Route["answer"],
): Route {
  return { method: "GET", path, changedAt, answer };
}

/** A question about how things are at this moment. */
export function ask(path: string, answer: Route["answer"]): Route {
  return { method: "GET", path, answer };
}

/** A change; the API takes PUT and POST alike. */
export function write(path: string, answer: Route["answer"]): Route {
  return { method: "POST", path, answer };
}

export function remove(path: string, answer: Route["answer"]): Route {
  return { method: "DELETE", path, answer };
}

/** `GET /job/:id`, by which the table of authorities knows it. */
export function nameOf(route: Pick<Route, "method" | "path">): string {
  return `${route.method} ${route.path}`;
}
