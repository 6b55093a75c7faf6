import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { runSeed } from "./run-seed.ts";

const seeds = 200;
const steps = 40;

void test(`sim: ${seeds} seeds of ${steps} steps hold all invariants`, async () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const { failure } = await runSeed({ seed, steps });
    deepEqual(failure, undefined, `npm run sim -- --seed ${seed} --steps ${steps} --trace`);
  }
});
