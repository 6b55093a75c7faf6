/**
 * What the agent may expect of a driver. Every driver passes `driverSuite` in one line; those whose tasks are processes
 * pass `processSuite` as well.
 */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { TaskHandle } from "./driver.ts";
import { openBench } from "./testing/driver-bench.ts";
import type { DriverBench, Subject } from "./testing/driver-bench.ts";

export type Check = (claim: string, body: (on: DriverBench) => Promise<void>) => void;

/** Defines the suite for one driver. */
export function driverSuite(
  name: string,
  subject: Subject,
  options: { readonly skip?: string | false } = {},
): void {
  suite(name, { skip: options.skip ?? false }, () => {
    const check = checkWith(name, subject);
    running(check);
    stopping(check);
    destroying(check);
    refusing(check);
  });
}

/** A test with a bench of its own, of which nothing is left afterwards. */
export function checkWith(
  name: string,
  subject: Subject,
  afterwards: (root: string) => void = () => undefined,
): Check {
  return (claim, body) => {
    test(`${name}: ${claim}`, { timeout: 60_000 }, async () => {
      const bench = openBench(subject);
      try {
        await body(bench);
      } finally {
        await bench.close();
      }
      afterwards(bench.root);
    });
  };
}

/** Absent fields say nothing. */
export function assertResult(result: object, expected: object): void {
  assert.deepEqual({ ...result, ...expected }, result);
}

function running(check: Check): void {
  check("a task runs until it ends, and its exit code is kept", async ({ start, driver }) => {
    const startedMs = Date.now();
    const handle = await start({ exitCode: 7 });
    const result = await driver.wait(handle);
    assertResult(result, { exitCode: 7, isOutOfMemory: false });
    assert.equal(result.signal, undefined);
    assert.ok(result.finishedAtMs >= startedMs - 1000 && result.finishedAtMs <= Date.now() + 1000);
    assert.deepEqual(await driver.recover(handle), { state: "exited", result });
  });

  check("a signal is told from an exit code", async ({ start, driver }) => {
    for (const [signal, exitCode] of [
      ["SIGKILL", 137],
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const)
      assertResult(await driver.wait(await start({ exitSignal: signal })), { exitCode, signal });
    assert.equal((await driver.wait(await start({ exitCode: 137 }))).signal, undefined);
  });

  check("a task that runs is running", async ({ start, driver }) => {
    const handle = await start({ runsOn: true });
    assert.deepEqual(await driver.recover(handle), { state: "running" });
    const reason = new Error("no longer interested");
    await assert.rejects(driver.wait(handle, AbortSignal.abort(reason)), (error) => error === reason);
  });

  check("a handle is plain JSON that another agent can use", async ({ start, open }) => {
    const handle = JSON.parse(JSON.stringify(await start({ runsOn: true }))) as TaskHandle;
    const other = open();
    assert.deepEqual(await other.recover(handle), { state: "running" });
    assertResult(await other.stop(handle, { signal: "SIGKILL", killTimeoutMs: 1000 }), { signal: "SIGKILL" });
  });

  check("starting twice makes one task, even after it has ended", async ({ driver, spec, adopt, open }) => {
    const once = spec({ exitCode: 3 });
    const [first, second] = await Promise.all([driver.start(once), driver.start(once)]);
    adopt(first);
    assert.deepEqual(first, second);
    const result = await driver.wait(first);
    const later = await open().start(once);
    assert.equal(later.startedAtMs, first.startedAtMs);
    assert.deepEqual(await driver.wait(later), result);
  });

  check("what is used and what isolates is told while it runs", async ({ start, driver }) => {
    const handle = await start({ runsOn: true });
    const stats = await driver.stats(handle);
    assert.ok(stats.processes >= 1 && stats.cpuMs >= 0 && stats.memoryBytes >= 0, JSON.stringify(stats));
    const claims = await driver.isolation(handle);
    assert.ok(claims.length > 0 && claims.every(({ words }) => words.endsWith(".")));
  });

  check("the fingerprint says that it is there", async ({ driver }) => {
    const { isDetected, isHealthy, attributes } = await driver.fingerprint();
    assert.deepEqual([isDetected, isHealthy], [true, true]);
    assert.equal(attributes[`driver.${driver.name}`], "1");
  });
}

function stopping(check: Check): void {
  check("stop asks, and the signal is the one asked for", async ({ start, driver }) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGUSR1"]) {
      const handle = await start({ runsOn: true });
      assertResult(await driver.stop(handle, { signal, killTimeoutMs: 30_000 }), { signal });
    }
  });

  check("stop kills what does not end in time, and not before", async ({ start, driver, output }) => {
    const handle = await start({ runsOn: true, ignoresSignals: true, output: "ready" });
    await output("ready");
    const askedMs = performance.now();
    const result = await driver.stop(handle, { killTimeoutMs: 300 });
    assertResult(result, { exitCode: 137, signal: "SIGKILL" });
    assert.ok(performance.now() - askedMs >= 290);
  });

  check("stopping twice, or what has ended, changes nothing", async ({ start, driver }) => {
    const handle = await start({ exitCode: 4 });
    const result = await driver.wait(handle);
    assert.deepEqual(await driver.stop(handle, { killTimeoutMs: 10 }), result);
    const lasting = await start({ runsOn: true });
    const [one, two] = await Promise.all([1, 2].map(() => driver.stop(lasting, { killTimeoutMs: 5000 })));
    assert.deepEqual(one, two);
  });

  check("a signal reaches a task that runs, and is refused otherwise", async ({ start, driver }) => {
    const handle = await start({ runsOn: true });
    await assert.rejects(driver.signal(handle, "SIGNONSENSE"), { kind: "invalid" });
    await driver.signal(handle, "SIGHUP");
    assertResult(await driver.wait(handle), { signal: "SIGHUP" });
    await assert.rejects(driver.signal(handle, "SIGHUP"), { kind: "conflict" });
  });
}

function destroying(check: Check): void {
  check("what is destroyed is gone, and may be destroyed again", async ({ start, driver }) => {
    const handle = await start({ runsOn: true });
    await Promise.all([driver.destroy(handle), driver.destroy(handle)]);
    await driver.destroy(handle);
    assert.deepEqual(await driver.recover(handle), { state: "gone" });
    await assert.rejects(driver.wait(handle), { kind: "not-found" });
    await assert.rejects(driver.stop(handle, { killTimeoutMs: 10 }), { kind: "not-found" });
    await assert.rejects(driver.stats(handle), { kind: "not-found" });
  });

  check("who waits for a task that is destroyed is told", async ({ start, driver }) => {
    const handle = await start({ runsOn: true });
    const waiting = driver.wait(handle).then(
      (result) => result.signal ?? result.error ?? `exit code ${result.exitCode}`,
      (error: { kind: string }) => error.kind,
    );
    await driver.destroy(handle);
    assert.match(await waiting, /^(SIGKILL|not-found|Nobody saw the end of it: .*)$/);
  });
}

function refusing(check: Check): void {
  check("a name that is no file name is refused", async ({ driver, spec }) => {
    for (const name of ["", ".", "..", "a/b", "a\0b", "x".repeat(300)]) {
      const bad = { ...spec({ exitCode: 0 }), name };
      await assert.rejects(driver.start(bad), { name: "Refusal", kind: "invalid" });
    }
  });

  check("a setting that the driver does not know is refused by name", async ({ driver, spec }) => {
    const known = spec({ exitCode: 0 });
    const unknown = { ...known, config: { ...known.config, colour: "red" } };
    await assert.rejects(driver.start(unknown), { kind: "invalid", message: /"colour"/ });
  });
}
