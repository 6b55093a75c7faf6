/**
 * What a program may expect of an AMQP 0-9-1 broker, said with a client that others wrote (amqplib). The
 * same suite runs on our broker and on RabbitMQ: where both pass, a program can move from one to the other.
 */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "amqplib";
import { RawClient } from "./testing/raw-client.ts";
import type { Channel, ChannelModel, ConfirmChannel, ConsumeMessage, GetMessage, Options } from "amqplib";

export interface Subject {
  /** `amqp://guest:guest@127.0.0.1:PORT/` */
  readonly url: string;
  stop(): Promise<void>;
}

/** Defines the suite for one broker, which is started before it and stopped after it. */
export function contractSuite(
  name: string,
  start: () => Promise<Subject>,
  options: { readonly skip?: string | false } = {},
): void {
  suite(name, { skip: options.skip ?? false }, () => {
    let subject: Subject;
    before(async () => {
      subject = await start();
    });
    after(() => subject?.stop());
    const check = (claim: string, body: (on: Bench) => Promise<void>) => {
      test(`${name}: ${claim}`, { timeout: 20_000 }, async () => {
        const bench = await openBench(subject.url);
        try {
          await body(bench);
        } finally {
          await bench.close();
        }
      });
    };
    connecting(check);
    declaring(check);
    routing(check);
    publishing(check);
    consuming(check);
    settling(check);
    limiting(check);
  });
}

type Check = (claim: string, body: (on: Bench) => Promise<void>) => void;

/** One connection with a confirm channel, and names of its own. */
interface Bench {
  readonly url: string;
  readonly connection: ChannelModel;
  readonly channel: ConfirmChannel;
  /** A further connection, closed with the bench. */
  connect(): Promise<ChannelModel>;
  /** A durable queue, deleted with the bench. */
  queue(options?: Options.AssertQueue): Promise<string>;
  exchange(type: string, options?: Options.AssertExchange): Promise<string>;
  /** Publishes persistent messages to a queue and waits for the confirms. */
  fill(queue: string, ...bodies: readonly string[]): Promise<void>;
  /** Takes everything out of a queue, in order. */
  drain(queue: string): Promise<string[]>;
  close(): Promise<void>;
}

let names = 0;

async function openBench(url: string): Promise<Bench> {
  const connections: ChannelModel[] = [];
  const open = async () => {
    const connection = await connect(url, { noDelay: true });
    connection.on("error", () => {});
    connections.push(connection);
    return connection;
  };
  const connection = await open();
  const channel = await connection.createConfirmChannel();
  channel.on("error", () => {});
  const queues: string[] = [];
  const exchanges: string[] = [];
  return {
    url,
    connection,
    channel,
    connect: open,
    queue: async (options = {}) => {
      const { queue } = await channel.assertQueue(`contract.${process.pid}.${++names}`, options);
      queues.push(queue);
      return queue;
    },
    exchange: async (type, options = {}) => {
      const { exchange } = await channel.assertExchange(`contract.${process.pid}.${++names}`, type, options);
      exchanges.push(exchange);
      return exchange;
    },
    fill: async (queue, ...bodies) => {
      for (const body of bodies) channel.sendToQueue(queue, Buffer.from(body), { persistent: true });
      await channel.waitForConfirms();
    },
    drain: async (queue) => {
      const reader = await connection.createChannel();
      const bodies: string[] = [];
      for (let message = await got(reader, queue); message; message = await got(reader, queue)) {
        bodies.push(message.content.toString());
        reader.ack(message);
      }
      await reader.close();
      return bodies;
    },
    close: async () => {
      const cleaner = await open().then((fresh) => fresh.createChannel());
      for (const queue of queues) await cleaner.deleteQueue(queue);
      for (const exchange of exchanges) await cleaner.deleteExchange(exchange);
      await Promise.all(connections.map((one) => one.close().catch(() => {})));
    },
  };
}

async function got(channel: Channel, queue: string, noAck = false): Promise<GetMessage | undefined> {
  return (await channel.get(queue, { noAck })) || undefined;
}

