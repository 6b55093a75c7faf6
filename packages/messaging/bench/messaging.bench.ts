/**
 * Our broker beside RabbitMQ, both as processes of their own, with the same client (amqplib) and the same
 * load, one after the other in one run. Messages of 300 bytes. Rates are medians of three, in messages
 * per second; the client shares the machine with the broker, so the ratio is what counts.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "amqplib";
import type { ChannelModel } from "amqplib";
import { startBrokerProcess } from "../src/testing/broker-process.ts";
import { skipWithoutRabbitmq, startRabbitmq } from "../src/testing/rabbitmq.ts";

interface Case {
  readonly persistent: boolean;
  readonly prefetch: number;
  readonly connections: number;
}

interface Rates {
  readonly publish: number;
  readonly consume: number;
}

const messages = 6000;
const body = Buffer.alloc(300, "x");
const cases: readonly Case[] = [true, false].flatMap((persistent) =>
  [1, 8].flatMap((connections) => [1, 20, 200].map((prefetch) => ({ persistent, prefetch, connections }))),
);

async function measure(url: string, { persistent, prefetch, connections }: Case): Promise<Rates> {
  const clients = await Promise.all(
    Array.from({ length: connections }, () => connect(url, { noDelay: true })),
  );
  const setup = await clients[0].createChannel();
  await setup.assertQueue("bench", { durable: persistent });
  const share = messages / connections;
  const publish = await rate(() =>
    Promise.all(clients.map((client) => publishAll(client, share, persistent))),
  );
  const consume = await rate(() => consumeAll(clients, prefetch));
  await setup.deleteQueue("bench");
  await Promise.all(clients.map((client) => client.close()));
  return { publish, consume };
}

async function rate(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return messages / ((performance.now() - startedAt) / 1000);
}

async function publishAll(client: ChannelModel, count: number, persistent: boolean): Promise<void> {
  const channel = await client.createConfirmChannel();
  for (let sent = 0; sent < count; sent += 250) {
    for (let one = 0; one < Math.min(250, count - sent); one++)
      channel.sendToQueue("bench", body, { persistent });
    await channel.waitForConfirms();
  }
  await channel.close();
}

async function consumeAll(clients: readonly ChannelModel[], prefetch: number): Promise<void> {
  let left = messages;
  await new Promise<void>((resolve, reject) => {
    const consume = async (client: ChannelModel) => {
      const channel = await client.createChannel();
      await channel.prefetch(prefetch);
      await channel.consume("bench", (message) => {
        if (!message) return;
        channel.ack(message);
        if (--left === 0) resolve();
      });
    };
    for (const client of clients) consume(client).catch(reject);
  });
}

/** Two connections, one that publishes and one that consumes at the same time. */
async function passThrough(url: string, received: (body: Buffer) => void) {
  const [sender, receiver] = await Promise.all([
    connect(url, { noDelay: true }),
    connect(url, { noDelay: true }),
  ]);
  const out = await sender.createConfirmChannel();
  const into = await receiver.createChannel();
  await out.assertQueue("through", { durable: true });
  await into.prefetch(200);
  await into.consume("through", (message) => {
    if (!message) return;
    received(message.content);
    into.ack(message);
  });
  const close = async () => {
    await out.deleteQueue("through");
    await Promise.all([sender.close(), receiver.close()]);
  };
  return { out, close };
}

/** What goes through when a message is published for every one that arrives, 400 being under way. */
async function capacity(url: string): Promise<number> {
  let arrived = 0;
  const through = await passThrough(url, () => {
    arrived++;
    through.out.sendToQueue("through", body, { persistent: true });
  });
  for (let first = 0; first < 400; first++) through.out.sendToQueue("through", body, { persistent: true });
  await sleep(500);
  const before = arrived;
  await sleep(2000);
  const perSecond = (arrived - before) / 2;
  await through.close();
  return perSecond;
}

/** Publish to deliver at a given load: milliseconds, half of all and 99 of 100. */
async function latency(
  url: string,
  perSecond: number,
): Promise<{ readonly p50: number; readonly p99: number }> {
  const times: number[] = [];
  const { out, close } = await passThrough(url, (body) =>
    times.push(performance.now() - Number(body.toString("utf8", 0, 20))),
  );
  const startedAt = performance.now();
  let sent = 0;
  while (performance.now() - startedAt < 3000) {
    const due = ((performance.now() - startedAt) / 1000) * perSecond;
    for (; sent < due; sent++) {
      const stamp = performance.now().toFixed(6).padEnd(300, " ");
      out.sendToQueue("through", Buffer.from(stamp), { persistent: true });
    }
    await sleep(1);
  }
  await out.waitForConfirms();
  await sleep(100);
  await close();
  times.splice(0, Math.floor(times.length / 5));
  times.sort((a, b) => a - b);
  return { p50: times[Math.floor(times.length / 2)], p99: times[Math.floor(times.length * 0.99)] };
}

function median(rates: readonly Rates[]): Rates {
  const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];
  return {
    publish: middle(rates.map((one) => one.publish)),
    consume: middle(rates.map((one) => one.consume)),
  };
}

const dataDirectory = mkdtempSync(join(tmpdir(), "fractus-bench-"));
const own = await startBrokerProcess(dataDirectory);
const ownUrl = `amqp://guest:guest@127.0.0.1:${own.port}/`;
const missing = skipWithoutRabbitmq();
const peer = missing === false ? await startRabbitmq() : undefined;
try {
  console.log(
    missing === false ? "fractus beside RabbitMQ (classic queue), messages/s" : `fractus alone: ${missing}`,
  );
  console.log("                              publish+confirm              consume+ack");
  const warmUp = { persistent: true, prefetch: 1, connections: 1 };
  await measure(ownUrl, warmUp);
  if (peer) await measure(peer.url, warmUp);
  for (const one of cases) {
    const rates: { own: Rates[]; peer: Rates[] } = { own: [], peer: [] };
    for (let round = 0; round < 3; round++) {
      rates.own.push(await measure(ownUrl, one));
      if (peer) rates.peer.push(await measure(peer.url, one));
    }
    const ours = median(rates.own);
    const theirs = peer ? median(rates.peer) : undefined;
    const label = `${one.persistent ? "persistent" : "transient "} ${one.connections} conn, prefetch ${String(one.prefetch).padEnd(3)}`;
    console.log(
      `${label}  ${beside(ours.publish, theirs?.publish)}  ${beside(ours.consume, theirs?.consume)}`,
    );
  }
  console.log(
    "targets: consume at prefetch 1 >= 1.0x RabbitMQ, at prefetch 200 >= 0.5x, p99 under 5 ms at half load",
  );
  const most = await capacity(ownUrl);
  await report("fractus ", ownUrl, most / 2, "half of what goes through");
  if (peer) {
    const load = (await capacity(peer.url)) / 2;
    await report("RabbitMQ", peer.url, load, "half of what goes through");
    await report("fractus ", ownUrl, load, "the same load");
  }
} finally {
  await own.end("SIGTERM");
  await peer?.stop();
  rmSync(dataDirectory, { recursive: true });
}

function beside(ours: number, theirs: number | undefined): string {
  const shown = (value: number) => value.toFixed(0).padStart(6);
  return theirs === undefined
    ? shown(ours)
    : `${shown(ours)} : ${shown(theirs)} (${(ours / theirs).toFixed(2)}x)`;
}

async function report(name: string, url: string, load: number, what: string): Promise<void> {
  const { p50, p99 } = await latency(url, load);
  const times = `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;
  console.log(`${name} publish to deliver, persistent, ${load.toFixed(0)}/s (${what}): ${times}`);
}
