import assert from "node:assert/strict";
import { test } from "node:test";
import { tableOf } from "./codec/field-table.ts";
import type { Content, Entry } from "./message.ts";
import { Queue } from "./queue.ts";
import type { Consumer } from "./queue.ts";
import { queueSettings } from "./queue-settings.ts";
import { ReadyList } from "./ready-list.ts";

interface Taken {
  readonly tag: string;
  readonly entry: Entry;
  readonly body: string;
}

/** A queue whose surroundings write down what they are told. */
function bench(args: Parameters<typeof tableOf>[0] = {}, durable = true) {
  const journal: string[] = [];
  const deaths: string[] = [];
  const taken: Taken[] = [];
  let position = 0;
  let bytes = 0;
  let entries = 0;
  let woken = 0;
  const table = tableOf(args);
  const queue = new Queue(
    { id: 1, name: "q", isDurable: durable, isAutoDelete: true, owner: undefined, arguments: table },
    queueSettings(table, "queue 'q'"),
    {
      journal: {
        insert: (_, entry) => journal.push(`+${entry.position}`),
        remove: (entry) => journal.push(`-${entry.position}`),
        delivered: (_, entry) => journal.push(`>${entry.position}x${entry.attempts}`),
        read: () => assert.fail("nothing left memory"),
      },
      nextPosition: () => ++position,
      deadLetter: (_, content, reason) => deaths.push(`${content.body.toString()} ${reason}`),
      wake: () => woken++,
      held: (change, count) => {
        bytes += change;
        entries += count;
      },
      isTight: () => false,
    },
    0,
  );
  return {
    queue,
    journal,
    deaths,
    taken,
    held: () => ({ bytes, entries }),
    publish: (body: string, traits: { priority?: number; ttlMs?: number; nowMs?: number } = {}) =>
      queue.publish(
        contentOf(body),
        { isPersistent: true, priority: traits.priority ?? 0, ttlMs: traits.ttlMs },
        traits.nowMs ?? 0,
      ),
    consumer: (tag: string, room = Infinity, more: Partial<Consumer> = {}): Consumer => {
      const consumer: Consumer = {
        tag,
        noAck: false,
        isExclusive: false,
        priority: 0,
        isReady: () => taken.filter((one) => one.tag === tag).length < room,
        deliver: (entry, content) => taken.push({ tag, entry, body: content.body.toString() }),
        cancelled: () => deaths.push(`${tag} cancelled`),
        ...more,
      };
      queue.addConsumer(consumer);
      return consumer;
    },
    said: () => taken.map((one) => `${one.tag}:${one.body}`).join(" "),
  };
}

function contentOf(body: string): Content {
  return { exchange: "", routingKey: "q", properties: Buffer.of(0, 0), body: Buffer.from(body) };
}

test("queue: oldest first, consumers in turn (CL-18)", () => {
  const { queue, publish, consumer, said } = bench();
  for (const body of "abcde") publish(body);
  consumer("x");
  consumer("y");
  queue.pump(0);
  assert.equal(said(), "x:a y:b x:c y:d x:e");
});

test("queue: a consumer without room is passed over, one at a time (CL-19, CL-21)", () => {
  const { queue, publish, consumer, said, taken } = bench();
  for (const body of "abc") publish(body);
  consumer("x", 1);
  consumer("y", 1);
  queue.pump(0);
  assert.equal(said(), "x:a y:b");
  assert.equal(queue.readyCount, 1);
  assert.equal(queue.unackedCount, 2);
  queue.ack(taken[0].entry);
  assert.equal(queue.unackedCount, 1);
});

test("queue: what comes back goes to its place and counts its deliveries (CL-20)", () => {
  const { queue, publish, consumer, said, taken, journal } = bench();
  for (const body of "abc") publish(body);
  const first = consumer("x", 2);
  queue.pump(0);
  queue.removeConsumer(first, 0);
  queue.requeue(taken[1].entry);
  queue.requeue(taken[0].entry);
  consumer("y");
  queue.pump(0);
  assert.equal(said(), "x:a x:b y:a y:b y:c");
  assert.deepEqual(
    taken.map((one) => one.entry.attempts),
    [2, 2, 2, 2, 1],
  );
  assert.deepEqual(journal, ["+1", "+2", "+3", ">1x1", ">2x1", ">1x2", ">2x2", ">3x1"]);
});

