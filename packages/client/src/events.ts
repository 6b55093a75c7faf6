import type { Http, Query } from "./http.ts";
import { jsonValues } from "./ndjson.ts";
import type { Events, Topic } from "./types/event.ts";

export interface EventQuery {
  /** `Job`, `Allocation:ID`, …; everything if none is named. */
  readonly topics?: readonly (Topic | `${Topic}:${string}`)[];
  /** Begin behind this index; otherwise with what happens from now on. */
  readonly index?: number;
  readonly namespace?: string;
  readonly signal?: AbortSignal;
}

/**
 * What changes, as it changes, until the signal or the connection ends; heartbeats are left out. Whoever
 * wants to go on after a broken connection asks again from the last index.
 *
 * After https://developer.hashicorp.com/nomad/api-docs/events.
 */
export async function* events(http: Http, options: EventQuery = {}): AsyncGenerator<Events> {
  const { topics = [], index, namespace, signal } = options;
  const query: Query = { ...(namespace && { namespace }), ...(signal && { signal }) };
  const response = await http.send("GET", "/event/stream", {
    ...query,
    parameters: { topic: topics, index },
  });
  if (!response.body) return;
  for await (const value of jsonValues(response.body)) {
    const { Index, Events: list } = value as { Index?: number; Events?: Events["Events"] };
    if (Index !== undefined && list) yield { Index, Events: list };
  }
}
