/**
 * The work queue as the application sees it: publish, take one at a time, ask how long it is.
 *
 * A connection is `connecting` until the broker has answered, then `open`; whatever breaks it, the
 * broker's restart or the network, brings it back to `connecting`, with growing pauses. Only `close`
 * ends it. What was published but not confirmed when it broke rejects; who publishes tries again.
 */
import { backOff, wait } from "@fractals/program/wait.ts";
import type { Log } from "@fractals/program/log.ts";
import { connect, type Channel, type ChannelModel, type ConfirmChannel, type ConsumeMessage } from "amqplib";
import { decodeTask, encodeTask, type Task } from "./task.ts";
import { deadExchange, deadQueue, exchange, queue, queueArguments, routingKey } from "./topology.ts";

/** What became of a delivered task: it is settled, or it goes back to the queue. */
export type Outcome = "done" | "again";

export interface Delivery {
  readonly task: Task;
  /** It was delivered before, and perhaps drawn. */
  readonly redelivered: boolean;
}

export interface Consumer {
  /** Takes no more tasks; resolves once the one being worked on is settled or given back. */
  stop(): Promise<void>;
}

export interface Queue {
  /** Resolves when the broker has all of them on disk. Publishing a task again is harmless to those who draw it. */
  publish(tasks: readonly Task[]): Promise<void>;
  /**
   * Takes tasks one at a time (CL-19) and acknowledges each when `handle` has resolved (CL-20).
   * A message that is no task goes to `reject` and is dropped. Goes on over reconnections until it is stopped.
   */
  consume(handlers: {
    handle(delivery: Delivery, signal: AbortSignal): Promise<Outcome>;
    reject(body: Buffer, error: unknown): void;
  }): Consumer;
  /** Takes the tasks that were given up; the message's bytes are kept as they are. */
  consumeDead(handle: (body: Buffer) => Promise<void>): Consumer;
  /** Undefined while the broker cannot be asked. */
  depth(): Promise<{ readonly waiting: number; readonly consumers: number } | undefined>;
  isOpen(): boolean;
  /** Told each time the broker can be reached again. */
  onOpen(tell: () => void): void;
  close(): Promise<void>;
}

const heartbeatSeconds = 10;
const publishLimitMs = 30_000;