test("queue: an ack leaves nothing behind, in memory or journal", () => {
  const { queue, publish, consumer, taken, held, journal } = bench();
  publish("abc");
  consumer("x");
  queue.pump(0);
  assert.deepEqual(held(), { bytes: 3, entries: 1 });
  queue.ack(taken[0].entry);
  queue.ack(taken[0].entry);
  assert.deepEqual(held(), { bytes: 0, entries: 0 });
  assert.deepEqual(journal, ["+1", ">1x1", "-1"]);
});

test("queue: without acknowledgement delivery is the end", () => {
  const { queue, publish, consumer, journal, held } = bench();
  publish("a");
  consumer("x", Infinity, { noAck: true });
  queue.pump(0);
  assert.equal(queue.unackedCount, 0);
  assert.deepEqual(journal, ["+1", "-1"]);
  assert.deepEqual(held(), { bytes: 0, entries: 0 });
});

test("queue: a queue that is not durable writes nothing", () => {
  const { queue, publish, consumer, journal, taken } = bench({}, false);
  publish("a");
  consumer("x");
  queue.pump(0);
  queue.ack(taken[0].entry);
  assert.deepEqual(journal, []);
});

test("queue: rejected means dead-lettered, if there is an exchange for it", () => {
  for (const exchange of [undefined, "dlx"]) {
    const args: Parameters<typeof bench>[0] =
      exchange === undefined ? {} : { "x-dead-letter-exchange": exchange };
    const { queue, publish, consumer, taken, deaths, held } = bench(args);
    publish("a");
    consumer("x");
    queue.pump(0);
    queue.reject(taken[0].entry);
    assert.deepEqual(deaths, exchange === undefined ? [] : ["a rejected"]);
    assert.deepEqual(held(), { bytes: 0, entries: 0 });
  }
});

test("queue: the delivery limit counts returns; the one beyond is dead-lettered", () => {
  const { queue, publish, consumer, taken, deaths } = bench({
    "x-dead-letter-exchange": "",
    "x-delivery-limit": 2,
  });
  publish("a");
  consumer("x");
  for (let round = 0; round < 3; round++) {
    queue.pump(0);
    queue.requeue(taken.at(-1)!.entry);
  }
  assert.equal(taken.length, 3);
  assert.deepEqual(deaths, ["a delivery_limit"]);
  assert.equal(queue.readyCount, 0);
});

test("queue: expired messages leave from the head at their time", () => {
  const { queue, publish, deaths } = bench({ "x-dead-letter-exchange": "dlx", "x-message-ttl": 100 });
  publish("a", { nowMs: 0 });
  publish("b", { nowMs: 10, ttlMs: 20 });
  assert.equal(queue.deadlineMs(), 100);
  queue.pump(30);
  assert.deepEqual(deaths, []);
  queue.pump(100);
  assert.deepEqual(deaths, ["a expired", "b expired"]);
  assert.equal(queue.deadlineMs(), undefined);
});

test("queue: a time to live of 0 is for who is there", () => {
  const { publish, consumer, said, deaths } = bench({ "x-dead-letter-exchange": "dlx", "x-message-ttl": 0 });
  publish("a", { nowMs: 5 });
  consumer("x");
  publish("b", { nowMs: 5 });
  assert.equal(said(), "x:b");
  assert.deepEqual(deaths, ["a expired"]);
});

test("queue: a bounded queue drops from its head", () => {
  const { queue, publish, deaths } = bench({ "x-dead-letter-exchange": "dlx", "x-max-length": 2 });
  for (const body of "abcd") publish(body);
  assert.deepEqual(deaths, ["a maxlen", "b maxlen"]);
  assert.equal(queue.readyCount, 2);
});

test("queue: of many that come back the oldest are dropped, in their order", () => {
  const { queue, publish, consumer, taken, deaths } = bench({
    "x-dead-letter-exchange": "dlx",
    "x-max-length": 2,
  });
  const one = consumer("x");
  for (const body of ["a", "b", "c"]) {
    publish(body);
    queue.pump(0);
  }
  queue.removeConsumer(one, 0);
  publish("d");
  for (const { entry } of taken.toReversed()) queue.requeue(entry);
  queue.pump(0);
  assert.deepEqual(deaths, ["a maxlen", "b maxlen"]);
});

