import type { Client } from "@fractus/client/client.ts";
import { ApiError } from "@fractus/client/error.ts";
import { useEffect, useState } from "react";
import { wordsOf } from "./action.tsx";
import { useSession } from "./context.tsx";
import { LogBuffer } from "./log-buffer.ts";
import { strings } from "./strings.ts";

export interface Log {
  readonly lines: readonly string[];
  /** Lines before these were left out. */
  readonly isCut: boolean;
  readonly trouble?: string;
}

export interface LogSource {
  readonly allocation: string;
  readonly task: string;
  readonly type: "stdout" | "stderr";
}

const nothing: Log = { lines: [], isCut: false };
const mostLines = 5000;
const bytesFromEnd = 200_000;
const paintMs = 100;
const retryMs = 1000;
/** After an answer that says no, which is not likely to change soon. */
const refusedMs = 10_000;

/** The end of a log and what is added to it; asked for anew when it breaks off. */
export function useLog({ allocation, task, type }: LogSource): Log {
  const { client, live } = useSession();
  const [log, setLog] = useState(nothing);
  useEffect(() => {
    const gone = new AbortController();
    const onAway = () => live.doubt();
    void keepOn(client, { source: { allocation, task, type }, signal: gone.signal, tell: setLog, onAway });
    return () => gone.abort();
  }, [client, live, allocation, task, type]);
  return log;
}

interface Following {
  readonly source: LogSource;
  readonly signal: AbortSignal;
  readonly tell: (next: (last: Log) => Log) => void;
  /** The server does not answer. */
  readonly onAway: () => void;
}

async function keepOn(client: Client, following: Following): Promise<void> {
  const { signal, tell, onAway } = following;
  while (!signal.aborted) {
    let isRefused = false;
    try {
      await follow(client, following);
      return; // The task has ended, and this was all of it.
    } catch (error) {
      if (signal.aborted) return;
      isRefused = error instanceof ApiError && error.status > 0;
      if (!isRefused) onAway();
      const trouble = isRefused ? wordsOf(error) : strings.logs.broken;
      tell((last) => ({ ...last, trouble }));
    }
    await new Promise((resolve) => setTimeout(resolve, isRefused ? refusedMs : retryMs));
  }
}

async function follow(client: Client, { source, signal, tell }: Following): Promise<void> {
  const { allocation, ...which } = source;
  const buffer = new LogBuffer(mostLines);
  let taken = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const paint = () => {
    timer = undefined;
    const isCut = buffer.forgotten > 0 || taken >= bytesFromEnd;
    if (!signal.aborted) tell(() => ({ lines: buffer.lines(), isCut }));
  };
  const options = { ...which, follow: true, origin: "end", offset: bytesFromEnd } as const;
  for await (const frame of client.files.logs(allocation, options, { signal })) {
    buffer.add(frame.data);
    taken += frame.data.length;
    timer ??= setTimeout(paint, paintMs);
  }
}