/** Collects deliveries; `until(n)` waits for the nth. */
async function collect(channel: Channel, queue: string, options: Options.Consume = {}) {
  const messages: ConsumeMessage[] = [];
  let cancelled = false;
  const { consumerTag } = await channel.consume(
    queue,
    (message) => {
      if (message) messages.push(message);
      else cancelled = true;
    },
    options,
  );
  const poll = async (isDone: () => boolean, what: string) => {
    for (let tick = 0; tick < 500; tick++) {
      if (isDone()) return;
      await sleep(10);
    }
    assert.fail(`${what}; have ${messages.map((message) => message.content.toString()).join(" ")}`);
  };
  return {
    consumerTag,
    messages,
    bodies: () => messages.map((message) => message.content.toString()),
    until: (count: number) => poll(() => messages.length >= count, `${count} messages are awaited`),
    untilCancelled: () => poll(() => cancelled, "a cancel is awaited"),
  };
}

/** Expects the operation to close its channel with this reply code. */
async function refused(
  bench: Bench,
  code: number,
  ask: (channel: Channel) => Promise<unknown>,
): Promise<void> {
  const channel = await bench.connection.createChannel();
  const closed = new Promise<{ code?: number }>((resolve) => channel.on("error", resolve));
  await assert.rejects(
    async () => {
      await ask(channel);
      throw await closed;
    },
    (error: { code?: number; message: string }) => {
      assert.equal(error.code, code, error.message);
      return true;
    },
  );
}

function connecting(check: Check): void {
  check("it greets with its capabilities", async ({ connection }) => {
    const { capabilities } = connection.connection.serverProperties as unknown as {
      capabilities: Record<string, boolean>;
    };
    for (const name of ["publisher_confirms", "basic.nack", "consumer_cancel_notify", "connection.blocked"]) {
      assert.equal(capabilities[name], true, name);
    }
  });
  check("a wrong password is refused", async ({ url }) => {
    const wrong = url.replace("guest:guest", "guest:wrong");
    await assert.rejects(connect(wrong), /ACCESS.REFUSED|403/);
  });
  check("an unknown virtual host is refused", async ({ url }) => {
    const client = new RawClient(Number(new URL(url).port));
    await client.login();
    client.method(0, "connection.tune-ok", { channelMax: 2047, frameMax: 131_072, heartbeat: 0 });
    client.method(0, "connection.open", { virtualHost: "nowhere" });
    assert.equal((await client.expect("connection.close")).replyCode, 530);
    client.destroy();
  });
  check("an error on one channel leaves the others", async (bench) => {
    await refused(bench, 404, (channel) => channel.checkQueue("contract.not.there"));
    assert.deepEqual(await bench.drain(await bench.queue()), []);
  });
}

