import assert from "node:assert/strict";
import { test } from "node:test";
import { ownEscape, randomJulia, seededRoll } from "./random-julia.ts";

const documentWindow = { xa: -1.77488588389, xb: 3.08249829401, ya: -1.31213919301, yb: 1.95281690897 };

test("random Julia: the constant lies in the window and its own orbit escapes between 10 and 100", () => {
  const roll = seededRoll(5);
  for (let round = 0; round < 300; round++) {
    const { cx, cy } = randomJulia(documentWindow, roll);
    assert.ok(cx >= documentWindow.xa && cx <= documentWindow.xb, String(cx));
    assert.ok(cy >= documentWindow.ya && cy <= documentWindow.yb, String(cy));
    const escape = ownEscape({ cx, cy });
    assert.ok(escape > 10 && escape < 100, String(escape));
  }
});

test("random Julia: the measured constants escape where they should", () => {
  assert.equal(ownEscape({ cx: -0.4, cy: 0.6 }), 25);
  assert.equal(ownEscape({ cx: -1.0715444865060113, cy: 0.24417869447814322 }), 56);
  assert.equal(ownEscape({ cx: 0, cy: 0 }), 100);
  assert.equal(ownEscape({ cx: 3, cy: 0 }), 0);
});

test("random Julia: a window without such points falls back to the square around 0", () => {
  for (const window of [
    { xa: 50, xb: 60, ya: 50, yb: 60 },
    { xa: 0, xb: 0.01, ya: 0, yb: 0.01 },
  ]) {
    const { cx, cy } = randomJulia(window, seededRoll(1));
    assert.ok(Math.abs(cx) <= 2 && Math.abs(cy) <= 2);
    assert.ok(ownEscape({ cx, cy }) > 10 && ownEscape({ cx, cy }) < 100);
  }
});

test("random Julia: it ends even when the roll is stuck", () => {
  const constant = randomJulia(documentWindow, () => 0);
  assert.ok(ownEscape(constant) > 10 && ownEscape(constant) < 100);
});

test("random Julia: one seed, one constant", () => {
  assert.deepEqual(randomJulia(documentWindow, seededRoll(9)), randomJulia(documentWindow, seededRoll(9)));
  assert.notDeepEqual(
    randomJulia(documentWindow, seededRoll(9)),
    randomJulia(documentWindow, seededRoll(10)),
  );
});

test("seeded roll: in [0, 1), evenly", () => {
  const roll = seededRoll(2);
  const buckets = Array.from({ length: 10 }, () => 0);
  for (let n = 0; n < 100_000; n++) buckets[Math.floor(roll() * 10)] += 1;
  for (const size of buckets) assert.ok(Math.abs(size - 10_000) < 500, `a bucket holds ${size}`);
});
