import assert from "node:assert/strict";
import { test } from "node:test";
import { canaryNames, freeNames } from "./names.ts";
import { sampleAllocation } from "./testing/samples.ts";

const place = { jobId: "shop", group: "web" };
const copies = (indexes: readonly number[]) => indexes.map((index) => sampleAllocation({ index }));
const digits = (names: readonly string[]) => names.map((name) => name.replace("shop.web", "")).join("");

test("names: gaps are filled from below", () => {
  assert.equal(digits(freeNames(place, copies([0, 2, 5]), 4)), "[1][3][4][6]");
});

test("names: canaries take those of the copies they would replace, then new ones", () => {
  const sets = { canaries: copies([0]), replaced: copies([1, 0, 2]), others: copies([3]) };
  assert.equal(digits(canaryNames(place, sets, 3)), "[1][2][4]");
});