function declaring(check: Check): void {
  check("declaring again is harmless, declaring otherwise is refused", async (bench) => {
    const queue = await bench.queue({ durable: true, messageTtl: 60_000 });
    await bench.channel.assertQueue(queue, { durable: true, messageTtl: 60_000 });
    await refused(bench, 406, (channel) =>
      channel.assertQueue(queue, { durable: false, messageTtl: 60_000 }),
    );
    await refused(bench, 406, (channel) => channel.assertQueue(queue, { durable: true }));
    const exchange = await bench.exchange("direct");
    await refused(bench, 406, (channel) => channel.assertExchange(exchange, "fanout"));
  });
  check("a passive declaration counts", async (bench) => {
    const queue = await bench.queue();
    await bench.fill(queue, "a", "b", "c");
    await collect(
      await bench.connection.createChannel().then(async (one) => (await one.prefetch(1), one)),
      queue,
    );
    await sleep(50);
    const { messageCount, consumerCount } = await bench.channel.checkQueue(queue);
    assert.deepEqual({ messageCount, consumerCount }, { messageCount: 2, consumerCount: 1 });
  });
  check("what is missing is not found", async (bench) => {
    await refused(bench, 404, (channel) => channel.checkQueue("contract.not.there"));
    await refused(bench, 404, (channel) => channel.checkExchange("contract.not.there"));
    const queue = await bench.queue();
    await refused(bench, 404, (channel) => channel.bindQueue(queue, "contract.not.there", "k"));
    await refused(bench, 404, (channel) => channel.consume("contract.not.there", () => {}));
    await refused(bench, 404, (channel) => channel.get("contract.not.there"));
    await refused(bench, 404, (channel) => channel.purgeQueue("contract.not.there"));
    await bench.channel.deleteQueue("contract.not.there");
    await bench.channel.deleteExchange("contract.not.there");
  });
  check("reserved names and the default exchange are left alone", async (bench) => {
    await refused(bench, 403, (channel) => channel.assertQueue("amq.mine"));
    await refused(bench, 403, (channel) => channel.assertExchange("amq.mine", "direct"));
    await refused(bench, 403, (channel) => channel.deleteExchange("amq.direct"));
    await refused(bench, 403, async (channel) => channel.bindQueue(await bench.queue(), "", "k"));
    await bench.channel.checkExchange("amq.topic");
  });
  check("a queue without a name gets one", async ({ channel }) => {
    const { queue } = await channel.assertQueue("", { exclusive: true });
    assert.match(queue, /^amq\.gen-/);
  });
  check("an exclusive queue is for its connection and ends with it", async (bench) => {
    const owner = await bench.connect();
    const channel = await owner.createChannel();
    const name = `contract.exclusive.${process.pid}`;
    await channel.assertQueue(name, { exclusive: true });
    await refused(bench, 405, (other) => other.checkQueue(name));
    await refused(bench, 405, (other) => other.consume(name, () => {}));
    await owner.close();
    await refused(bench, 404, (other) => other.checkQueue(name));
  });
  check("an auto-delete queue goes with its last consumer", async (bench) => {
    const queue = await bench.queue({ autoDelete: true, durable: false });
    const one = await collect(bench.channel, queue);
    const two = await collect(bench.channel, queue);
    await bench.channel.cancel(one.consumerTag);
    await bench.channel.checkQueue(queue);
    await bench.channel.cancel(two.consumerTag);
    await refused(bench, 404, (channel) => channel.checkQueue(queue));
  });
  check("an auto-delete exchange goes with its last binding", async (bench) => {
    const exchange = await bench.exchange("fanout", { autoDelete: true });
    const queue = await bench.queue();
    await bench.channel.bindQueue(queue, exchange, "");
    await bench.channel.unbindQueue(queue, exchange, "");
    await refused(bench, 404, (channel) => channel.checkExchange(exchange));
  });
  check("deleting can ask for unused and empty", async (bench) => {
    const queue = await bench.queue();
    await bench.fill(queue, "a");
    await refused(bench, 406, (channel) => channel.deleteQueue(queue, { ifEmpty: true }));
    const consumer = await collect(bench.channel, queue);
    await refused(bench, 406, (channel) => channel.deleteQueue(queue, { ifUnused: true }));
    await bench.channel.cancel(consumer.consumerTag);
    const exchange = await bench.exchange("fanout");
    await bench.channel.bindQueue(queue, exchange, "");
    await refused(bench, 406, (channel) => channel.deleteExchange(exchange, { ifUnused: true }));
  });
  check("purging takes what is ready and counts it", async (bench) => {
    const queue = await bench.queue();
    await bench.fill(queue, "a", "b", "c");
    assert.equal((await bench.channel.purgeQueue(queue)).messageCount, 3);
    assert.deepEqual(await bench.drain(queue), []);
  });
}

