import { encodeTable, sameField, textOf } from "./codec/field-table.ts";
import type { FieldTable } from "./codec/field-table.ts";
import { TopicTree } from "./topic-tree.ts";

export const exchangeTypes = ["direct", "fanout", "topic", "headers"] as const;

export type ExchangeType = (typeof exchangeTypes)[number];

export interface ExchangeIdentity {
  readonly name: string;
  readonly type: ExchangeType;
  readonly isDurable: boolean;
  readonly isAutoDelete: boolean;
  /** Clients may not publish to it, only other exchanges. */
  readonly isInternal: boolean;
  readonly arguments: FieldTable;
}

export interface Binding {
  readonly source: string;
  readonly destinationKind: "queue" | "exchange";
  readonly destination: string;
  readonly routingKey: string;
  readonly arguments: FieldTable;
}

/** Two bindings with the same key are the same binding. */
export function bindingKey(binding: Binding): string {
  const { source, destinationKind, destination, routingKey } = binding;
  return JSON.stringify([
    source,
    destinationKind,
    destination,
    routingKey,
    encodeTable(binding.arguments).toString("latin1"),
  ]);
}

/** An exchange and what is bound to it. It finds bindings; `route` follows them. */
export class Exchange {
  readonly identity: ExchangeIdentity;
  readonly #bindings = new Map<string, Binding>();
  readonly #byKey = new Map<string, Set<Binding>>();
  readonly #topics = new TopicTree<Binding>();

  constructor(identity: ExchangeIdentity) {
    this.identity = identity;
  }

  /** A snapshot. */
  get bindings(): readonly Binding[] {
    return [...this.#bindings.values()];
  }

  get bindingCount(): number {
    return this.#bindings.size;
  }

  /** The exchange that gets what finds no binding. https://www.rabbitmq.com/docs/ae */
  get alternate(): string | undefined {
    return textOf(this.identity.arguments.get("alternate-exchange"));
  }

  /** False if the same binding is already there. */
  bind(binding: Binding): boolean {
    const key = bindingKey(binding);
    if (this.#bindings.has(key)) return false;
    this.#bindings.set(key, binding);
    if (this.identity.type === "topic") this.#topics.add(binding.routingKey, binding);
    const bound = this.#byKey.get(binding.routingKey);
    if (bound) bound.add(binding);
    else this.#byKey.set(binding.routingKey, new Set([binding]));
    return true;
  }

  /** The binding that was there, or undefined. */
  unbind(like: Binding): Binding | undefined {
    const key = bindingKey(like);
    const binding = this.#bindings.get(key);
    if (!binding) return undefined;
    this.#bindings.delete(key);
    if (this.identity.type === "topic") this.#topics.delete(binding.routingKey, binding);
    const bound = this.#byKey.get(binding.routingKey)!;
    bound.delete(binding);
    if (bound.size === 0) this.#byKey.delete(binding.routingKey);
    return binding;
  }

  /** The bindings a message with this routing key and these headers takes. */
  match(routingKey: string, headers: FieldTable): Iterable<Binding> {
    switch (this.identity.type) {
      case "direct":
        return this.#byKey.get(routingKey) ?? [];
      case "fanout":
        return this.#bindings.values();
      case "topic":
        return this.#topics.match(routingKey);
      default:
        return this.#bindings.values().filter((binding) => headersMatch(binding.arguments, headers));
    }
  }
}

/**
 * The `x-match` rules: `all` and `any` leave out arguments that begin with `x-`, `all-with-x` and
 * `any-with-x` do not; an argument without a value asks only that the header is there.
 * https://www.rabbitmq.com/tutorials/amqp-concepts#exchange-headers
 */
function headersMatch(wanted: FieldTable, headers: FieldTable): boolean {
  const rule = textOf(wanted.get("x-match")) ?? "all";
  const withX = rule.endsWith("-with-x");
  const names = [...wanted.keys()].filter((name) => name !== "x-match" && (withX || !name.startsWith("x-")));
  const holds = (name: string): boolean => {
    const field = wanted.get(name)!;
    return field.tag === "V" ? headers.has(name) : sameField(field, headers.get(name));
  };
  return rule.startsWith("any") ? names.some(holds) : names.every(holds);
}
