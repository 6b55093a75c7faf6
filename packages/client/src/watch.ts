import type { Query } from "./http.ts";

export interface WatchOptions {
  readonly signal?: AbortSignal;
  /** How long to block before asking again, `1m` unless said. */
  readonly wait?: string;
  /** Also yield when the wait is over and nothing has changed, for those who look at more than the value. */
  readonly evenUnchanged?: boolean;
}

/**
 * The values of a read, one now and one after each change, by blocking queries. Ends when the signal does.
 * A failed read is thrown; going on after it is the caller's decision.
 *
 * An index that goes back means that the server's state was replaced, so the reading begins anew.
 * See https://developer.hashicorp.com/nomad/api-docs#blocking-queries.
 */
export async function* watch<T>(
  read: (query: Query) => Promise<T>,
  options: WatchOptions = {},
): AsyncGenerator<T> {
  const { signal, wait = "1m", evenUnchanged = false } = options;
  let index = 0;
  while (!signal?.aborted) {
    let next = 0;
    const value = await read({
      ...(index > 0 && { index, wait }),
      ...(signal && { signal }),
      onAnswer: (answer) => {
        next = answer.index;
      },
    });
    const isNew = index === 0 || next !== index;
    index = next < index ? 0 : next;
    if (isNew || evenUnchanged) yield value;
    if (next === 0) await pause(signal);
  }
}

const pauseMs = 1000;

/** A server that tells no index cannot be waited on, so it is asked once in a while. */
function pause(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, pauseMs);
    signal?.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