function routing(check: Check): void {
  const routed = async (bench: Bench, type: string, binding: string, keys: readonly string[]) => {
    const exchange = await bench.exchange(type);
    const queue = await bench.queue();
    await bench.channel.bindQueue(queue, exchange, binding);
    for (const key of keys) bench.channel.publish(exchange, key, Buffer.from(key));
    await bench.channel.waitForConfirms();
    return bench.drain(queue);
  };
  check("direct, fanout and topic exchanges route by key", async (bench) => {
    assert.deepEqual(await routed(bench, "direct", "a.b", ["a.b", "a", "a.b.c"]), ["a.b"]);
    assert.deepEqual(await routed(bench, "fanout", "a", ["b", ""]), ["b", ""]);
    assert.deepEqual(await routed(bench, "topic", "a.*.c", ["a.b.c", "a.c", "a.b.b.c"]), ["a.b.c"]);
    assert.deepEqual(await routed(bench, "topic", "a.#", ["a", "a.b.c", "b.a"]), ["a", "a.b.c"]);
  });
  check("headers exchanges route by headers", async (bench) => {
    const exchange = await bench.exchange("headers");
    const all = await bench.queue();
    const any = await bench.queue();
    await bench.channel.bindQueue(all, exchange, "", { "x-match": "all", a: 1, b: "x" });
    await bench.channel.bindQueue(any, exchange, "", { "x-match": "any", a: 1, b: "x" });
    bench.channel.publish(exchange, "", Buffer.from("both"), { headers: { a: 1, b: "x", c: true } });
    bench.channel.publish(exchange, "", Buffer.from("one"), { headers: { a: 1, b: "y" } });
    bench.channel.publish(exchange, "", Buffer.from("none"), {});
    await bench.channel.waitForConfirms();
    assert.deepEqual(await bench.drain(all), ["both"]);
    assert.deepEqual(await bench.drain(any), ["both", "one"]);
  });
  check("exchanges can be bound to exchanges", async (bench) => {
    const [source, target] = [await bench.exchange("topic"), await bench.exchange("direct")];
    const queue = await bench.queue();
    await bench.channel.bindExchange(target, source, "log.#");
    await bench.channel.bindQueue(queue, target, "log.info");
    for (const key of ["log.info", "log.warn", "info"]) bench.channel.publish(source, key, Buffer.from(key));
    await bench.channel.waitForConfirms();
    await bench.channel.unbindExchange(target, source, "log.#");
    bench.channel.publish(source, "log.info", Buffer.from("late"));
    await bench.channel.waitForConfirms();
    assert.deepEqual(await bench.drain(queue), ["log.info"]);
  });
  check("an alternate exchange takes what finds no way", async (bench) => {
    const alternate = await bench.exchange("fanout");
    const exchange = await bench.exchange("direct", { alternateExchange: alternate });
    const [queue, rest] = [await bench.queue(), await bench.queue()];
    await bench.channel.bindQueue(queue, exchange, "k");
    await bench.channel.bindQueue(rest, alternate, "");
    for (const key of ["k", "j"]) bench.channel.publish(exchange, key, Buffer.from(key));
    await bench.channel.waitForConfirms();
    assert.deepEqual([await bench.drain(queue), await bench.drain(rest)], [["k"], ["j"]]);
  });
  check("two bindings of one queue make one message", async (bench) => {
    const exchange = await bench.exchange("topic");
    const queue = await bench.queue();
    await bench.channel.bindQueue(queue, exchange, "a.*");
    await bench.channel.bindQueue(queue, exchange, "*.b");
    bench.channel.publish(exchange, "a.b", Buffer.from("once"));
    await bench.channel.waitForConfirms();
    assert.deepEqual(await bench.drain(queue), ["once"]);
  });
  check("CC and BCC name further routing keys", async (bench) => {
    const [to, copy, blind] = [await bench.queue(), await bench.queue(), await bench.queue()];
    bench.channel.sendToQueue(to, Buffer.from("x"), { CC: [copy], BCC: [blind] });
    await bench.channel.waitForConfirms();
    for (const queue of [to, copy, blind]) {
      const message = await got(bench.channel, queue, true);
      assert.deepEqual(message?.properties.headers, { CC: [copy] });
    }
  });
}

