import { Refusal } from "@fractus/core/refusal.ts";
import { event, wordsOf } from "./task-events.ts";
import type { NewEvent } from "./task-events.ts";

/** Why a run did not come about, with the event that says so. */
export class Failure extends Error {
  readonly said: NewEvent;
  readonly isFinal: boolean;

  constructor(type: string, cause: unknown) {
    super(wordsOf(cause), { cause });
    this.isFinal = cause instanceof Refusal && cause.kind === "invalid";
    this.said = event(type, this.message);
  }
}

/** Does it, and turns what goes wrong into a failure of that type. */
export async function failingAs<T>(type: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(type, error);
  }
}

/** The event that says why a run did not come about. */
export function failureEvent(error: unknown): NewEvent {
  return error instanceof Failure ? error.said : event("Driver Failure", wordsOf(error));
}
