/**
 * A request that did not succeed.
 *
 * `status` is that of HTTP, or 0 if there was no answer at all; the message is what the server said, or
 * why it could not be reached.
 */
export class ApiError extends Error {
  readonly status: number;
  /** What was asked: `GET /v1/job/example`. */
  readonly request: string;
  /** Where the server was looked for. */
  readonly address: string;

  constructor(
    message: string,
    where: { readonly status: number; readonly request: string; readonly address: string },
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
    this.name = "ApiError";
    this.status = where.status;
    this.request = where.request;
    this.address = where.address;
  }
}
