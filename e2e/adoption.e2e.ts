/** kill -9 of the cloud: its tasks live on, the next start adopts them, and no line of their logs is lost. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { commandLine, eventually, startCloud, withCloudFolder, type RunningCloud } from "./start-cloud.ts";

const count = 50;

const counting = `
job "counting" {
  type = "service"
  group "counters" {
    count = ${count}
    restart {
      attempts = 0
    }
    task "counter" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", "n=0; while :; do n=$((n+1)); echo line $n; sleep 0.2; done"]
      }
      resources {
        cpu    = 10
        memory = 10
      }
      logs {
        max_files     = 2
        max_file_size = 1
      }
    }
  }
}`;

interface Stub {
  readonly ID: string;
  readonly ClientStatus: string;
}

async function running(cloud: RunningCloud): Promise<Stub[]> {
  const all = await cloud.get<Stub[]>("/v1/job/counting/allocations");
  return all.filter((one) => one.ClientStatus === "running");
}

/** By allocation: the process of its task, which bears the allocation's id in its environment. */
async function pids(cloud: RunningCloud): Promise<Record<string, number>> {
  const wanted = new Set((await running(cloud)).map(({ ID }) => ID));
  const found: Record<string, number> = {};
  for (const pid of readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)) {
    if (!commandLine(pid).includes("while :; do n=")) continue;
    const [, id = ""] = /NOMAD_ALLOC_ID=([^\0]+)/.exec(environmentOf(pid)) ?? [];
    if (wanted.has(id)) found[id] = Math.min(found[id] ?? Infinity, pid);
  }
  return found;
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
}

async function logOf(cloud: RunningCloud, id: string): Promise<string> {
  const response = await fetch(
    `${cloud.url}/v1/client/fs/logs/${id}?task=counter&type=stdout&plain=true&follow=false&origin=start`,
  );
  return response.text();
}

test("adoption: the next start adopts 50 tasks after kill -9, same processes, no log line lost", () =>
  withCloudFolder(async (dataDirectory) => {
    const first = await startCloud({ dataDirectory });
    const file = join(dataDirectory, "counting.nomad.hcl");
    writeFileSync(file, counting);
    const ran = first.fractus("job", "run", "-detach", file);
    assert.equal(ran.code, 0, ran.stderr);
    await eventually("all run", async () => (await running(first)).length === count, 60_000);
    const before = await pids(first);
    assert.equal(Object.keys(before).length, count);
    await first.kill();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    for (const pid of Object.values(before)) assert.match(commandLine(pid), /sh/, "tasks outlive the cloud");

    const second = await startCloud({ dataDirectory });
    await eventually("all are known to run", async () => (await running(second)).length === count);
    assert.deepEqual(await pids(second), before);
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (const id of Object.keys(before)) {
      const lines = (await logOf(second, id)).trim().split("\n");
      assert.ok(lines.length >= 8, `${id} has ${lines.length} lines`);
      assert.deepEqual(
        lines,
        lines.map((_, index) => `line ${index + 1}`),
      );
    }
    const stopped = second.fractus("job", "stop", "-purge", "counting");
    assert.equal(stopped.code, 0, stopped.stderr);
    await eventually("all have ended", () => Object.values(before).every((pid) => commandLine(pid) === ""));
    await second.stop();
  }));
