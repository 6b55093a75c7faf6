/** What an ordinary user has: the same suite of raw_exec, run by a process that has given up being root. */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { rawExecDriver } from "./raw-exec.ts";
import { skipUnless } from "./testing/config.ts";
import { asShell, openBench } from "./testing/driver-bench.ts";

const nobody = { uid: 65_534, gid: 65_534 };
const isRoot = process.getuid?.() === 0;
const file = join(import.meta.dirname, "raw-exec.e2e.ts");
const canRead =
  isRoot && spawnSync("/bin/cat", [file, process.execPath], { ...nobody, stdio: "ignore" }).status === 0;
const skip = skipUnless(canRead, "root, or a checkout that every user may read");

test("ordinary user: raw_exec passes its whole suite", { skip, timeout: 180_000 }, async () => {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--test", "--test-isolation=none", "--test-reporter=tap", file],
    { ...nobody, env, cwd: "/", maxBuffer: 1 << 26 },
  ).catch((error: { stdout: string }) => ({ stdout: error.stdout }));
  const count = (word: string) => Number(new RegExp(`^# ${word} (\\d+)$`, "m").exec(stdout)?.[1]);
  const failures = stdout.split("\n").filter((line) => /^\s*not ok/.test(line));
  assert.deepEqual(failures, []);
  assert.ok(count("pass") > 40 && count("fail") === 0 && count("skipped") === 0, stdout.slice(-2000));
});

test("ordinary user: the fingerprint says what is missing and what is lost", { skip }, async () => {
  const script = `
    const { rawExecDriver } = await import(${JSON.stringify(import.meta.resolve("./raw-exec.ts"))});
    const { execDriver } = await import(${JSON.stringify(import.meta.resolve("./exec.ts"))});
    console.log(JSON.stringify([await rawExecDriver().fingerprint(), await execDriver().fingerprint()]));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
    ...nobody,
    cwd: "/",
  });
  const [plain, isolated] = JSON.parse(stdout) as {
    isHealthy: boolean;
    missing: { what: string; lost: string }[];
  }[];
  assert.deepEqual([plain.isHealthy, isolated.isHealthy], [true, false]);
  for (const { missing } of [plain, isolated])
    assert.ok(
      missing.some(({ what, lost }) => what === "root" && lost.length > 0),
      JSON.stringify(missing),
    );
});

test("raw_exec: root may run a task as another user, who is then that user", { skip }, async () => {
  const bench = openBench({ open: () => rawExecDriver(), program: asShell });
  try {
    const config = {
      command: "/bin/sh",
      args: ["-c", "id -u; id -g; touch ../local/x && echo may; echo x >/dev/stdout"],
      work_dir: "tmp",
    };
    await bench.driver.wait(await bench.start(config, { user: "nobody" }));
    assert.equal(bench.log(), "65534\n65534\nmay\nx\n");
  } finally {
    await bench.close();
  }
});
