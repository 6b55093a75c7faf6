/** Agents of other machines: they join over TLS, outlive their own death, and what is lost with one runs elsewhere. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { commandLine, eventually, startCloud, withCloudFolder, type RunningCloud } from "./start-cloud.ts";

const program = fileURLToPath(new URL("../packages/fractus/src/fractus.ts", import.meta.url));

interface Stub {
  readonly ID: string;
  readonly NodeName: string;
  readonly ClientStatus: string;
  readonly DesiredStatus: string;
}

const job = `
job "far" {
  group "far" {
    count = 2
    constraint {
      attribute = "\${node.class}"
      value     = "far"
    }
    task "count" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", "n=0; while :; do n=$((n+1)); echo line $n; sleep 0.2; done"]
      }
      resources {
        cpu    = 10
        memory = 10
      }
    }
  }
}`;

function startAgent(
  dataDirectory: string,
  name: string,
  join_: { url: string; token: string },
): ChildProcess {
  const words = [
    "agent",
    "--join",
    join_.url,
    "--token",
    join_.token,
    "--data",
    dataDirectory,
    "--name",
    name,
    "--class",
    "far",
  ];
  return spawn(process.execPath, [program, ...words], { stdio: "ignore" });
}

function ended(child: ChildProcess): Promise<void> {
  return child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once("close", () => resolve()));
}

async function copies(cloud: RunningCloud): Promise<Stub[]> {
  const all = await cloud.get<Stub[]>("/v1/job/far/allocations");
  return all.filter((one) => one.DesiredStatus === "run" && one.ClientStatus === "running");
}

function pidOf(allocationId: string): number {
  const found = readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => commandLine(pid).includes("while :; do n="))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`NOMAD_ALLOC_ID=${allocationId}`);
      } catch {
        return false;
      }
    });
  return Math.min(...found);
}

test(
  "joined machines: kill -9 of an agent loses nothing; a machine that stays away is replaced within its time (CL-202, CL-205, CL-209, CL-210)",
  { timeout: 180_000 },
  () =>
    withCloudFolder(async (dataDirectory) => {
      const cloud = await startCloud({ dataDirectory, args: ["--join-port", "0"] });
      const url = /join +(\S+)/.exec(cloud.output())![1];
      const token = cloud.fractus("token", "--data", dataDirectory).stdout.trim();
      const folders = ["one", "two"].map((name) => join(dataDirectory, "..", name));
      const agents = folders.map((folder, index) => startAgent(folder, `far-${index}`, { url, token }));
      try {
        await eventually(
          "both have joined",
          async () => (await cloud.get<unknown[]>("/v1/nodes")).length === 3,
        );
        const file = join(dataDirectory, "far.nomad.hcl");
        writeFileSync(file, job);
        const run = await cloud.run("job", "run", "-detach", file);
        assert.equal(run.code, 0, run.stderr);
        await eventually("both copies run", async () => (await copies(cloud)).length === 2);
        const before = (await copies(cloud)).map(({ ID, NodeName }) => ({ ID, NodeName, pid: pidOf(ID) }));

        const at = Number(before[0].NodeName.at(-1));
        agents[at].kill("SIGKILL");
        await ended(agents[at]);
        await new Promise((resolve) => setTimeout(resolve, 1000));
        agents[at] = startAgent(folders[at], `far-${at}`, { url, token });
        await eventually("it answers again", async () => {
          const answer = await fetch(
            `${cloud.url}/v1/client/fs/logs/${before[0].ID}?task=count&type=stdout&plain=true&origin=start`,
          );
          const lines = (await answer.text()).trim().split("\n");
          return answer.ok && lines.length > 8 && lines.every((line, index) => line === `line ${index + 1}`);
        });
        assert.equal(pidOf(before[0].ID), before[0].pid, "the same process");

        agents[at].kill("SIGKILL");
        await ended(agents[at]);
        const other = `far-${1 - at}`;
        await eventually(
          "what ran there runs on the other machine",
          async () => {
            const now = await copies(cloud);
            return now.length === 2 && now.every((one) => one.NodeName === other);
          },
          60_000,
        );
        const nodes = await cloud.get<{ Name: string; Status: string }[]>("/v1/nodes");
        assert.equal(nodes.find((node) => node.Name === `far-${at}`)?.Status, "down");
        await cloud.run("job", "stop", "-purge", "far");
        await eventually("they have ended", async () => (await copies(cloud)).length === 0);
      } finally {
        for (const agent of agents) agent.kill("SIGKILL");
        await Promise.all(agents.map(ended));
        for (const folder of folders) {
          await ended(spawn(process.execPath, [program, "down", "--data", folder], { stdio: "ignore" }));
        }
        await cloud.stop();
      }
    }),
);
