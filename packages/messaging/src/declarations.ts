/** The methods of the classes `exchange` and `queue`: what they ask of the virtual host, and the answers. */
import { randomBytes } from "node:crypto";
import { requireAccess } from "./access.ts";
import type { Identity, Permissions } from "./access.ts";
import { textOf } from "./codec/field-table.ts";
import type { ArgumentsOf, Method, MethodName, Said } from "./codec/methods.ts";
import type { Binding } from "./exchange.ts";
import { Fault } from "./fault.ts";
import type { Queue } from "./queue.ts";
import type { VirtualHost } from "./virtual-host.ts";

/** What a declaration needs of the channel it arrives on. */
export interface Declarer {
  readonly virtualHost: VirtualHost;
  readonly identity: Identity;
  /** The owner of exclusive queues. */
  readonly connection: object;
  /** The queue that an empty name stands for. */
  lastQueue: string | undefined;
  send<Name extends MethodName>(name: Name, args: Said<Name>): void;
  /** The answer is only true once it is on disk. */
  dependsOnDisk(): void;
  nowMs(): number;
}

/** True if the method was one of these classes and is done. */
export function declare(on: Declarer, method: Method): boolean {
  switch (method.name) {
    case "exchange.declare":
      declareExchange(on, method.args);
      return true;
    case "exchange.delete":
      deleteExchange(on, method.args);
      return true;
    case "exchange.bind":
      bindExchange(on, method.args);
      return true;
    case "exchange.unbind":
      unbindExchange(on, method.args);
      return true;
    case "queue.declare":
      declareQueue(on, method.args);
      return true;
    case "queue.bind":
      bindQueue(on, method.args);
      return true;
    case "queue.unbind":
      unbindQueue(on, method.args);
      return true;
    case "queue.purge":
      purgeQueue(on, method.args);
      return true;
    case "queue.delete":
      deleteQueue(on, method.args);
      return true;
    default:
      return false;
  }
}

/** The name, or the last queue declared on the channel for an empty one. */
export function queueNamed(on: Pick<Declarer, "lastQueue">, name: string): string {
  const found = name === "" ? on.lastQueue : name;
  if (found === undefined) throw new Fault("not-found", "no previously declared queue");
  return found;
}

/** Access to a queue or exchange by name. */
export function require(
  on: Pick<Declarer, "identity" | "virtualHost">,
  verb: keyof Permissions,
  kind: "queue" | "exchange",
  name: string,
): void {
  const shown = name === "" && kind === "exchange" ? "amq.default" : name;
  requireAccess(on.identity, verb, shown, on.virtualHost.label(kind, shown));
}

function declareExchange(on: Declarer, args: ArgumentsOf<"exchange.declare">): void {
  if (args.exchange === "") refuseDefault();
  if (args.passive) on.virtualHost.exchange(args.exchange);
  else {
    require(on, "configure", "exchange", args.exchange);
    const alternate = textOf(args.arguments.get("alternate-exchange"));
    if (alternate !== undefined) {
      require(on, "read", "exchange", args.exchange);
      require(on, "write", "exchange", alternate);
    }
    on.virtualHost.declareExchange({
      name: args.exchange,
      type: args.type,
      isDurable: args.durable,
      isAutoDelete: args.autoDelete,
      isInternal: args.internal,
      arguments: args.arguments,
    });
    on.dependsOnDisk();
  }
  if (!args.noWait) on.send("exchange.declare-ok", {});
}

function deleteExchange(on: Declarer, args: ArgumentsOf<"exchange.delete">): void {
  if (args.exchange === "") refuseDefault();
  if (args.exchange.startsWith("amq.")) {
    throw new Fault("access-refused", `exchange name '${args.exchange}' contains reserved prefix 'amq.*'`);
  }
  require(on, "configure", "exchange", args.exchange);
  const exchange = on.virtualHost.exchanges.get(args.exchange);
  if (exchange) {
    if (args.ifUnused && exchange.bindingCount > 0) {
      throw new Fault("precondition-failed", `${on.virtualHost.label("exchange", args.exchange)} in use`);
    }
    on.virtualHost.deleteExchange(exchange);
    on.dependsOnDisk();
  }
  if (!args.noWait) on.send("exchange.delete-ok", {});
}

function exchangeBinding(on: Declarer, args: ArgumentsOf<"exchange.bind">): Binding {
  if (args.source === "" || args.destination === "") refuseDefault();
  require(on, "write", "exchange", args.destination);
  require(on, "read", "exchange", args.source);
  return {
    source: args.source,
    destinationKind: "exchange",
    destination: args.destination,
    routingKey: args.routingKey,
    arguments: args.arguments,
  };
}

