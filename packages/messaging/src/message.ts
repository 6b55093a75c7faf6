/** What was published: shared by all queues it was routed to, never modified. */
export interface Content {
  readonly exchange: string;
  readonly routingKey: string;
  /** Property flags and list as on the wire; see codec/properties.ts. */
  readonly properties: Buffer;
  readonly body: Buffer;
}

/** What routing and queues need to know of a message besides its content. */
export interface Traits {
  /** Delivery mode 2. */
  readonly isPersistent: boolean;
  readonly priority: number;
  /** The message's own time to live, `expiration`. */
  readonly ttlMs?: number;
}

/**
 * A message in one queue.
 *
 * Positions grow with every entry of the broker and are never reused, so within a priority they are
 * the order of the queue; a requeued entry goes back to its place.
 */
export interface Entry {
  readonly position: number;
  /** Undefined while it is only on disk. */
  content: Content | undefined;
  /** Size of the body. */
  readonly bytes: number;
  readonly priority: number;
  /** Whether the journal has it: a persistent message in a durable queue. */
  readonly isStored: boolean;
  readonly expiresAtMs: number | undefined;
  /** How often it was delivered. */
  attempts: number;
}

/** Why a message left its queue for the dead-letter exchange, in the words of the `x-death` header. */
export type DeathReason = "rejected" | "expired" | "maxlen" | "delivery_limit";
