import { ApiError } from "@fractus/client/error.ts";
import { Refusal } from "@fractus/core/refusal.ts";

/** A command that cannot go on for a reason the caller can see to. The message is all that is said. */
export class Failure extends Error {
  readonly exitCode: number | undefined;

  constructor(message: string, exitCode?: number) {
    super(message);
    this.name = "Failure";
    this.exitCode = exitCode;
  }
}

/** What to tell the person at the terminal about an error, and what to do about it; of a bug, where it is. */
export function explain(error: unknown, names: { readonly program: string }): string {
  if (error instanceof Failure) return error.message;
  if (error instanceof Refusal) return `Error: ${error.message}`;
  if (error instanceof ApiError) return explainAnswer(error, names.program);
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function explainAnswer(error: ApiError, program: string): string {
  const words = error.message.replace(/\.$/, "");
  switch (error.status) {
    case 0:
      return [
        `Error: no answer from ${error.address} (${words}).`,
        `If nothing runs there, start it with \`npm start\` in a checkout or \`${program} up\`.`,
        "If it runs elsewhere, say where with -address, FRACTUS_ADDR or NOMAD_ADDR.",
      ].join("\n");
    case 401:
    case 403:
      return [
        `Error: ${words} (${error.request}).`,
        "This needs a token that allows it: give one with -token or NOMAD_TOKEN.",
      ].join("\n");
    case 404:
      return `Error: not found: ${words} (${error.request}).`;
    default:
      return `Error: ${words} (${error.request} answered ${error.status}).`;
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}
