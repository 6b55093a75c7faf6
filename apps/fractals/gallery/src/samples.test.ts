import assert from "node:assert/strict";
import { test } from "node:test";
import type { WorkersView } from "@fractals/client/fractal.ts";
import { niceCeiling, rates, withSample, type Sample } from "./samples.ts";

const view = (depth: number | null, done: number) =>
  ({
    queue: { depth, consumers: 1 },
    totals: { queued: 0, drawing: 0, done, failed: 0 },
  }) as unknown as WorkersView;

test("samples: the speed is what was done in the last ten seconds", () => {
  const samples = [0, 5, 10, 15, 20].map((second): Sample => ({
    atMs: second * 1000,
    depth: 0,
    done: second * 2,
  }));
  assert.deepEqual(rates(samples), [undefined, 120, 120, 120, 120]);
});

test("samples: deleting fractals is no negative speed", () => {
  assert.deepEqual(
    rates([
      { atMs: 0, depth: 0, done: 9 },
      { atMs: 5000, depth: 0, done: 3 },
    ]),
    [undefined, 0],
  );
});

test("samples: five minutes are kept, and a silent queue adds nothing", () => {
  const first = withSample([], view(3, 1), 0);
  assert.equal(withSample(first, view(4, 1), 299_000).length, 2);
  assert.equal(withSample(first, view(4, 1), 300_000).length, 1);
  assert.equal(withSample(first, view(null, 1), 1000).length, 1);
});

test("samples: the scale ends at a round number that nothing exceeds", () => {
  const tops = [[], [1], [3], [7], [12], [49], [51], [100], [101]].map(niceCeiling);
  assert.deepEqual(tops, [1, 1, 5, 10, 20, 50, 100, 100, 200]);
});
