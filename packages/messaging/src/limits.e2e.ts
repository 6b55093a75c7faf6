import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "amqplib";
import { isAllRequired } from "./testing/config.ts";
import { startOwnBroker } from "./testing/own-broker.ts";

const anyMessage = Buffer.alloc(20_000, "x");

/** Waits for an event of a connection, at most 5 s. */
function heard(connection: { on(event: string, listener: (text: string) => void): unknown }, event: string) {
  return new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${event}`)), 5000);
    connection.on(event, (text: string) => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}

test("memory: publishers are held back above the limit and go on when consumers have made room", async () => {
  const own = await startOwnBroker({ limits: { memoryBytes: 2_000_000 } });
  const publisher = await connect(own.url, { noDelay: true });
  const blocked = heard(publisher, "blocked");
  const channel = await publisher.createConfirmChannel();
  await channel.assertQueue("full", { durable: false });
  for (let number = 0; number < 300; number++) channel.sendToQueue("full", anyMessage);
  assert.equal(await blocked, "low on memory");
  assert.ok(own.broker.queues()[0].readyBytes < 3_000_000);
  const unblocked = heard(publisher, "unblocked");
  const consumer = await connect(own.url, { noDelay: true });
  const reader = await consumer.createChannel();
  let count = 0;
  await reader.consume("full", () => count++, { noAck: true });
  await unblocked;
  await channel.waitForConfirms();
  for (let attempt = 0; attempt < 100 && count < 300; attempt++) await sleep(20);
  assert.equal(count, 300);
  await publisher.close();
  await consumer.close();
  await own.stop();
});

test("memory: what is on disk leaves memory, comes back in order and survives", async () => {
  const own = await startOwnBroker({ limits: { memoryBytes: 4_000_000 } });
  const connection = await connect(own.url, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue("deep", { durable: true });
  for (let number = 0; number < 500; number++) {
    channel.sendToQueue("deep", Buffer.concat([Buffer.from(`${number} `), anyMessage]), { persistent: true });
  }
  await channel.waitForConfirms();
  assert.equal(own.broker.queues()[0].readyBytes, 500 * 20_000 + 1890);
  const numbers: number[] = [];
  await channel.consume("deep", (message) => {
    if (!message) return;
    numbers.push(Number(message.content.toString("utf8", 0, 4).split(" ")[0]));
    channel.ack(message);
  });
  for (let attempt = 0; attempt < 200 && numbers.length < 500; attempt++) await sleep(20);
  assert.deepEqual(
    numbers,
    Array.from({ length: 500 }, (_, index) => index),
  );
  await connection.close();
  await own.stop();
});

test("disk: a full one holds publishers back, never confirms, and everything goes on with room", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "fractus-full-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=12m", "tmpfs", directory], { stdio: "ignore" });
  } catch {
    rmSync(directory, { recursive: true });
    assert.ok(!isAllRequired(), "mounting a tmpfs is required");
    return context.skip("a tmpfs cannot be mounted here");
  }
  context.after(() => {
    execFileSync("umount", ["--lazy", directory]);
    rmSync(directory, { recursive: true });
  });
  const ballast = join(directory, "ballast");
  writeFileSync(ballast, Buffer.alloc(11_000_000));
  const own = await startOwnBroker({ dataDirectory: join(directory, "data"), limits: { diskFreeBytes: 0 } });
  const connection = await connect(own.url, { noDelay: true });
  const blocked = heard(connection, "blocked");
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue("disk", { durable: true });
  const outcomes = { confirmed: [] as number[], refused: 0 };
  for (let number = 0; number < 100; number++) {
    const body = Buffer.concat([Buffer.from(`${number} `), anyMessage]);
    channel.sendToQueue("disk", body, { persistent: true }, (error) => {
      if (error) outcomes.refused++;
      else outcomes.confirmed.push(number);
    });
    await sleep(1);
  }
  assert.equal(await blocked, "disk is failing");
  assert.ok(outcomes.confirmed.length > 5 && outcomes.confirmed.length < 100);
  assert.ok(outcomes.refused > 0);
  assert.ok(own.lines.some((line) => line.includes("disk fails: ")));
  const unblocked = heard(connection, "unblocked");
  rmSync(ballast);
  await unblocked;
  channel.sendToQueue("disk", Buffer.from("after"), { persistent: true });
  await channel.waitForConfirms().catch(() => {});
  await connection.close();
  await own.stop();

  const again = await startOwnBroker({
    dataDirectory: join(directory, "data"),
    limits: { diskFreeBytes: 0 },
  });
  const reader = await connect(again.url).then((one) => one.createChannel());
  const found = new Set<number>();
  for (let message = await reader.get("disk"); message; message = await reader.get("disk")) {
    found.add(Number(message.content.toString("utf8", 0, 4).split(" ")[0]));
    reader.ack(message);
  }
  assert.deepEqual(
    outcomes.confirmed.filter((number) => !found.has(number)),
    [],
    "confirmed and lost",
  );
  await again.stop();
});
