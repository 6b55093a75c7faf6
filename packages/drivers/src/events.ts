import { signalName } from "./signals.ts";

/** What the supervisor has written down about its task. Written line by line, so the last one may be unfinished. */
export interface TaskEvents {
  readonly bootId?: string;
  readonly supervisor?: Started;
  /** The first process of the task's own namespaces, by the host's numbers. */
  readonly init?: Started;
  /** The main process, by the numbers of its own namespace. */
  readonly main?: Started;
  readonly readers: Readonly<Partial<Record<"stdout" | "stderr", Started>>>;
  readonly failure?: string;
  readonly exit?: { readonly exitCode: number; readonly signal?: string };
  /** It was found to have ended without an exit code. */
  readonly isLost?: boolean;
}

export interface Started {
  readonly pid: number;
  readonly startTicks: string;
}

export function parseEvents(text: string): TaskEvents {
  let events: TaskEvents = { readers: {} };
  for (const line of text.split("\n").slice(0, -1)) events = withEvent(events, line);
  return events;
}

function withEvent(events: TaskEvents, line: string): TaskEvents {
  const [kind, ...words] = line.split(" ");
  switch (kind) {
    case "supervisor":
      return { ...events, supervisor: started(words), bootId: words[2] };
    case "reader":
      return { ...events, readers: { ...events.readers, [words[0]]: started(words.slice(1)) } };
    case "init":
      return { ...events, init: started(words) };
    case "ready":
      return { ...events, main: started(words) };
    case "failed":
      return { ...events, failure: events.failure ?? words.join(" ") };
    case "lost":
      return { ...events, isLost: true };
    case "exit":
      return { ...events, exit: events.exit ?? exitOf(words) };
    default:
      return events;
  }
}

function started([pid, startTicks]: readonly string[]): Started {
  return { pid: Number(pid), startTicks };
}

function exitOf([code, how]: readonly string[]): NonNullable<TaskEvents["exit"]> {
  const exitCode = Number(code);
  const signal = how === "signalled" ? signalName(exitCode - 128) : undefined;
  return { exitCode, ...(signal !== undefined && { signal }) };
}
