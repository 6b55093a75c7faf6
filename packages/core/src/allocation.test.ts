import assert from "node:assert/strict";
import { test } from "node:test";
import { allocationIndex, allocationName, isOver, isTerminal } from "./allocation.ts";

test("allocation: its name says job, group and index, and the index can be read back", () => {
  const name = allocationName({ jobId: "shop", group: "web[1]", index: 12 });
  assert.equal(name, "shop.web[1][12]");
  assert.equal(allocationIndex(name), 12);
  assert.equal(allocationIndex("shop.web"), -1);
});

test("allocation: a lost one is over although its node may come back", () => {
  assert.ok(isOver({ status: "lost" }));
  assert.ok(!isOver({ status: "unknown" }));
});

test("allocation: one that is to stop is terminal before it has stopped", () => {
  assert.ok(isTerminal({ desired: "stop", status: "running" }));
  assert.ok(!isOver({ status: "running" }));
});