function bindExchange(on: Declarer, args: ArgumentsOf<"exchange.bind">): void {
  on.virtualHost.exchange(args.source);
  on.virtualHost.exchange(args.destination);
  on.virtualHost.bind(exchangeBinding(on, args));
  on.dependsOnDisk();
  if (!args.noWait) on.send("exchange.bind-ok", {});
}

function unbindExchange(on: Declarer, args: ArgumentsOf<"exchange.unbind">): void {
  on.virtualHost.unbind(exchangeBinding(on, args));
  on.dependsOnDisk();
  if (!args.noWait) on.send("exchange.unbind-ok", {});
}

function declareQueue(on: Declarer, args: ArgumentsOf<"queue.declare">): void {
  const queue = args.passive ? presentQueue(on, args.queue) : declaredQueue(on, args);
  on.lastQueue = queue.name;
  if (args.noWait) return;
  on.send("queue.declare-ok", {
    queue: queue.name,
    messageCount: queue.readyCount,
    consumerCount: queue.consumerCount,
  });
}

function presentQueue(on: Declarer, name: string): Queue {
  return on.virtualHost.queue(queueNamed(on, name), on.connection);
}

function declaredQueue(on: Declarer, args: ArgumentsOf<"queue.declare">): Queue {
  const name = args.queue === "" ? `amq.gen-${randomBytes(16).toString("base64url")}` : args.queue;
  require(on, "configure", "queue", name);
  const deadLetterExchange = textOf(args.arguments.get("x-dead-letter-exchange"));
  if (deadLetterExchange !== undefined) {
    require(on, "read", "queue", name);
    require(on, "write", "exchange", deadLetterExchange);
  }
  const queue = on.virtualHost.declareQueue({
    name,
    isDurable: args.durable,
    isAutoDelete: args.autoDelete,
    owner: args.exclusive ? on.connection : undefined,
    arguments: args.arguments,
  });
  on.dependsOnDisk();
  return queue;
}

function queueBinding(on: Declarer, args: ArgumentsOf<"queue.unbind">): Binding {
  const destination = queueNamed(on, args.queue);
  const routingKey = args.queue === "" && args.routingKey === "" ? destination : args.routingKey;
  if (args.exchange === "") refuseDefault();
  require(on, "write", "queue", destination);
  require(on, "read", "exchange", args.exchange);
  return {
    source: args.exchange,
    destinationKind: "queue",
    destination,
    routingKey,
    arguments: args.arguments,
  };
}

function bindQueue(on: Declarer, args: ArgumentsOf<"queue.bind">): void {
  const binding = queueBinding(on, args);
  on.virtualHost.queue(binding.destination, on.connection);
  on.virtualHost.exchange(binding.source);
  on.virtualHost.bind(binding);
  on.dependsOnDisk();
  if (!args.noWait) on.send("queue.bind-ok", {});
}

/** As in RabbitMQ, taking away what is not there is no error, but a queue of another connection is. */
function unbindQueue(on: Declarer, args: ArgumentsOf<"queue.unbind">): void {
  const binding = queueBinding(on, args);
  if (on.virtualHost.queues.has(binding.destination)) {
    on.virtualHost.queue(binding.destination, on.connection);
  }
  on.virtualHost.unbind(binding);
  on.dependsOnDisk();
  on.send("queue.unbind-ok", {});
}

function purgeQueue(on: Declarer, args: ArgumentsOf<"queue.purge">): void {
  const name = queueNamed(on, args.queue);
  require(on, "read", "queue", name);
  const messageCount = on.virtualHost.queue(name, on.connection).purge();
  on.dependsOnDisk();
  if (!args.noWait) on.send("queue.purge-ok", { messageCount });
}

/** Deleting what is not there is no error. https://www.rabbitmq.com/docs/specification */
function deleteQueue(on: Declarer, args: ArgumentsOf<"queue.delete">): void {
  const name = queueNamed(on, args.queue);
  require(on, "configure", "queue", name);
  const messageCount = on.virtualHost.queues.has(name) ? deletePresent(on, name, args) : 0;
  if (!args.noWait) on.send("queue.delete-ok", { messageCount });
}

function deletePresent(on: Declarer, name: string, args: ArgumentsOf<"queue.delete">): number {
  const queue = on.virtualHost.queue(name, on.connection);
  const label = on.virtualHost.label("queue", name);
  if (args.ifUnused && queue.consumerCount > 0) throw new Fault("precondition-failed", `${label} in use`);
  if (args.ifEmpty && queue.readyCount > 0) throw new Fault("precondition-failed", `${label} not empty`);
  on.dependsOnDisk();
  return on.virtualHost.deleteQueue(queue);
}

function refuseDefault(): never {
  throw new Fault("access-refused", "operation not permitted on the default exchange");
}