function publishing(check: Check): void {
  check("messages arrive as they were sent", async (bench) => {
    const queue = await bench.queue();
    const properties = {
      contentType: "image/png",
      contentEncoding: "identity",
      headers: {
        text: "grüße",
        number: -7,
        big: 2 ** 40,
        real: 0.5,
        yes: true,
        list: [1, "a"],
        in: { b: "c" },
      },
      deliveryMode: 2,
      priority: 3,
      correlationId: "correlation",
      replyTo: "reply",
      expiration: "60000",
      messageId: "message",
      timestamp: 1_700_000_000,
      type: "kind",
      userId: "guest",
      appId: "contract",
    };
    bench.channel.sendToQueue(queue, Buffer.from("body"), properties);
    await bench.channel.waitForConfirms();
    const message = await got(bench.channel, queue, true);
    assert.equal(message?.content.toString(), "body");
    assert.deepEqual(
      { ...message?.properties, clusterId: undefined },
      { ...properties, clusterId: undefined },
    );
    assert.deepEqual(
      { ...message?.fields, deliveryTag: 0 },
      {
        deliveryTag: 0,
        redelivered: false,
        exchange: "",
        routingKey: queue,
        messageCount: 0,
      },
    );
  });
  check("bodies of every size come through whole", async (bench) => {
    const queue = await bench.queue();
    for (const size of [0, 1, 4096, 131_063, 131_064, 131_065, 3_000_000]) {
      const body = Buffer.from(Uint8Array.from({ length: size }, (_, index) => index % 251));
      bench.channel.sendToQueue(queue, body, { persistent: true });
      await bench.channel.waitForConfirms();
      const message = await got(bench.channel, queue, true);
      assert.ok(message?.content.equals(body), `${size} bytes`);
    }
  });
  check("every confirm arrives", async (bench) => {
    const queue = await bench.queue();
    let confirmed = 0;
    for (let index = 0; index < 500; index++) {
      const options = { persistent: index % 2 === 0 };
      bench.channel.sendToQueue(queue, Buffer.from(String(index)), options, (error) => {
        if (!error) confirmed++;
      });
    }
    await bench.channel.waitForConfirms();
    assert.equal(confirmed, 500);
    assert.deepEqual(
      await bench.drain(queue),
      Array.from({ length: 500 }, (_, index) => String(index)),
    );
  });
  check("a mandatory message without a way comes back before its confirm", async (bench) => {
    const events: string[] = [];
    bench.channel.on("return", (message) => {
      const { replyCode, replyText } = message.fields as unknown as { replyCode: number; replyText: string };
      events.push(`return ${replyCode} ${replyText} ${message.content.toString()}`);
    });
    bench.channel.publish("", "contract.not.there", Buffer.from("x"), { mandatory: true }, () =>
      events.push("confirm"),
    );
    await bench.channel.waitForConfirms();
    assert.deepEqual(events, ["return 312 NO_ROUTE x", "confirm"]);
  });
  check("publishing to no exchange closes the channel", (bench) =>
    refused(bench, 404, async (channel) => channel.publish("contract.not.there", "", Buffer.from("x"))),
  );
  check("publishing to an internal exchange is refused", async (bench) => {
    const exchange = await bench.exchange("fanout", { internal: true });
    await refused(bench, 403, async (channel) => channel.publish(exchange, "", Buffer.from("x")));
  });
  check("a false user id is refused", async (bench) => {
    const queue = await bench.queue();
    await refused(bench, 406, async (channel) =>
      channel.sendToQueue(queue, Buffer.from("x"), { userId: "somebody" }),
    );
  });
  check("a senseless expiration is refused", async (bench) => {
    const queue = await bench.queue();
    await refused(bench, 406, async (channel) =>
      channel.sendToQueue(queue, Buffer.from("x"), { expiration: "soon" }),
    );
  });
}

