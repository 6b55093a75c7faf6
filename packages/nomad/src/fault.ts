/** What the door answers when it cannot do as asked: plain text, as clients of Nomad expect it. */
import type { RefusalKind } from "@fractus/core/refusal.ts";
import { Refusal } from "@fractus/core/refusal.ts";

/** An answer with a status that no kind of refusal has. */
export class Fault extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "Fault";
    this.status = status;
  }
}

export const statusOf = {
  invalid: 400,
  forbidden: 403,
  "not-found": 404,
  conflict: 409,
  exhausted: 429,
  unavailable: 503,
} as const satisfies Record<RefusalKind, number>;

/** Status and words for whatever was thrown; undefined for a bug, of which the caller learns nothing. */
export function answerFor(error: unknown): { readonly status: number; readonly text: string } | undefined {
  if (error instanceof Fault) return { status: error.status, text: error.message };
  if (error instanceof Refusal) return { status: statusOf[error.kind], text: error.message };
  const { code, statusCode, message } = error as { code?: string; statusCode?: number; message?: string };
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE")
    return { status: 413, text: "The body of the request is larger than this call takes." };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return { status: statusCode, text: message ?? "Bad request" };
  return undefined;
}
