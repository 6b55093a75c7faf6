/**
 * What a broker answers to what no ordinary client says: wrong order, broken frames, things that do not
 * exist; and the parts of the protocol amqplib cannot speak (transactions). Runs on our broker and on
 * RabbitMQ, whose choice of reply codes is followed.
 */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { emptyTable, tableOf } from "./codec/field-table.ts";
import type { Subject } from "./contract-suite.ts";
import { frameTypes } from "./frames.ts";
import { protocolHeader } from "./handshake.ts";
import { RawClient } from "./testing/raw-client.ts";

export function protocolSuite(
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
    const check = (claim: string, body: (client: RawClient) => Promise<void>) => {
      test(`${name}: ${claim}`, { timeout: 10_000 }, async () => {
        const port = Number(new URL(subject.url).port);
        const bystander = await new RawClient(port).open();
        const client = new RawClient(port);
        try {
          await body(client);
          await bystander.channel(2);
        } finally {
          client.destroy();
          bystander.destroy();
        }
      });
    };
    greeting(check);
    breaking(check);
    refusing(check);
    transacting(check);
  });
}

type Check = (claim: string, body: (client: RawClient) => Promise<void>) => void;

/** The connection is closed with this code. */
async function ends(client: RawClient, code: number): Promise<void> {
  const { replyCode, replyText } = await client.expect("connection.close");
  assert.equal(replyCode, code, replyText);
  client.method(0, "connection.close-ok", {});
}

/** The connection is closed with this code, or without a word, as RabbitMQ does during the handshake. */
async function endsAnyhow(client: RawClient, code: number): Promise<void> {
  const next = await client.next();
  if (next === "closed") return;
  assert.ok("method" in next && next.method.name === "connection.close");
  assert.equal(next.method.args.replyCode, code);
}

/** Channel 1 is closed with this code, and can be opened again. */
async function endsChannel(client: RawClient, code: number): Promise<void> {
  const { replyCode, replyText } = await client.expect("channel.close");
  assert.equal(replyCode, code, replyText);
  client.method(1, "channel.close-ok", {});
  await client.channel(1);
}

/** RabbitMQ counts a message a moment after it was published or came back. */
async function untilReady(client: RawClient, queue: string, count: number): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    if ((await client.ready(queue)) === count) return;
    await sleep(20);
  }
  assert.equal(await client.ready(queue), count);
}

function greeting(check: Check): void {
  check("another protocol version is answered with the supported one", async (client) => {
    client.socket.removeAllListeners("data");
    const answer = new Promise<Buffer>((resolve) => client.socket.once("data", resolve));
    client.bytes(Buffer.from("AMQP\0\x03\x01\x00", "latin1"));
    assert.deepEqual(await answer, protocolHeader);
  });
  check("a heartbeat interval is kept by both sides", async (client) => {
    await client.login();
    client.method(0, "connection.tune-ok", { channelMax: 10, frameMax: 4096, heartbeat: 1 });
    client.method(0, "connection.open", { virtualHost: "/" });
    await client.expect("connection.open-ok");
    const startedAt = performance.now();
    assert.equal(await client.next(), "closed");
    const seconds = (performance.now() - startedAt) / 1000;
    assert.ok(seconds > 1.5 && seconds < 4.5, `closed after ${seconds} s`);
  });
  check("a frame-max below 4096 is refused", async (client) => {
    await client.login();
    client.method(0, "connection.tune-ok", { channelMax: 10, frameMax: 4095, heartbeat: 0 });
    await endsAnyhow(client, 530);
  });
  check("more channels than offered are refused", async (client) => {
    await client.login();
    client.method(0, "connection.tune-ok", { channelMax: 0, frameMax: 4096, heartbeat: 0 });
    await endsAnyhow(client, 530);
  });
  check("AMQPLAIN works as well", async (client) => {
    client.bytes(protocolHeader);
    await client.expect("connection.start");
    const login = Buffer.from("\x05LOGINS\0\0\0\x05guest\x08PASSWORDS\0\0\0\x05guest", "latin1");
    client.method(0, "connection.start-ok", {
      clientProperties: emptyTable,
      mechanism: "AMQPLAIN",
      response: login,
      locale: "en_US",
    });
    await client.expect("connection.tune");
  });
  check("a client that knows it hears why its login failed", async (client) => {
    client.bytes(protocolHeader);
    await client.expect("connection.start");
    client.method(0, "connection.start-ok", {
      clientProperties: tableOf({ capabilities: tableOf({ authentication_failure_close: true }) }),
      mechanism: "PLAIN",
      response: Buffer.from("\0guest\0wrong"),
      locale: "en_US",
    });
    await ends(client, 403);
  });
}

function breaking(check: Check): void {
  check("a frame without its end octet is 501", async (client) => {
    await client.open();
    client.bytes(Buffer.from("0100010000000400140028ff", "hex"));
    await ends(client, 501);
  });
  check("a frame above frame-max is 501", async (client) => {
    await client.open();
    client.bytes(Buffer.from("01000100030000", "hex"));
    client.bytes(Buffer.alloc(0x30000 + 1));
    await ends(client, 501);
  });
  check("a body without its header is 505", async (client) => {
    await client.open();
    client.frame(frameTypes.body, 1, Buffer.from("x"));
    await ends(client, 505);
  });
  check("a method in the middle of content is 505", async (client) => {
    await client.open();
    client.method(1, "basic.publish", { exchange: "", routingKey: "q", mandatory: false, immediate: false });
    client.method(1, "confirm.select", { noWait: false });
    await ends(client, 505);
  });
  check("a channel that is not open is 504", async (client) => {
    await client.open();
    client.method(7, "confirm.select", { noWait: false });
    await ends(client, 504);
  });
  check("opening a channel twice is 504", async (client) => {
    await client.open();
    client.method(1, "channel.open", {});
    await ends(client, 504);
  });
  check("an unknown frame type ends the connection", async (client) => {
    await client.open();
    client.frame(9, 1, Buffer.from("x"));
    await ends(client, 501);
  });
}

