/** A few rounds of `npm run torture -- --cloud`: real processes die at random moments, and nothing acknowledged is lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { tortureCloud } from "../tools/torture/torture-cloud.ts";

const seed = Number(process.env["TORTURE_SEED"] ?? Date.now() % 2 ** 31);
const rounds = Number(process.env["TORTURE_ROUNDS"] ?? 4);

test(
  `torture: a cloud and two agents outlive ${rounds} rounds of kill -9 (seed ${seed})`,
  { timeout: 60_000 * rounds },
  async (t) => {
    const outcome = await tortureCloud({ seed, rounds, isTraced: true, say: (line) => t.diagnostic(line) });
    assert.deepEqual(outcome.failure?.violations ?? [], [], `round ${outcome.failure?.round}, seed ${seed}`);
    assert.equal(outcome.rounds, rounds);
    assert.ok(outcome.answers.acknowledged > 0);
  },
);