function consuming(check: Check): void {
  check("prefetch 1 gives one message at a time (CL-19)", async (bench) => {
    const queue = await bench.queue();
    await bench.fill(queue, "a", "b", "c");
    await bench.channel.prefetch(1);
    const one = await collect(bench.channel, queue);
    await one.until(1);
    await sleep(50);
    assert.deepEqual(one.bodies(), ["a"]);
    bench.channel.ack(one.messages[0]);
    await one.until(2);
    await sleep(50);
    assert.deepEqual(one.bodies(), ["a", "b"]);
  });
  check("work is shared between consumers (CL-18, CL-21)", async (bench) => {
    const queue = await bench.queue();
    await bench.channel.prefetch(1);
    const [one, two] = [await collect(bench.channel, queue), await collect(bench.channel, queue)];
    await bench.fill(queue, "a", "b");
    await Promise.all([one.until(1), two.until(1)]);
    assert.deepEqual([...one.bodies(), ...two.bodies()].sort(), ["a", "b"]);
  });
  check("a channel-wide prefetch is shared by its consumers", async (bench) => {
    const [left, right] = [await bench.queue(), await bench.queue()];
    await bench.fill(left, "a", "b");
    await bench.fill(right, "c", "d");
    await bench.channel.prefetch(2, true);
    const [one, two] = [await collect(bench.channel, left), await collect(bench.channel, right)];
    await sleep(100);
    assert.equal(one.messages.length + two.messages.length, 2);
    for (const message of [...one.messages, ...two.messages]) bench.channel.ack(message);
    await sleep(100);
    assert.equal(one.messages.length + two.messages.length, 4);
  });
  check("a lost connection gives its messages back in order (CL-20)", async (bench) => {
    const queue = await bench.queue();
    await bench.fill(queue, "a", "b", "c", "d");
    const lost = await new RawClient(Number(new URL(bench.url).port)).open();
    const tags: number[] = [];
    for (let taken = 0; taken < 3; taken++) {
      lost.method(1, "basic.get", { queue, noAck: false });
      tags.push((await lost.expect("basic.get-ok")).deliveryTag);
      await lost.next();
    }
    lost.method(1, "basic.ack", { deliveryTag: tags[1], multiple: false });
    await sleep(50);
    lost.destroy();
    // A broker notices the loss in its own time; whoever consumes before gets what is ready.
    for (let tries = 0; (await bench.channel.checkQueue(queue)).messageCount < 3 && tries < 100; tries++)
      await sleep(20);
    const second = await collect(bench.channel, queue);
    await second.until(3);
    assert.deepEqual(second.bodies(), ["a", "c", "d"]);
    assert.deepEqual(
      second.messages.map((message) => message.fields.redelivered),
      [true, true, false],
    );
  });
  check("a cancelled consumer gets no more, but keeps what it has", async (bench) => {
    const queue = await bench.queue();
    await bench.channel.prefetch(1);
    const one = await collect(bench.channel, queue);
    await bench.fill(queue, "a", "b");
    await one.until(1);
    await bench.channel.cancel(one.consumerTag);
    bench.channel.ack(one.messages[0]);
    assert.deepEqual(await bench.drain(queue), ["b"]);
  });
  check("a consumer hears that its queue is gone", async (bench) => {
    const queue = await bench.queue();
    const one = await collect(bench.channel, queue);
    await bench.channel.deleteQueue(queue);
    await one.untilCancelled();
  });
  check("an exclusive consumer is alone", async (bench) => {
    const queue = await bench.queue();
    const one = await collect(bench.channel, queue, { exclusive: true });
    await refused(bench, 403, (channel) => channel.consume(queue, () => {}));
    await bench.channel.cancel(one.consumerTag);
    await collect(bench.channel, queue);
    await refused(bench, 403, (channel) => channel.consume(queue, () => {}, { exclusive: true }));
  });
  check("without acknowledgement delivered is done", async (bench) => {
    const queue = await bench.queue();
    const one = await collect(bench.channel, queue, { noAck: true });
    await bench.fill(queue, "a", "b");
    await one.until(2);
    await bench.channel.cancel(one.consumerTag);
    assert.deepEqual(await bench.drain(queue), []);
  });
  check("a consumer with higher priority comes first", async (bench) => {
    const queue = await bench.queue();
    await bench.channel.prefetch(2);
    const low = await collect(bench.channel, queue);
    const high = await collect(bench.channel, queue, { priority: 10 });
    await bench.fill(queue, "a", "b", "c");
    await Promise.all([high.until(2), low.until(1)]);
    assert.deepEqual(high.bodies(), ["a", "b"]);
  });
  check("getting counts what is left", async (bench) => {
    const queue = await bench.queue();
    assert.equal(await got(bench.channel, queue), undefined);
    await bench.fill(queue, "a", "b");
    const message = await got(bench.channel, queue);
    assert.equal(message?.fields.messageCount, 1);
    bench.channel.nack(message);
    const again = await got(bench.channel, queue);
    assert.deepEqual([again?.content.toString(), again?.fields.redelivered], ["a", true]);
  });
}

