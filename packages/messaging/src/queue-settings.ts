import { integerOf, textOf } from "./codec/field-table.ts";
import type { FieldTable } from "./codec/field-table.ts";
import { Fault } from "./fault.ts";

/** What the arguments of queue.declare ask for. https://www.rabbitmq.com/docs/queues#optional-arguments */
export interface QueueSettings {
  readonly type: "classic" | "quorum";
  readonly messageTtlMs?: number;
  /** A queue that nobody uses for so long is deleted. */
  readonly expiresMs?: number;
  readonly maxLength?: number;
  readonly maxLengthBytes?: number;
  readonly overflow: "drop-head" | "reject-publish" | "reject-publish-dlx";
  readonly deadLetterExchange?: string;
  readonly deadLetterRoutingKey?: string;
  /** Undefined: priorities are ignored. */
  readonly maxPriority?: number;
  /** A message that was delivered more often than this and comes back is dead-lettered. */
  readonly deliveryLimit?: number;
  readonly hasSingleActiveConsumer: boolean;
}

/**
 * Reads the arguments of queue.declare. What RabbitMQ does not know either is kept and ignored, as it
 * does; a known argument with a senseless value is a `precondition-failed` fault.
 *
 * @param label names the queue in faults: `queue 'q' in vhost '/'`
 */
export function queueSettings(args: FieldTable, label: string): QueueSettings {
  const refuse = (name: string, why: string): never => {
    throw new Fault("precondition-failed", `invalid arg '${name}' for ${label}: ${why}`);
  };
  const whole = (name: string, least: number, most: number): number | undefined => {
    const field = args.get(name);
    if (field === undefined) return undefined;
    const value = integerOf(field);
    if (value === undefined) return refuse(name, "a whole number is expected");
    if (value < least || value > most) return refuse(name, `${value} is not in ${least}..${most}`);
    return value;
  };
  const text = (name: string): string | undefined => {
    const field = args.get(name);
    if (field !== undefined && textOf(field) === undefined) return refuse(name, "a string is expected");
    return textOf(field);
  };
  const oneOf = <Word extends string>(name: string, words: readonly Word[]): Word => {
    const word = text(name) ?? words[0];
    return (
      words.find((known) => known === word) ?? refuse(name, `'${word}' is not one of ${words.join(", ")}`)
    );
  };

  const deadLetterExchange = text("x-dead-letter-exchange");
  const deadLetterRoutingKey = text("x-dead-letter-routing-key");
  if (deadLetterRoutingKey !== undefined && deadLetterExchange === undefined) {
    refuse("x-dead-letter-routing-key", "it needs x-dead-letter-exchange");
  }
  return {
    type: oneOf("x-queue-type", ["classic", "quorum"]),
    messageTtlMs: whole("x-message-ttl", 0, 0xffff_ffff),
    expiresMs: whole("x-expires", 1, 0xffff_ffff),
    maxLength: whole("x-max-length", 0, Number.MAX_SAFE_INTEGER),
    maxLengthBytes: whole("x-max-length-bytes", 0, Number.MAX_SAFE_INTEGER),
    overflow: oneOf("x-overflow", ["drop-head", "reject-publish", "reject-publish-dlx"]),
    deadLetterExchange,
    deadLetterRoutingKey,
    maxPriority: whole("x-max-priority", 0, 255),
    deliveryLimit: whole("x-delivery-limit", 0, Number.MAX_SAFE_INTEGER),
    hasSingleActiveConsumer: args.get("x-single-active-consumer")?.value === true,
  };
}
