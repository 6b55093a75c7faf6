/** Finds routes by a path: for ids with slashes in them, and to tell what a path would take. */
import type { Route } from "./route.ts";

export class RouteMap {
  readonly #routes: readonly Route[];
  /** Routes of one job by what follows its id, longest first. */
  readonly #ofJob: readonly { readonly suffix: readonly string[]; readonly route: Route }[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes;
    this.#ofJob = routes
      .filter((route) => route.path.startsWith("/job/:id"))
      .map((route) => ({ suffix: route.path.split("/").slice(3), route }))
      .sort((a, b) => b.suffix.length - a.suffix.length);
  }

  /** The route for what follows `/job/`, where the id has slashes: it is all that no route claims. */
  findNested(
    method: string,
    rest: string,
  ): { readonly route: Route; readonly parameters: Readonly<Record<string, string>> } | undefined {
    const parts = rest.split("/");
    for (const { suffix, route } of this.#ofJob) {
      if (route.method !== (method === "PUT" ? "POST" : method) || suffix.length >= parts.length) continue;
      const found = match(suffix, parts.slice(parts.length - suffix.length));
      if (found)
        return {
          route,
          parameters: { ...found, id: parts.slice(0, parts.length - suffix.length).join("/") },
        };
    }
    return undefined;
  }

  /** What the path takes. */
  methodsOf(path: string): string[] {
    const parts = path.split("/");
    const methods = new Set<string>();
    for (const route of this.#routes) {
      if (!match(route.path.split("/"), parts)) continue;
      methods.add(route.method);
      if (route.method === "POST") methods.add("PUT");
    }
    return [...methods];
  }
}

function match(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  const found: Record<string, string> = {};
  for (const [at, piece] of pattern.entries()) {
    if (piece === "*") return { ...found, "*": parts.slice(at).join("/") };
    if (at >= parts.length) return undefined;
    if (piece.startsWith(":")) found[piece.slice(1)] = parts[at];
    else if (piece !== parts[at]) return undefined;
  }
  return parts.length === pattern.length ? found : undefined;
}
