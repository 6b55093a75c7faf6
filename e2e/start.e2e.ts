/** What `npm start` promises of starting, stopping and coming back. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { fractalsClient } from "@fractals/client/client.ts";
import { endCloud } from "./start-cloud.ts";
import { startFractals } from "./start-fractals.ts";

const program = fileURLToPath(new URL("../packages/fractus/src/fractus.ts", import.meta.url));

async function inFolder(use: (dataDirectory: string) => Promise<void>): Promise<void> {
  const dataDirectory = mkdtempSync(join(tmpdir(), "start-"));
  try {
    await use(dataDirectory);
  } finally {
    endCloud(dataDirectory);
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

/** The processes of this machine whose command line names the folder. */
function processesOf(dataDirectory: string): string[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && entry !== String(process.pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(dataDirectory);
      } catch {
        return false;
      }
    });
}

async function eventually(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await check()); tries++) {
    if (tries === 600) throw new Error(`${what}: not after 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("start: a first run fills the gallery, a second one keeps it and asks for nothing more (CL-39)", () =>
  inFolder(async (dataDirectory) => {
    const first = await startFractals({ dataDirectory, demo: true });
    const count = async (url: string) => (await fractalsClient(url).list({ status: "done" })).num_results;
    await eventually("the demo is drawn", async () => (await count(first.url)) === 12);
    await eventually("the demo is noted", () => existsSync(join(dataDirectory, "demo-requested")));
    await first.stop();
    const second = await startFractals({ dataDirectory, demo: true });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { num_results: all } = await fractalsClient(second.url).list();
    await second.stop();
    assert.equal(all, 12);
  }));

test("start: Ctrl-C leaves no process behind", () =>
  inFolder(async (dataDirectory) => {
    const fractals = await startFractals({ dataDirectory });
    assert.ok(processesOf(dataDirectory).length >= 3);
    await fractals.stop();
    assert.match(fractals.output(), /Everything has stopped/);
    assert.deepEqual(processesOf(dataDirectory), []);
  }));

test("start: what a killed cloud left running is adopted by the next one, and its work goes on", () =>
  inFolder(async (dataDirectory) => {
    const first = await startFractals({ dataDirectory });
    const left = await first.pids();
    process.kill(first.supervisorPid, "SIGKILL");
    assert.ok(Object.keys(left).length >= 4, JSON.stringify(left));
    const second = await startFractals({ dataDirectory });
    const kept = await second.pids();
    const { uuid } = await fractalsClient(second.url).create({ width: 64, height: 64 });
    await eventually(
      "the task is drawn",
      async () => (await fractalsClient(second.url).get(uuid)).status === "done",
    );
    await second.stop();
    assert.deepEqual(kept, left);
    assert.deepEqual(processesOf(dataDirectory), []);
  }));

test("start: a second cloud on the same folder is refused, and the first goes on", () =>
  inFolder(async (dataDirectory) => {
    const first = await startFractals({ dataDirectory });
    const second = spawnSync(process.execPath, [program, "up", "--data", dataDirectory, "--port", "0"], {
      encoding: "utf8",
    });
    const health = await fetch(`${first.url}/readyz`);
    await first.stop();
    assert.equal(second.status, 1);
    assert.match(second.stderr, /already running in .*, as process \d+\. Stop it, or give another directory/);
    assert.equal(health.status, 200);
  }));

test("start: a taken port is named with its holder, and another is used", () =>
  inFolder(async (dataDirectory) => {
    const first = await startFractals();
    const { port } = new URL(first.url);
    const second = await startFractals({ dataDirectory, args: ["--port", port] });
    const { url, output } = second;
    await second.stop();
    await first.stop();
    assert.notEqual(new URL(url).port, port);
    assert.match(
      output(),
      new RegExp(`Port ${port} is taken by process \\d+ \\(.*fractus.ts.*; the gallery uses \\d+ instead`),
    );
  }));

test("start: an option that does not exist is named", () => {
  const { status, stderr } = spawnSync(process.execPath, [program, "up", "--prot", "1"], {
    encoding: "utf8",
  });
  assert.equal(status, 1);
  assert.match(stderr, /fractus: .*--prot/);
});
