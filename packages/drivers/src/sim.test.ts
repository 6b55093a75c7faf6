import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "@fractus/core/clock.ts";
import { driverSuite } from "./driver-suite.ts";
import { simDriver, simMachine } from "./sim.ts";
import { taskDirectory } from "./task-directory.ts";
import type { Program } from "./testing/driver-bench.ts";

const machine = simMachine();

function program({ runsOn = false, ignoresSignals = false, exitCode = 0, exitSignal }: Program) {
  return { ...(runsOn ? {} : { runForMs: 0 }), ignoresSignals, exitCode, ...(exitSignal && { exitSignal }) };
}

driverSuite("sim", { writesNoLogs: true, open: () => simDriver(systemClock, machine), program });

test("sim: hours pass on the clock it is given", async () => {
  let nowMs = 0;
  const sleep = (delayMs: number) => Promise.resolve(void (nowMs += delayMs));
  const driver = simDriver({ nowMs: () => nowMs, sleep }, simMachine());
  const handle = await driver.start({
    id: "a",
    name: "web",
    config: { startDelayMs: 500, runForMs: 3_600_000, exitCode: 2 },
    env: {},
    resources: { cpuMhz: 1, memoryBytes: 1 },
    logs: { maxFiles: 1, maxFileBytes: 1, disabled: true },
    directory: taskDirectory("/nowhere", "web"),
  });
  assert.equal(handle.startedAtMs, 500);
  assert.deepEqual(await driver.wait(handle), { exitCode: 2, isOutOfMemory: false, finishedAtMs: 3_600_500 });
});

test("sim: a start that fails says why", async () => {
  const driver = simDriver(systemClock, simMachine());
  const spec = {
    id: "a",
    name: "web",
    config: { startError: "No such image." },
    env: {},
    resources: { cpuMhz: 1, memoryBytes: 1 },
    logs: { maxFiles: 1, maxFileBytes: 1, disabled: true },
    directory: taskDirectory("/nowhere", "web"),
  };
  await assert.rejects(driver.start(spec), { kind: "unavailable", message: "No such image." });
});
