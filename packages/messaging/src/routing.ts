import type { FieldTable } from "./codec/field-table.ts";
import type { Exchange } from "./exchange.ts";

/**
 * The names of the queues a message reaches: through the exchange, those bound to it, and the alternate
 * exchange of each that matches nothing. Cycles are walked once.
 *
 * @param exchanges every exchange by name; the default exchange, named "", is not among them: it routes
 *   to the queue that is named like the routing key, whether there is one is for the caller to see
 */
export function route(
  exchanges: ReadonlyMap<string, Exchange>,
  message: {
    readonly exchange: string;
    readonly routingKeys: readonly string[];
    readonly headers: FieldTable;
  },
): Set<string> {
  const queues = new Set<string>();
  const seen = new Set<string>();
  const waiting = [message.exchange];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    if (name === "") for (const key of message.routingKeys) queues.add(key);
    const exchange = exchanges.get(name);
    if (!exchange) continue;
    let isMatched = false;
    for (const key of message.routingKeys) {
      for (const { destinationKind, destination } of exchange.match(key, message.headers)) {
        isMatched = true;
        if (destinationKind === "queue") queues.add(destination);
        else waiting.push(destination);
      }
    }
    if (!isMatched && exchange.alternate !== undefined) waiting.push(exchange.alternate);
  }
  return queues;
}