/** @param url `amqp://guest:guest@localhost:5672/` (CL-41) */
export function openQueue(url: string, log: Log): Queue {
  const stopping = new AbortController();
  const pauses = backOff(50, 3000);
  let open: { readonly model: ChannelModel; readonly publisher: ConfirmChannel } | undefined;
  const whenOpen = new Set<(model: ChannelModel) => void>();

  async function attempt(): Promise<void> {
    const model = await connect(withHeartbeat(url), { noDelay: true, timeout: 10_000 });
    model.on("error", (error: Error) => log.warning(`the queue's connection broke: ${error.message}`));
    const closed = new Promise<void>((resolve) => model.once("close", () => resolve()));
    try {
      await declare(model);
      const publisher = await model.createConfirmChannel();
      publisher.on("error", (error: Error) => log.warning(`the publishing channel broke: ${error.message}`));
      publisher.once("close", () => void model.close().catch(() => {}));
      open = { model, publisher };
      pauses.reset();
      log.info(`connected to the queue at ${withoutPassword(url)}`);
      for (const tell of whenOpen) tell(model);
      await closed;
    } finally {
      open = undefined;
      await model.close().catch(() => {});
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await attempt();
      } catch (error) {
        log.warning(`no queue at ${withoutPassword(url)}: ${messageOf(error)}`);
      }
      if (!stopping.signal.aborted) await wait(pauses.nextMs(), stopping.signal).catch(() => {});
    }
  }
  const running = run();

  /** Keeps a consumer going on every connection there will be. */
  function consumeOn(
    name: string,
    onMessage: (message: ConsumeMessage, channel: Channel, signal: AbortSignal) => Promise<void>,
  ): Consumer {
    const stop = new AbortController();
    let current: { readonly channel: Channel; readonly tag: string } | undefined;
    let working: Promise<void> | undefined;

    const start = async (model: ChannelModel) => {
      const channel = await model.createChannel();
      channel.on("error", (error: Error) => log.warning(`the consuming channel broke: ${error.message}`));
      channel.once("close", () => {
        current = undefined;
        // A channel that the broker closed takes the connection with it, and both come back together.
        if (!stop.signal.aborted) void model.close().catch(() => {});
      });
      await channel.prefetch(1);
      const { consumerTag } = await channel.consume(name, (message) => {
        if (message === null) return void channel.close().catch(() => {});
        working = onMessage(message, channel, stop.signal).finally(() => (working = undefined));
        return undefined;
      });
      current = { channel, tag: consumerTag };
    };
    const begin = (model: ChannelModel) =>
      void start(model).catch((error: unknown) => {
        log.warning(`cannot consume from "${name}": ${messageOf(error)}`);
        return model.close().catch(() => {});
      });
    whenOpen.add(begin);
    if (open) begin(open.model);
    return {
      async stop() {
        whenOpen.delete(begin);
        await current?.channel.cancel(current.tag).catch(() => {});
        stop.abort(new Error("the consumer is stopping"));
        await working;
        await current?.channel.close().catch(() => {});
      },
    };
  }

  return {
    async publish(tasks) {
      if (!open) throw new Error("The queue cannot be reached.");
      const { publisher } = open;
      const confirmed = tasks.map(
        (task) =>
          new Promise<void>((resolve, reject) => {
            const options = { persistent: true, contentType: "application/json", messageId: task.uuid };
            publisher.publish(exchange, routingKey, encodeTask(task), options, (error: unknown) => {
              if (error) reject(new Error(`the queue did not take task ${task.uuid}`, { cause: error }));
              else resolve();
            });
          }),
      );
      await withLimit(Promise.all(confirmed), publishLimitMs, "The queue did not confirm in time.");
    },

    consume: ({ handle, reject }) =>
      consumeOn(queue, async (message, channel, signal) => {
        let task: Task;
        try {
          task = decodeTask(message.content);
        } catch (error) {
          reject(message.content, error);
          return settle(() => channel.ack(message));
        }
        const outcome = await handle({ task, redelivered: message.fields.redelivered }, signal).catch(
          (error: unknown) => {
            log.error(`task ${task.uuid} goes back to the queue`, error);
            return "again" as const;
          },
        );
        settle(() => (outcome === "done" ? channel.ack(message) : channel.nack(message, false, true)));
      }),

    consumeDead: (handle) =>
      consumeOn(deadQueue, async (message, channel) => {
        try {
          await handle(message.content);
        } catch (error) {
          log.error("a task that was given up could not be noted", error);
          await wait(1000);
          return settle(() => channel.nack(message, false, true));
        }
        settle(() => channel.ack(message));
      }),

    async depth() {
      if (!open) return undefined;
      try {
        const channel = await open.model.createChannel();
        channel.on("error", () => {});
        const { messageCount, consumerCount } = await channel.checkQueue(queue);
        await channel.close();
        return { waiting: messageCount, consumers: consumerCount };
      } catch {
        return undefined;
      }
    },

    isOpen: () => open !== undefined,

    onOpen: (tell) => void whenOpen.add(tell),

    async close() {
      stopping.abort(new Error("the queue is closing"));
      await open?.model.close().catch(() => {});
      await running;
    },
  };
}

/** Exchanges and queues as `topology.ts` tells; declaring them again changes nothing. */
async function declare(model: ChannelModel): Promise<void> {
  const channel = await model.createChannel();
  channel.on("error", () => {});
  await channel.assertExchange(deadExchange, "direct", { durable: true });
  await channel.assertQueue(deadQueue, { durable: true, arguments: { "x-queue-type": "quorum" } });
  await channel.bindQueue(deadQueue, deadExchange, deadQueue);
  await channel.assertExchange(exchange, "direct", { durable: true });
  await channel.assertQueue(queue, { durable: true, arguments: queueArguments });
  await channel.bindQueue(queue, exchange, routingKey);
  await channel.close();
}

/** Settling on a channel that is gone is no error: the broker has already taken the message back. */
function settle(act: () => void): void {
  try {
    act();
  } catch {
    return;
  }
}

function withHeartbeat(url: string): string {
  const withSlash = new URL(url);
  if (!withSlash.searchParams.has("heartbeat"))
    withSlash.searchParams.set("heartbeat", String(heartbeatSeconds));
  // The tutorial's URL ends in "/", which is the vhost named "" to a URL parser and "/" to everyone who writes it.
  if (withSlash.pathname === "/") withSlash.pathname = "/%2F";
  return withSlash.href;
}

/** The URL as it may stand in a log. */
export function withoutPassword(url: string): string {
  return url.replace(/(\/\/[^:@/]*):[^@/]*@/, "$1:…@");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function withLimit<T>(promise: Promise<T>, limitMs: number, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
