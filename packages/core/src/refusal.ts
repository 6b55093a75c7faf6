/**
 * Why a request was turned down. Every door translates each kind with one table
 * (`satisfies Record<RefusalKind, …>`), so a new kind does not compile until all doors know it.
 */
export type RefusalKind = "invalid" | "forbidden" | "not-found" | "conflict" | "exhausted" | "unavailable";

/**
 * A refusal the caller can act on: the message is written for the caller. Anything else that is
 * thrown is a bug or a broken machine.
 */
export class Refusal extends Error {
  readonly kind: RefusalKind;

  constructor(kind: RefusalKind, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "Refusal";
    this.kind = kind;
  }
}