function settling(check: Check): void {
  check("nack with requeue puts the message back first, marked", async (bench) => {
    const queue = await bench.queue();
    await bench.fill(queue, "a", "b");
    await bench.channel.prefetch(1);
    const one = await collect(bench.channel, queue);
    await one.until(1);
    bench.channel.nack(one.messages[0]);
    await one.until(2);
    assert.deepEqual(one.bodies(), ["a", "a"]);
    assert.equal(one.messages[1].fields.redelivered, true);
  });
  check("ack and nack can mean all up to here", async (bench) => {
    const queue = await bench.queue();
    await bench.fill(queue, "a", "b", "c", "d", "e");
    const worker = await bench.connection.createChannel();
    const one = await collect(worker, queue);
    await one.until(5);
    worker.ack(one.messages[1], true);
    worker.nack(one.messages[3], true, false);
    await worker.close();
    assert.deepEqual(await bench.drain(queue), ["e"]);
  });
  check("an unknown delivery tag closes the channel", async (bench) => {
    const queue = await bench.queue();
    await bench.fill(queue, "a");
    await refused(bench, 406, async (channel) => {
      const message = await got(channel, queue);
      channel.ack(message!);
      channel.ack(message!);
    });
  });
  check("recover gives everything back to the queue", async (bench) => {
    const queue = await bench.queue();
    await bench.fill(queue, "a", "b");
    await got(bench.channel, queue);
    await got(bench.channel, queue);
    await bench.channel.recover();
    assert.deepEqual(await bench.drain(queue), ["a", "b"]);
  });
  check("a rejected message is dead-lettered and says why", async (bench) => {
    const exchange = await bench.exchange("direct");
    const grave = await bench.queue();
    await bench.channel.bindQueue(grave, exchange, "dead");
    const queue = await bench.queue({ deadLetterExchange: exchange, deadLetterRoutingKey: "dead" });
    for (let round = 1; round <= 2; round++) {
      const headers = round === 1 ? {} : (await got(bench.channel, grave, true))!.properties.headers;
      bench.channel.sendToQueue(queue, Buffer.from("x"), { persistent: true, headers });
      await bench.channel.waitForConfirms();
      bench.channel.reject((await got(bench.channel, queue))!, false);
      await sleep(100);
    }
    const message = await got(bench.channel, grave, true);
    assert.equal(message?.fields.routingKey, "dead");
    const headers = { ...message?.properties.headers, "x-death": undefined };
    assert.deepEqual(headers, {
      "x-death": undefined,
      "x-first-death-exchange": "",
      "x-first-death-queue": queue,
      "x-first-death-reason": "rejected",
    });
    assert.deepEqual(
      deathsOf(message).map((death) => ({ ...death, time: undefined })),
      [{ count: 2, reason: "rejected", queue, exchange: "", "routing-keys": [queue], time: undefined }],
    );
  });
  check("a delivery limit ends what comes back too often", async (bench) => {
    const grave = await bench.queue();
    const queue = await bench.queue({
      durable: true,
      deadLetterExchange: "",
      deadLetterRoutingKey: grave,
      arguments: { "x-queue-type": "quorum", "x-delivery-limit": 2 },
    });
    await bench.fill(queue, "poison");
    await bench.channel.prefetch(1);
    const counts: unknown[] = [];
    for (let round = 0; round < 3; round++) {
      const message = await until(() => got(bench.channel, queue));
      counts.push(message.properties.headers?.["x-delivery-count"]);
      bench.channel.nack(message);
    }
    const dead = await until(() => got(bench.channel, grave, true));
    assert.deepEqual(counts, [0, 1, 2]);
    assert.equal(deathsOf(dead)[0].reason, "delivery_limit");
  });
}

