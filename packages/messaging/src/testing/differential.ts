/** Seeded sequences of operations, and what a broker answers to each, in a form that can be compared. */
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "amqplib";
import type { ConfirmChannel, GetMessage, Options } from "amqplib";

type Random = (below: number) => number;

export interface Operation {
  readonly label: string;
  /** Messages may be on their way between queues afterwards, which RabbitMQ does in its own time. */
  readonly isSlow: boolean;
  /** The answer, as JSON. */
  perform(on: Session): Promise<unknown>;
}

interface Session {
  readonly channel: ConfirmChannel;
  readonly unacked: GetMessage[];
}

const queueNames = ["diff.q0", "diff.q1", "diff.q2", "diff.q3"];
const exchangeNames = ["diff.x0", "diff.x1", "diff.x2", "amq.topic"];
const keys = ["", "a", "a.b", "a.b.c", "b", ...queueNames];
const patterns = ["", "a", "a.*", "#", "*.b.#", "b"];
const queueArguments: readonly Options.AssertQueue[] = [
  { durable: true },
  { durable: false },
  { durable: true, maxLength: 2, deadLetterExchange: "", deadLetterRoutingKey: "diff.q0" },
  { durable: true, maxLength: 1, arguments: { "x-overflow": "reject-publish" } },
  { durable: true, maxPriority: 3 },
  { durable: true, deadLetterExchange: "diff.x0" },
];
const exchangeTypes = ["direct", "fanout", "topic", "headers"];

export function operations(count: number, random: Random): Operation[] {
  return Array.from({ length: count }, (_, index) => operation(index, random));
}

function operation(index: number, random: Random): Operation {
  const pick = <Item>(items: readonly Item[]) => items[random(items.length)];
  const queue = pick(queueNames);
  const exchange = pick(exchangeNames);
  const fast = (label: string, perform: Operation["perform"]) => ({ label, isSlow: false, perform });
  const slow = (label: string, perform: Operation["perform"]) => ({ label, isSlow: true, perform });
  switch (random(16)) {
    case 0: {
      const options = queueArguments[random(4) === 0 ? random(queueArguments.length) : Number(queue.at(-1))];
      return fast(`declare ${queue} ${JSON.stringify(options)}`, ({ channel }) =>
        channel.assertQueue(queue, options),
      );
    }
    case 1: {
      const type = random(5) === 0 ? pick(exchangeTypes) : exchangeTypes[Number(exchange.at(-1)) || 0];
      return fast(`declare ${exchange} ${type}`, ({ channel }) => channel.assertExchange(exchange, type));
    }
    case 2:
    case 3: {
      const [pattern, args] = [pick(patterns), random(3) === 0 ? { "x-match": "any", h: random(2) } : {}];
      return fast(`bind ${queue} ${exchange} ${pattern}`, ({ channel }) =>
        channel.bindQueue(queue, exchange, pattern, args),
      );
    }
    case 4: {
      const pattern = pick(patterns);
      return fast(`unbind ${queue} ${exchange} ${pattern}`, ({ channel }) =>
        channel.unbindQueue(queue, exchange, pattern, {}),
      );
    }
    case 5: {
      const [to, pattern] = [pick(exchangeNames), pick(patterns)];
      return fast(`bind exchange ${to} ${exchange} ${pattern}`, ({ channel }) =>
        channel.bindExchange(to, exchange, pattern, {}),
      );
    }
    case 6:
      return random(4) === 0
        ? deletion(queue, random(2) === 0)
        : fast(`purge ${queue}`, ({ channel }) => channel.purgeQueue(queue));
    case 7:
      return random(6) === 0
        ? fast(`delete ${exchange}`, ({ channel }) => channel.deleteExchange(exchange))
        : fast(`check ${queue}`, ({ channel }) => channel.checkQueue(queue));
    case 8:
    case 9:
    case 10:
      return fast(`get ${queue}`, (on) => get(on, queue));
    case 11:
    case 12: {
      const [which, how, multiple] = [random(8), random(3), random(4) === 0];
      return slow(`settle ${which} ${how} ${multiple}`, (on) => settle(on, which, how, multiple));
    }
    default: {
      const [to, key] = [random(3) === 0 ? "" : exchange, pick(keys)];
      const options = {
        mandatory: true,
        persistent: random(2) === 0,
        priority: random(4),
        headers: { h: random(2) },
      };
      return slow(`publish ${to} ${key} ${index}`, (on) => publish(on, to, key, String(index), options));
    }
  }
}

function deletion(queue: string, ifEmpty: boolean): Operation {
  return {
    label: `delete ${queue} ${ifEmpty}`,
    isSlow: false,
    perform: ({ channel }) => channel.deleteQueue(queue, { ifEmpty }),
  };
}

async function get({ channel, unacked }: Session, queue: string): Promise<unknown> {
  const message = await channel.get(queue);
  if (message === false) return "empty";
  unacked.push(message);
  const { fields, properties, content } = message;
  const deaths = (properties.headers?.["x-death"] ?? []) as unknown as Record<string, unknown>[];
  return {
    body: content.toString(),
    ...fields,
    deliveryMode: properties.deliveryMode,
    headers: {
      ...properties.headers,
      "x-death": deaths.map((death) => ({ ...death, time: undefined })),
    },
  };
}

async function settle({ channel, unacked }: Session, which: number, how: number, multiple: boolean) {
  const at = which % Math.max(1, unacked.length);
  const message = unacked[at];
  if (message === undefined) return "nothing";
  unacked.splice(multiple ? 0 : at, multiple ? at + 1 : 1);
  if (how === 0) channel.ack(message, multiple);
  else channel.nack(message, multiple, how === 1);
  // A round trip: afterwards it has been done.
  return channel.prefetch(0);
}

function publish(
  { channel }: Session,
  exchange: string,
  key: string,
  body: string,
  options: Options.Publish,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let returned = "";
    const onReturn = () => (returned = " returned");
    channel.once("return", onReturn);
    channel.once("error", reject);
    channel.publish(exchange, key, Buffer.from(body), options, (error) => {
      channel.off("return", onReturn).off("error", reject);
      if (error && /channel closed/i.test(String(error))) return;
      resolve((error ? "nack" : "ack") + returned);
    });
  });
}

/** Performs the operations one after the other; a channel that was closed is opened again. */
export async function answers(
  url: string,
  sequence: readonly Operation[],
  slowMs: number,
): Promise<string[]> {
  const connection = await connect(url, { noDelay: true });
  connection.on("error", () => {});
  const open = async (): Promise<Session> => {
    const channel = await connection.createConfirmChannel();
    channel.on("error", () => {});
    return { channel, unacked: [] };
  };
  let session = await open();
  const said: string[] = [];
  for (const one of sequence) {
    try {
      said.push(`${one.label} -> ${JSON.stringify(await one.perform(session))}`);
    } catch (error) {
      said.push(`${one.label} -> error ${(error as { code?: number }).code}`);
      session = await open();
    }
    if (one.isSlow) await sleep(slowMs);
  }
  await connection.close();
  return said;
}