test("queue: a bound in bytes counts bodies", () => {
  const { queue, publish, deaths } = bench({ "x-dead-letter-exchange": "dlx", "x-max-length-bytes": 10 });
  for (const body of ["12345", "67890", "x", "too large for it"]) publish(body);
  assert.deepEqual(deaths, ["12345 maxlen", "67890 maxlen", "x maxlen", "too large for it maxlen"]);
  assert.equal(queue.readyBytes, 0);
});

test("queue: a bounded queue may refuse instead", () => {
  const { publish, consumer, deaths } = bench({ "x-max-length": 2, "x-overflow": "reject-publish" });
  assert.deepEqual(
    ["a", "b", "c"].map((body) => publish(body)),
    [true, true, false],
  );
  consumer("x", 1);
  assert.equal(publish("d"), true);
  assert.deepEqual(deaths, []);
});

test("queue: higher priorities first, in order within one", () => {
  const { queue, publish, consumer, said } = bench({ "x-max-priority": 5 });
  for (const [body, priority] of [
    ["a", 0],
    ["b", 5],
    ["c", 1],
    ["d", 9],
    ["e", 1],
  ] as const) {
    publish(body, { priority });
  }
  consumer("x");
  queue.pump(0);
  assert.equal(said(), "x:b x:d x:c x:e x:a");
});

test("queue: consumers of higher priority are served while they have room", () => {
  const { queue, publish, consumer, said } = bench();
  for (const body of "abcd") publish(body);
  consumer("low");
  consumer("high", 2, { priority: 10 });
  queue.pump(0);
  assert.equal(said(), "high:a high:b low:c low:d");
});

test("queue: a single active consumer gets all until it goes", () => {
  const { queue, publish, consumer, said } = bench({ "x-single-active-consumer": true });
  const first = consumer("x");
  consumer("y");
  publish("a");
  publish("b");
  queue.pump(0);
  queue.removeConsumer(first, 0);
  publish("c");
  queue.pump(0);
  assert.equal(said(), "x:a x:b y:c");
});

test("queue: purge leaves what is out, close takes all and tells consumers", () => {
  const { queue, publish, consumer, deaths, held } = bench();
  for (const body of "abc") publish(body);
  consumer("x", 1);
  queue.pump(0);
  assert.equal(queue.purge(), 2);
  assert.equal(queue.unackedCount, 1);
  assert.equal(queue.close(), 0);
  assert.deepEqual(deaths, ["x cancelled"]);
  assert.deepEqual(held(), { bytes: 0, entries: 0 });
});

test("queue: it expires only while nobody uses it", () => {
  const { queue, consumer } = bench({ "x-expires": 1000 });
  assert.equal(queue.diesAtMs(), 1000);
  queue.get(true, 500);
  assert.equal(queue.diesAtMs(), 1500);
  const one = consumer("x");
  assert.equal(queue.diesAtMs(), undefined);
  assert.equal(queue.removeConsumer(one, 2000), true);
  assert.equal(queue.diesAtMs(), 3000);
});

test("queue settings: senseless arguments are refused by name", () => {
  for (const [name, value] of [
    ["x-message-ttl", -1],
    ["x-message-ttl", "soon"],
    ["x-expires", 0],
    ["x-max-length", -5],
    ["x-max-priority", 256],
    ["x-overflow", "explode"],
    ["x-queue-type", "stream"],
    ["x-dead-letter-exchange", 7],
    ["x-dead-letter-routing-key", "alone"],
  ] as const) {
    assert.throws(
      () => queueSettings(tableOf({ [name]: value }), "queue 'q'"),
      (error: Error) => error.message.includes(`'${name}'`),
    );
  }
});

test("ready list: any order of returning is put right (seeded)", () => {
  let seed = 11;
  const random = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff) % below;
  const list = new ReadyList();
  const model: number[] = [];
  const out: Entry[] = [];
  let position = 0;
  for (let step = 0; step < 20_000; step++) {
    const choice = random(5);
    if (choice < 2) {
      const entry = { position: ++position } as Entry;
      list.push(entry);
      model.push(position);
    } else if (choice < 4) {
      const entry = list.shift();
      assert.equal(entry?.position, model.shift(), `seed 11, step ${step}`);
      if (entry) out.push(entry);
    } else if (out.length > 0) {
      const [entry] = out.splice(random(out.length), 1);
      list.restore(entry);
      model.push(entry.position);
      model.sort((a, b) => a - b);
    }
    assert.equal(list.length, model.length);
  }
});