/** The entries of a dead-lettered message's `x-death`, the latest first. */
function deathsOf(message: GetMessage | undefined): Record<string, unknown>[] {
  return (message?.properties.headers?.["x-death"] ?? []) as unknown as Record<string, unknown>[];
}

async function until<Value>(ask: () => Promise<Value | undefined>): Promise<Value> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const value = await ask();
    if (value !== undefined) return value;
    await sleep(20);
  }
  return assert.fail("it did not come");
}

function limiting(check: Check): void {
  check("messages expire by queue and by message, into the dead-letter exchange", async (bench) => {
    const grave = await bench.queue();
    const dead = { deadLetterExchange: "", deadLetterRoutingKey: grave };
    const [brief, slow] = [await bench.queue({ ...dead, messageTtl: 50 }), await bench.queue(dead)];
    await bench.fill(brief, "by queue");
    await until(async () => ((await bench.channel.checkQueue(grave)).messageCount === 1 ? true : undefined));
    bench.channel.sendToQueue(slow, Buffer.from("by message"), { expiration: "50" });
    await until(async () => ((await bench.channel.checkQueue(grave)).messageCount === 2 ? true : undefined));
    const one = await got(bench.channel, grave, true);
    const two = await got(bench.channel, grave, true);
    assert.equal(deathsOf(one)[0].reason, "expired");
    assert.equal(deathsOf(one)[0]["original-expiration"], undefined);
    assert.equal(deathsOf(two)[0]["original-expiration"], "50");
    assert.equal(two?.properties.expiration, undefined);
  });
  check("an unused queue expires", async (bench) => {
    const queue = await bench.queue({ expires: 200 });
    await sleep(500);
    await refused(bench, 404, (channel) => channel.checkQueue(queue));
  });
  check("a bounded queue drops from its head", async (bench) => {
    const grave = await bench.queue();
    const queue = await bench.queue({ maxLength: 2, deadLetterExchange: "", deadLetterRoutingKey: grave });
    await bench.fill(queue, "a", "b", "c", "d");
    await sleep(50);
    assert.deepEqual(await bench.drain(queue), ["c", "d"]);
    assert.deepEqual(await bench.drain(grave), ["a", "b"]);
  });
  check("a bound in bytes drops from the head", async (bench) => {
    const queue = await bench.queue({ arguments: { "x-max-length-bytes": 10 } });
    await bench.fill(queue, "12345", "67890", "abc");
    assert.deepEqual(await bench.drain(queue), ["67890", "abc"]);
  });
  check("a bounded queue can refuse, and says so with a nack", async (bench) => {
    const queue = await bench.queue({ maxLength: 1, arguments: { "x-overflow": "reject-publish" } });
    await bench.fill(queue, "a");
    const outcome = await new Promise((resolve) =>
      bench.channel.sendToQueue(queue, Buffer.from("b"), {}, (error) => resolve(error ? "nack" : "ack")),
    );
    assert.equal(outcome, "nack");
    assert.deepEqual(await bench.drain(queue), ["a"]);
  });
  check("priorities overtake", async (bench) => {
    const queue = await bench.queue({ maxPriority: 5 });
    for (const [body, priority] of [
      ["a", 0],
      ["b", 5],
      ["c", 1],
      ["d", 9],
      ["e", 1],
    ] as const) {
      bench.channel.sendToQueue(queue, Buffer.from(body), { priority });
    }
    await bench.channel.waitForConfirms();
    assert.deepEqual(await bench.drain(queue), ["b", "d", "c", "e", "a"]);
  });
  check("a single active consumer gets everything", async (bench) => {
    const queue = await bench.queue({ arguments: { "x-single-active-consumer": true } });
    const [one, two] = [await collect(bench.channel, queue), await collect(bench.channel, queue)];
    await bench.fill(queue, "a", "b");
    await one.until(2);
    await bench.channel.cancel(one.consumerTag);
    await bench.fill(queue, "c");
    await two.until(1);
    assert.deepEqual(two.bodies(), ["c"]);
  });
}
