import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { emptyTable, tableOf } from "./codec/field-table.ts";
import { startOwnBroker } from "./testing/own-broker.ts";
import type { OwnBroker } from "./testing/own-broker.ts";
import { RawClient } from "./testing/raw-client.ts";
import { seeded } from "./testing/seeded.ts";

const mutants = 1500;

suite("hostile clients", () => {
  let own: OwnBroker;
  let bystander: RawClient;
  before(async () => {
    own = await startOwnBroker({ limits: { messageBytes: 1_000_000, partialBytes: 3_000_000 } });
    bystander = await new RawClient(own.broker.port).open();
    await bystander.queue("bystander");
  });
  after(async () => {
    bystander.destroy();
    await own.stop();
  });

  test(`hostile clients: ${mutants} seeded mutants of a valid stream hurt nobody else`, async (context) => {
    const seed = Number(process.hrtime.bigint() % 1_000_000n);
    context.diagnostic(`seed ${seed}`);
    const random = seeded(seed);
    const stream = await validStream(own.broker.port);
    for (let round = 0; round < mutants; round += 50) {
      await Promise.all(Array.from({ length: 50 }, () => send(own.broker.port, mutate(stream, random))));
      assert.equal(await bystander.ready("bystander"), 0, `seed ${seed}`);
    }
    assert.deepEqual(
      own.lines.filter((line) => line.includes("internal error")),
      [],
      `seed ${seed}`,
    );
  });

  test("hostile clients: a message above the limit closes its channel, and its body is thrown away", async () => {
    const client = await new RawClient(own.broker.port).open();
    client.publish(1, "bystander", "x".repeat(1_000_001));
    const { replyCode, replyText } = await client.expect("channel.close");
    assert.equal(replyCode, 406);
    assert.match(replyText, /1000001 is larger than configured max size 1000000/);
    client.method(1, "channel.close-ok", {});
    await client.channel(1);
    client.destroy();
  });

  test("hostile clients: half-sent messages are bounded all together", async () => {
    const client = await new RawClient(own.broker.port).open();
    for (let number = 2; number < 10; number++) await client.channel(number);
    for (let number = 2; number < 10; number++) {
      const publish = { exchange: "", routingKey: "bystander", mandatory: false, immediate: false };
      client.method(number, "basic.publish", publish);
      client.frame(2, number, Buffer.from("003c000000000000000f42400000", "hex"));
      for (let part = 0; part < 9; part++) client.frame(3, number, Buffer.alloc(100_000));
    }
    const { replyCode } = await client.expect("connection.close");
    assert.equal(replyCode, 506);
    client.destroy();
    await sleep(50);
    const other = await new RawClient(own.broker.port).open();
    other.publish(1, "bystander", "x".repeat(500_000));
    for (let attempt = 0; attempt < 50 && (await other.ready("bystander")) === 0; attempt++) await sleep(10);
    other.method(1, "queue.purge", { queue: "bystander", noWait: false });
    assert.equal((await other.expect("queue.purge-ok")).messageCount, 1);
    other.destroy();
  });

  test("hostile clients: who asks and never reads is not read from any more", async () => {
    const giver = await new RawClient(own.broker.port).open();
    await giver.queue("big");
    giver.publish(1, "big", "x".repeat(900_000));
    const asker = await new RawClient(own.broker.port).open();
    asker.socket.pause();
    for (let question = 0; question < 400; question++) {
      asker.method(1, "basic.get", { queue: "big", noAck: false });
      asker.method(1, "basic.recover", { requeue: true });
    }
    await sleep(500);
    const view = own.broker.connections().find((one) => one.name.includes(`:${asker.socket.localPort} `));
    assert.ok(view && view.sentBytes < 40_000_000, `${view?.sentBytes} bytes were sent`);
    assert.ok(process.memoryUsage().external < 400_000_000);
    for (const client of [giver, asker]) client.destroy();
    assert.equal(await bystander.ready("bystander"), 0);
  });

  test("hostile clients: a slow consumer does not make the broker collect its messages", async () => {
    const giver = await new RawClient(own.broker.port).open();
    await giver.queue("slow");
    const slow = await new RawClient(own.broker.port).open();
    slow.method(1, "basic.consume", {
      queue: "slow",
      consumerTag: "slow",
      noLocal: false,
      noAck: true,
      exclusive: false,
      noWait: true,
      arguments: emptyTable,
    });
    await slow.channel(2);
    slow.socket.pause();
    for (let number = 0; number < 400; number++) giver.publish(1, "slow", "x".repeat(100_000));
    await giver.channel(2);
    assert.ok((await giver.ready("slow")) > 100, "most of it waits in the queue");
    slow.socket.resume();
    for (let attempt = 0; attempt < 200 && (await giver.ready("slow")) > 0; attempt++) await sleep(20);
    assert.equal(await giver.ready("slow"), 0);
    giver.destroy();
    slow.destroy();
  });
});

/** The bytes of a client that does a little of everything. */
async function validStream(port: number): Promise<Buffer> {
  const client = await new RawClient(port).open();
  await client.queue("mutants");
  client.method(1, "exchange.declare", {
    exchange: "mutants",
    type: "headers",
    passive: false,
    durable: false,
    autoDelete: true,
    internal: false,
    noWait: true,
    arguments: emptyTable,
  });
  client.method(1, "queue.bind", {
    queue: "mutants",
    exchange: "mutants",
    routingKey: "k",
    noWait: true,
    arguments: tableOf({ "x-match": "any", a: 1 }),
  });
  client.method(1, "confirm.select", { noWait: true });
  client.method(1, "basic.qos", { prefetchSize: 0, prefetchCount: 2, global: false });
  client.publish(1, "mutants", "one", { headers: tableOf({ a: 1, b: "two", c: tableOf({ d: true }) }) });
  client.publish(1, "mutants", "x".repeat(300), { deliveryMode: 2, expiration: "1000", priority: 3 });
  client.method(1, "basic.get", { queue: "mutants", noAck: false });
  client.method(1, "basic.nack", { deliveryTag: 1, multiple: false, requeue: true });
  client.method(1, "basic.consume", {
    queue: "mutants",
    consumerTag: "c",
    noLocal: false,
    noAck: false,
    exclusive: false,
    noWait: false,
    arguments: emptyTable,
  });
  client.method(1, "basic.ack", { deliveryTag: 0, multiple: true });
  client.method(1, "basic.cancel", { consumerTag: "c", noWait: false });
  client.method(1, "queue.purge", { queue: "mutants", noWait: false });
  await sleep(100);
  client.destroy();
  return Buffer.concat(client.sent);
}

/** Changes bytes, cuts, doubles or swaps pieces; mostly behind the protocol header. */
function mutate(stream: Buffer, random: (below: number) => number): Buffer {
  let bytes = Buffer.from(stream);
  for (let change = 0; change <= random(4); change++) {
    const at = random(20) === 0 ? random(8) : 8 + random(bytes.length - 8);
    const end = Math.min(bytes.length, at + 1 + random(64));
    switch (random(5)) {
      case 0:
        bytes[at] = random(256);
        break;
      case 1:
        bytes[at] ^= 1 << random(8);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
        break;
      default:
        bytes = Buffer.from(bytes.subarray(0, Math.max(at, 9)));
    }
  }
  return bytes;
}

function send(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    const timer = setTimeout(() => socket.destroy(), 60);
    socket.on("data", () => {});
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
