import assert from "node:assert/strict";
import { test } from "node:test";
import { answers, operations } from "./testing/differential.ts";
import { startOwnBroker } from "./testing/own-broker.ts";
import { skipWithoutRabbitmq, startRabbitmq } from "./testing/rabbitmq.ts";
import { seeded } from "./testing/seeded.ts";

const count = 2000;

test(
  `differential: ${count} seeded operations are answered like RabbitMQ answers them (CL-22)`,
  { skip: skipWithoutRabbitmq() },
  async (context) => {
    const seed = Number(process.hrtime.bigint() % 1_000_000n);
    context.diagnostic(`seed ${seed}`);
    const sequence = () => operations(count, seeded(seed));
    const own = await startOwnBroker();
    const rabbitmq = await startRabbitmq();
    try {
      const ours = await answers(own.url, sequence(), 0);
      const theirs = await answers(rabbitmq.url, sequence(), 5);
      const at = ours.findIndex((line, index) => line !== theirs[index]);
      const before = ours.slice(Math.max(0, at - 25), at).join("\n");
      assert.equal(ours[at], theirs[at], `seed ${seed}, operation ${at}, after\n${before}`);
      assert.ok(ours.filter((line) => line.includes('"body"')).length > 100, "messages went through");
    } finally {
      await own.stop();
      await rabbitmq.stop();
    }
  },
);
