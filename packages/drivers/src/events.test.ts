import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEvents } from "./events.ts";
import { signalNumber } from "./signals.ts";

test("events: the lines of a task that ran and was killed", () => {
  const events = parseEvents(
    "supervisor 10 5001 boot-a\nreader stdout 11 5002\ninit 12 5003\nready 3 5004\nexit 137 signalled\nexit 1 exited\n",
  );
  assert.deepEqual(events, {
    bootId: "boot-a",
    supervisor: { pid: 10, startTicks: "5001" },
    readers: { stdout: { pid: 11, startTicks: "5002" } },
    init: { pid: 12, startTicks: "5003" },
    main: { pid: 3, startTicks: "5004" },
    exit: { exitCode: 137, signal: "SIGKILL" },
  });
});

test("events: an exit code is not taken for a signal", () => {
  assert.deepEqual(parseEvents("exit 137 exited\n").exit, { exitCode: 137 });
});

test("events: a line that is not finished does not count", () => {
  assert.deepEqual(parseEvents("failed to sing\nexit 1"), { readers: {}, failure: "to sing" });
});

test("signals: names with and without SIG, numbers, and nothing else", () => {
  assert.deepEqual(["SIGHUP", "hup", "1"].map(signalNumber), [1, 1, 1]);
  for (const name of ["", "NO", "0", "65", "-9"])
    assert.throws(() => signalNumber(name), { kind: "invalid" });
});