function refusing(check: Check): void {
  check("a prefetch size is not implemented", async (client) => {
    await client.open();
    client.method(1, "basic.qos", { prefetchSize: 100, prefetchCount: 1, global: false });
    await ends(client, 540);
  });
  check("immediate is not implemented", async (client) => {
    await client.open();
    client.method(1, "basic.publish", { exchange: "", routingKey: "q", mandatory: false, immediate: true });
    client.content(1, {}, "x");
    await ends(client, 540);
  });
  check("recover without requeue is not implemented", async (client) => {
    await client.open();
    client.method(1, "basic.recover", { requeue: false });
    await ends(client, 540);
  });
  check("stopping the flow is not implemented", async (client) => {
    await client.open();
    client.method(1, "channel.flow", { active: false });
    await ends(client, 540);
  });
  check("an unknown exchange type is 503", async (client) => {
    await client.open();
    client.method(1, "exchange.declare", {
      exchange: "protocol.x",
      type: "unheard-of",
      passive: false,
      durable: false,
      autoDelete: false,
      internal: false,
      noWait: false,
      arguments: emptyTable,
    });
    await ends(client, 503);
  });
  check("using a consumer tag twice is 530", async (client) => {
    await client.open();
    await client.queue("protocol.tags");
    const consume = {
      queue: "protocol.tags",
      consumerTag: "same",
      noLocal: false,
      noAck: false,
      exclusive: false,
      noWait: false,
      arguments: emptyTable,
    };
    client.method(1, "basic.consume", consume);
    await client.expect("basic.consume-ok");
    client.method(1, "basic.consume", consume);
    await ends(client, 530);
  });
  check("the last queue declared stands in for an empty name", async (client) => {
    await client.open();
    client.method(1, "basic.get", { queue: "", noAck: true });
    await endsChannel(client, 404);
    await client.queue("protocol.last");
    client.method(1, "basic.get", { queue: "", noAck: true });
    await client.expect("basic.get-empty");
  });
  check("an unknown tag is 406 and what was out goes back", async (client) => {
    await client.open();
    await client.queue("protocol.back");
    client.publish(1, "protocol.back", "x");
    client.method(1, "basic.get", { queue: "protocol.back", noAck: false });
    await client.expect("basic.get-ok");
    await client.next();
    client.method(1, "basic.ack", { deliveryTag: 99, multiple: true });
    await endsChannel(client, 406);
    await untilReady(client, "protocol.back", 1);
    client.method(1, "queue.delete", {
      queue: "protocol.back",
      ifUnused: false,
      ifEmpty: false,
      noWait: true,
    });
  });
}

function transacting(check: Check): void {
  const begin = async (client: RawClient, queue: string) => {
    await client.open();
    await client.queue(queue);
    await client.channel(2);
    client.method(2, "tx.select", {});
    await client.expect("tx.select-ok");
  };
  const end = (client: RawClient, queue: string) =>
    client.method(1, "queue.delete", { queue, ifUnused: false, ifEmpty: false, noWait: true });

  check("what is published in a transaction appears with its commit", async (client) => {
    await begin(client, "protocol.tx1");
    client.publish(2, "protocol.tx1", "a");
    client.publish(2, "protocol.tx1", "b");
    await sleep(50);
    assert.equal(await client.ready("protocol.tx1"), 0);
    client.method(2, "tx.commit", {});
    await client.expect("tx.commit-ok");
    await untilReady(client, "protocol.tx1", 2);
    end(client, "protocol.tx1");
  });
  check("a rollback drops what was published and keeps what was acknowledged", async (client) => {
    await begin(client, "protocol.tx2");
    client.publish(1, "protocol.tx2", "a");
    await untilReady(client, "protocol.tx2", 1);
    client.method(2, "basic.get", { queue: "protocol.tx2", noAck: false });
    const { deliveryTag } = await client.expect("basic.get-ok");
    await client.next();
    client.method(2, "basic.ack", { deliveryTag, multiple: false });
    client.publish(2, "protocol.tx2", "b");
    client.method(2, "tx.rollback", {});
    await client.expect("tx.rollback-ok");
    client.method(2, "basic.nack", { deliveryTag, multiple: false, requeue: true });
    client.method(2, "tx.commit", {});
    await client.expect("tx.commit-ok");
    await untilReady(client, "protocol.tx2", 1);
    end(client, "protocol.tx2");
  });
  check("a transaction ends with its channel", async (client) => {
    await begin(client, "protocol.tx3");
    client.publish(2, "protocol.tx3", "a");
    client.method(2, "channel.close", { replyCode: 200, replyText: "", classId: 0, methodId: 0 });
    await client.expect("channel.close-ok");
    assert.equal(await client.ready("protocol.tx3"), 0);
    end(client, "protocol.tx3");
  });
  check("commit without select, and confirms in a transaction, are 406", async (client) => {
    await client.open();
    client.method(1, "tx.commit", {});
    await endsChannel(client, 406);
    client.method(1, "tx.select", {});
    await client.expect("tx.select-ok");
    client.method(1, "confirm.select", { noWait: false });
    await endsChannel(client, 406);
  });
}
