/**
 * The reply codes of AMQP 0-9-1 that a broker raises, and whether each ends the channel or the
 * whole connection. https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, section 1.1 ("constants").
 */
const codes = {
  "content-too-large": [311, "channel"],
  "connection-forced": [320, "connection"],
  "invalid-path": [402, "connection"],
  "access-refused": [403, "channel"],
  "not-found": [404, "channel"],
  "resource-locked": [405, "channel"],
  "precondition-failed": [406, "channel"],
  "frame-error": [501, "connection"],
  "syntax-error": [502, "connection"],
  "command-invalid": [503, "connection"],
  "channel-error": [504, "connection"],
  "unexpected-frame": [505, "connection"],
  "resource-error": [506, "connection"],
  "not-allowed": [530, "connection"],
  "not-implemented": [540, "connection"],
  "internal-error": [541, "connection"],
} as const satisfies Record<string, readonly [number, "channel" | "connection"]>;

export type FaultKind = keyof typeof codes;

/**
 * An error the protocol has a code for. Thrown anywhere below a connection; the connection answers it
 * with Channel.Close or Connection.Close. The reply text is written for the client.
 */
export class Fault extends Error {
  readonly kind: FaultKind;
  readonly code: number;
  readonly scope: "channel" | "connection";

  constructor(kind: FaultKind, text: string, options?: ErrorOptions) {
    super(text, options);
    this.name = "Fault";
    this.kind = kind;
    [this.code, this.scope] = codes[kind];
  }

  /** `NOT_FOUND - no queue 'x' in vhost '/'`, cut to the 255 bytes of a short string. */
  get replyText(): string {
    const text = `${this.kind.toUpperCase().replaceAll("-", "_")} - ${this.message}`;
    return Buffer.byteLength(text) <= 255 ? text : Buffer.from(text).toString("utf8", 0, 252) + "...";
  }
}
