import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "amqplib";
import type { ConfirmChannel, ConsumeMessage } from "amqplib";
import { startBrokerProcess } from "./testing/broker-process.ts";
import { seeded } from "./testing/seeded.ts";

const rounds = 25;
const queues = ["left", "right"] as const;

/** What the clients of one queue know when the broker dies. */
interface Ledger {
  readonly confirmed: Set<number>;
  readonly delivered: Set<number>;
  readonly acked: Set<number>;
  /** Acknowledged, and answered for by a later round trip. */
  readonly settled: Set<number>;
}

interface Found {
  readonly number: number;
  readonly redelivered: boolean;
}

test(`broker: ${rounds} times kill -9 in the middle of everything loses nothing (CL-20)`, async (context) => {
  const seed = Number(process.hrtime.bigint() % 1_000_000n);
  context.diagnostic(`seed ${seed}`);
  const random = seeded(seed);
  const dataDirectory = mkdtempSync(join(tmpdir(), "fractus-kill-"));
  let next = 0;
  const totals = { confirmed: 0, delivered: 0, settled: 0, found: 0 };
  try {
    for (let round = 0; round < rounds; round++) {
      const broker = await startBrokerProcess(dataDirectory);
      const ledgers = new Map(queues.map((queue) => [queue, emptyLedger()]));
      const work = queues.map((queue) => use(broker.port, queue, ledgers.get(queue)!, () => next++));
      await sleep(60 + random(200));
      await broker.end("SIGKILL");
      await Promise.all(work);

      const again = await startBrokerProcess(dataDirectory);
      for (const [queue, ledger] of ledgers) {
        const found = await drain(again.port, queue);
        judge(ledger, found, `seed ${seed}, round ${round}, queue ${queue}`);
        totals.confirmed += ledger.confirmed.size;
        totals.delivered += ledger.delivered.size;
        totals.settled += ledger.settled.size;
        totals.found += found.length;
      }
      assert.equal(await again.end("SIGTERM"), 0);
    }
  } finally {
    rmSync(dataDirectory, { recursive: true });
  }
  context.diagnostic(JSON.stringify(totals));
  for (const [name, count] of Object.entries(totals)) assert.ok(count > 100, `${name}: ${count}`);
});

function emptyLedger(): Ledger {
  return { confirmed: new Set(), delivered: new Set(), acked: new Set(), settled: new Set() };
}

/** Publishes and consumes until the connection breaks. */
async function use(port: number, queue: string, ledger: Ledger, number: () => number): Promise<void> {
  const connection = await connect(`amqp://guest:guest@127.0.0.1:${port}/`, { noDelay: true });
  const broken = new Promise<void>((resolve) => connection.once("close", () => resolve()));
  connection.on("error", () => {});
  try {
    const channel = await connection.createConfirmChannel();
    channel.on("error", () => {});
    await channel.assertQueue(queue, { durable: true });
    await channel.prefetch(20);
    const held: ConsumeMessage[] = [];
    const numberOf = (message: ConsumeMessage) => Number(message.content.toString().split(" ")[0]);
    await channel.consume(queue, (message) => {
      if (!message) return;
      ledger.delivered.add(numberOf(message));
      held.push(message);
      if (held.length < 12) return;
      const [done] = held.splice((held.length * 7) % 5, 1);
      channel.ack(done);
      ledger.acked.add(numberOf(done));
    });
    await Promise.race([broken, publish(channel, queue, ledger, number), settle(channel, queue, ledger)]);
  } catch {
    // The broker died in the middle of a call.
  }
  await broken;
}

async function publish(channel: ConfirmChannel, queue: string, ledger: Ledger, number: () => number) {
  for (;;) {
    for (let burst = 0; burst < 4; burst++) {
      const body = number();
      const padding = "x".repeat((body * 37) % 900);
      channel.sendToQueue(queue, Buffer.from(`${body} ${padding}`), { persistent: true }, (error) => {
        if (!error) ledger.confirmed.add(body);
      });
    }
    await sleep(1);
  }
}

/** What was acknowledged before a question was asked is on record when it is answered. */
async function settle(channel: ConfirmChannel, queue: string, ledger: Ledger): Promise<void> {
  for (;;) {
    const acked = [...ledger.acked];
    await channel.checkQueue(queue);
    for (const body of acked) ledger.settled.add(body);
    await sleep(2);
  }
}

async function drain(port: number, queue: string): Promise<Found[]> {
  const connection = await connect(`amqp://guest:guest@127.0.0.1:${port}/`, { noDelay: true });
  const channel = await connection.createChannel();
  await channel.assertQueue(queue, { durable: true });
  const found: Found[] = [];
  for (let message = await channel.get(queue); message; message = await channel.get(queue)) {
    const number = Number(message.content.toString().split(" ")[0]);
    found.push({ number, redelivered: message.fields.redelivered });
    channel.ack(message);
  }
  await channel.close();
  await connection.close();
  return found;
}

function judge(ledger: Ledger, found: readonly Found[], where: string): void {
  const numbers = found.map((one) => one.number);
  const present = new Set(numbers);
  const lost = [...ledger.confirmed].filter((number) => !present.has(number) && !ledger.acked.has(number));
  assert.deepEqual(lost, [], `${where}: confirmed and lost`);
  const back = [...ledger.settled].filter((number) => present.has(number));
  assert.deepEqual(back, [], `${where}: settled and back`);
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
    `${where}: order`,
  );
  assert.equal(present.size, numbers.length, `${where}: twice in one queue`);
  const unmarked = found.filter((one) => ledger.delivered.has(one.number) && !one.redelivered);
  assert.deepEqual(unmarked, [], `${where}: delivered before and not marked`);
  const lastMarked = found.findLastIndex((one) => one.redelivered);
  const gaps = found.slice(0, lastMarked + 1).filter((one) => !one.redelivered);
  assert.deepEqual(gaps, [], `${where}: marked after unmarked`);
}
