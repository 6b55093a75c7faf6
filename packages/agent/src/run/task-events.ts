/** What happens to a task, in the types that clients of Nomad know; the words are for people. */
import type { TaskEvent } from "@fractus/core/allocation.ts";
import type { TaskResult } from "@fractus/drivers/driver.ts";
import { signalNumber } from "@fractus/drivers/signals.ts";

/** An event that has yet to happen. */
export type NewEvent = Omit<TaskEvent, "atMs">;

const keptEvents = 10;

export function addEvent(events: readonly TaskEvent[] = [], event: TaskEvent): readonly TaskEvent[] {
  return [...events, event].slice(-keptEvents);
}

export function event(
  type: string,
  message: string,
  details: Readonly<Record<string, string>> = {},
): NewEvent {
  return { type, message, details };
}

/** `Exit Code: 137, Signal: 9, Exit Message: "OOM Killed"`. */
export function terminated(result: TaskResult): NewEvent {
  const said = result.error ?? (result.isOutOfMemory ? "OOM Killed" : undefined);
  const signal = result.signal === undefined ? 0 : signalNumber(result.signal.replace("signal ", ""));
  const words = [
    `Exit Code: ${result.exitCode ?? "unknown"}`,
    ...(signal > 0 ? [`Signal: ${signal}`] : []),
    ...(said === undefined ? [] : [`Exit Message: ${JSON.stringify(said)}`]),
  ];
  return event("Terminated", words.join(", "), {
    ...(result.exitCode !== undefined && { exit_code: String(result.exitCode) }),
    signal: String(signal),
    oom_killed: String(result.isOutOfMemory),
    ...(said !== undefined && { exit_message: said }),
  });
}

/** The message of an error with those of its causes that it does not repeat itself. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : wordsOf(error.cause);
  return error.message.includes(cause) ? error.message : `${error.message} (${cause})`;
}
