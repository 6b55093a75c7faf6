import assert from "node:assert/strict";
import { test } from "node:test";
import { choose } from "./random-request.ts";

test("choose: an exact value wins, whole numbers reach both bounds", () => {
  assert.equal(
    choose("width", { exact: 649, low: 1, high: 2 }, () => 0.5),
    649,
  );
  assert.equal(
    choose("width", { exact: undefined, low: 256, high: 1024 }, () => 0),
    256,
  );
  assert.equal(
    choose("width", { exact: undefined, low: 256, high: 1024 }, () => 0.999999),
    1024,
  );
});

test("choose: bounds may be given either way round, as the tutorial's application has them for xa", () => {
  const value = choose("xa", { exact: undefined, low: -1, high: -4 }, () => 0.5);
  assert.equal(value, -2.5);
});
