import type { Client } from "@fractus/client/client.ts";
import { ApiError } from "@fractus/client/error.ts";
import type { Query } from "@fractus/client/http.ts";
import type { Topic } from "@fractus/client/types/event.ts";
import { useEffect, useEffectEvent, useState } from "react";
import { useSession } from "./context.tsx";
import type { Change } from "./live.ts";
import { concerns, Refetcher } from "./refetch.ts";

export interface Answer<T> {
  /** The last that is known, which a failure does not take away; undefined until the first answer. */
  readonly value?: T;
  /** What the server last said no to. That it is away is told by the connection instead. */
  readonly error?: ApiError;
}

type Read<T> = (client: Client, query: Query) => Promise<T>;

const usuallyMs = 10_000;

/**
 * What the server answers, read again after each event of one of the topics.
 *
 * @param key tells this question from others; null asks nothing
 */
export function useQuery<T>(
  key: string | null,
  read: Read<T>,
  options: { readonly topics: readonly Topic[]; readonly everyMs?: number },
): Answer<T> {
  const { client, live } = useSession();
  const [state, setState] = useState<{ readonly of: string | null; readonly answer: Answer<T> }>();
  const { topics, everyMs = usuallyMs } = options;
  const readNow = useEffectEvent((query: Query) => read(client, query));
  const isConcerned = useEffectEvent((change: Change) => concerns(change, topics));
  useEffect(() => {
    if (key === null) return undefined;
    const gone = new AbortController();
    const settle = (next: (last: Answer<T>) => Answer<T>) =>
      setState((last) => ({ of: key, answer: next(last?.of === key ? last.answer : {}) }));
    const refetcher = new Refetcher(async () => {
      if (document.visibilityState === "hidden") return;
      try {
        const value = await readNow({ signal: gone.signal });
        if (!gone.signal.aborted) settle(() => ({ value }));
      } catch (error) {
        if (gone.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        if (error.status === 0) live.doubt();
        else settle((last) => ({ ...last, error }));
      }
    }, everyMs);
    const forget = live.onChange((change) => {
      if (isConcerned(change)) refetcher.touch();
    });
    return () => {
      forget();
      refetcher.stop();
      gone.abort();
    };
  }, [key, live, everyMs]);
  return state && state.of === key ? state.answer : {};
}
