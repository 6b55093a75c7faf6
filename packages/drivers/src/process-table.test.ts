import assert from "node:assert/strict";
import { test } from "node:test";
import { isAlive, parseStat, processStat } from "./process-table.ts";

test("process table: a hostile process name hides nothing", () => {
  const fields = "S 1 20 30 0 -1 4194304 114 0 0 0 7 8 1 2 20 0 1 0 447124 3133440 385";
  const stat = parseStat(`77 (a) R 9 (\n) ${fields}`);
  assert.deepEqual(stat, {
    pid: 77,
    state: "S",
    parent: 1,
    session: 30,
    startTicks: "447124",
    userTicks: 8,
    systemTicks: 10,
  });
});

test(
  "process table: a process of the same number but another start is another process",
  { skip: process.platform !== "linux" && "no /proc" },
  () => {
    const own = processStat(process.pid);
    assert.ok(isAlive(own));
    assert.ok(!isAlive({ pid: process.pid, startTicks: "1" }));
    assert.ok(!isAlive(undefined));
  },
);
