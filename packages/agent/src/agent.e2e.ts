import assert from "node:assert/strict";
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "@fractus/core/clock.ts";
import { seededDice } from "@fractus/core/dice.ts";
import type { Group, Job, Task } from "@fractus/core/job.ts";
import { processStat } from "@fractus/drivers/process-table.ts";
import { execDriver } from "@fractus/drivers/exec.ts";
import { rawExecDriver } from "@fractus/drivers/raw-exec.ts";
import { skipUnless } from "@fractus/drivers/testing/config.ts";
import { traces } from "@fractus/drivers/testing/traces.ts";
import { defaultArtifactLimits } from "./artifacts/limits.ts";
import type { Agent } from "./agent.ts";
import type { FileChunk } from "./agent-access.ts";
import { defaultNodeSettings } from "./node/settings.ts";
import { startAgent } from "./parts.ts";
import type { RunRecord } from "./run/records.ts";
import { serveControl } from "./testing/ipc-control.ts";
import { literalControl } from "./testing/literal-control.ts";
import type { LiteralControl } from "./testing/literal-control.ts";
import { someAllocation, someGroup, someJob, someService, someTask, withPorts } from "./testing/nouns.ts";

const skip = skipUnless(process.platform === "linux", "Linux");

const asRoot = skip || skipUnless(process.getuid?.() === 0, "root");

interface Bench {
  readonly directory: string;
  readonly control: LiteralControl;
  /** In this process. */
  open(): Promise<Agent>;
  /** In a process of its own. */
  fork(): ChildProcess;
  run(
    id: string,
    script: string,
    more?: Partial<Task>,
    around?: { group?: Partial<Group>; job?: Partial<Job> },
  ): void;
  until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void>;
  /** All of what a task wrote. */
  log(id: string, stream?: string): string;
}

/** A node with a directory of its own, of which nothing is left afterwards. */
function check(claim: string, body: (on: Bench) => Promise<void>, skipped = skip): void {
  test(`agent: ${claim}`, { skip: skipped, timeout: 90_000 }, async () => {
    const directory = mkdtempSync(join(tmpdir(), "fractus-agent-"));
    const control = literalControl();
    const agents: Agent[] = [];
    const children: ChildProcess[] = [];
    const open = async () => {
      const agent = await startAgent({
        directory,
        link: control,
        drivers: [rawExecDriver(), execDriver()],
        node: defaultNodeSettings("n1"),
        clock: systemClock,
        dice: seededDice(Date.now()),
        log: () => undefined,
        artifacts: { limits: defaultArtifactLimits, allowsLocalSources: false },
        hostEnvironment: process.env,
      });
      agents.push(agent);
      return agent;
    };
    const bench: Bench = {
      directory,
      control,
      open,
      fork() {
        const child = fork(
          join(import.meta.dirname, "testing", "agent-process.ts"),
          [directory, process.env.PATH ?? ""],
          {
            execArgv: [],
            env: {},
            stdio: ["ignore", "ignore", "inherit", "ipc"],
          },
        );
        serveControl(child, control);
        children.push(child);
        return child;
      },
      run(id, script, more = {}, { group = {}, job = {} } = {}) {
        const task = someTask({
          driver: "raw_exec",
          config: { command: "/bin/sh", args: ["-c", script] },
          ...more,
        });
        control.assign(someJob(someGroup([task], group), { type: "batch", ...job }), someAllocation(id));
      },
      async until(isTrue, what) {
        for (let round = 0; !(await isTrue()); round++) {
          assert.ok(round < 1500, `${what} did not come about in thirty seconds`);
          await sleep(20);
        }
      },
      log: (id, stream = "stdout") =>
        logFiles(join(directory, "allocs", id, "alloc", "logs"), stream)
          .map((path) => readFileSync(path, "utf8"))
          .join(""),
    };
    try {
      await body(bench);
    } finally {
      for (const child of children) await killed(child);
      const last = agents.at(-1) ?? (await open());
      for (const agent of agents.slice(0, -1)) await agent.close();
      await last.destroy();
      assert.deepEqual(traces(directory), []);
      assert.deepEqual(readdirSync(directory), ["node.json"], "the node keeps its id");
      rmSync(directory, { recursive: true });
    }
  });
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

function logFiles(directory: string, stream: string): string[] {
  if (!existsSync(directory)) return [];
  const start = `web.${stream}.`;
  return readdirSync(directory)
    .filter((name) => name.startsWith(start))
    .sort((a, b) => Number(a.slice(start.length)) - Number(b.slice(start.length)))
    .map((name) => join(directory, name));
}

function recordOf(on: Bench, id: string): RunRecord {
  return JSON.parse(readFileSync(join(on.directory, "runs", id, "run.json"), "utf8")) as RunRecord;
}

const status = (on: Bench, id: string) => on.control.latest(id)?.status;

check("killed at any moment, it adopts fifty tasks: same processes, no line lost (CL-213)", async (on) => {
  const ids = Array.from({ length: 50 }, (_, i) => `a${i}`);
  let agent = on.fork();
  for (const id of ids)
    on.run(id, 'i=0; while [ $i -lt 150 ]; do echo "line $i"; i=$((i+1)); sleep 0.1; done; exec sleep 1000');
  await sleep(400);
  await killed(agent);
  agent = on.fork();
  await on.until(() => ids.every((id) => status(on, id) === "running"), "running");
  const identities = () => ids.map((id) => recordOf(on, id).tasks.web.handle?.process);
  const before = identities();
  for (let round = 0; round < 3; round++) {
    await killed(agent);
    await sleep(300);
    agent = on.fork();
    await sleep(500);
  }
  const count = on.control.reported.length;
  await on.until(() => on.control.reported.length >= count, "reports");
  assert.deepEqual(identities(), before);
  for (const each of before) assert.equal(processStat(each?.pid ?? 0)?.startTicks, each?.startTicks);
  const expected = Array.from({ length: 150 }, (_, i) => `line ${i}\n`).join("");
  await on.until(() => ids.every((id) => on.log(id).endsWith("line 149\n")), "the last line");
  for (const id of ids) assert.equal(on.log(id), expected, id);
  assert.ok(ids.every((id) => on.control.latest(id)?.tasks.web.restarts === 0));
  for (const id of ids) on.control.change(id, { desired: "stop" });
  await on.until(() => ids.every((id) => status(on, id) === "complete"), "the end");
});

check("the exit code of a batch is its outcome, with what it wrote", async (on) => {
  await on.open();
  on.run("good", "echo $NOMAD_ALLOC_ID $NOMAD_TASK_NAME; exit 0");
  const restart = { attempts: 1, intervalMs: 60_000, delayMs: 50, mode: "fail" } as const;
  on.run("bad", "echo run >&2; exit 3", {}, { group: { restart } });
  await on.until(() => status(on, "good") === "complete" && status(on, "bad") === "failed", "the end");
  assert.equal(on.log("good"), "good web\n");
  assert.equal(on.log("bad", "stderr"), "run\nrun\n", "it was restarted once");
  const { web } = on.control.latest("bad")?.tasks ?? {};
  assert.equal(web?.restarts, 1);
  assert.deepEqual(
    web?.events?.slice(-2).map(({ message }) => message),
    ["Exit Code: 3", 'Exceeded allowed attempts 1 in interval 1m0s and mode is "fail"'],
  );
});

check("a variable that changes renders the template anew and restarts the task", async (on) => {
  let colour = "red";
  let changed = new AbortController();
  let index = 1;
  const variables = {
    variable: async () => ({ colour }),
    changed: async (after: number, signal?: AbortSignal) => {
      if (after === index)
        await sleep(20_000, undefined, {
          signal: AbortSignal.any([changed.signal, ...(signal ? [signal] : [])]),
        }).catch(() => undefined);
      return index;
    },
  };
  Object.assign(on.control, variables);
  await on.open();
  const data = 'colour={{ with nomadVar "nomad/jobs/shop" }}{{ .colour }}{{ end }}';
  on.run(
    "a1",
    "cat local/conf; exec sleep 1000",
    { templates: [{ destination: "local/conf", data: `${data}\n`, changeMode: "restart" }] },
    { job: { type: "service" } },
  );
  await on.until(() => on.log("a1") === "colour=red\n", "the first text");
  colour = "blue";
  index++;
  changed.abort();
  changed = new AbortController();
  await on.until(() => on.log("a1") === "colour=red\ncolour=blue\n", "the second text");
  assert.equal(on.control.latest("a1")?.tasks.web.restarts, 1);
});

check("commands run where the task runs, signals reach it, figures count it (CL-214)", async (on) => {
  const agent = await on.open();
  on.run("a1", 'trap "echo hup" HUP; echo up; while :; do sleep 0.05; done', { env: { WORD: "here" } });
  await on.until(() => on.log("a1") === "up\n", "the task");
  const session = await agent.exec("a1", {
    task: "web",
    command: ["sh", "-c", "read x; echo $x $WORD; exit 7"],
  });
  session.stdin.end("hello\n");
  assert.equal((await session.stdout.toArray()).join(""), "hello here\n");
  assert.equal((await session.exit).exitCode, 7);
  await agent.signal("a1", { signal: "SIGHUP" });
  await on.until(() => on.log("a1").includes("hup\n"), "the signal");
  const stats = await agent.allocationStats("a1");
  assert.ok(stats.tasks.web.memoryBytes > 0 && stats.tasks.web.processes >= 1);
  const host = await agent.hostStats();
  assert.ok(host.memory.totalBytes > 0 && host.cpu.length > 0 && host.disks[0].sizeBytes > 0);
  assert.ok((await agent.isolation("a1")).web.length > 0);
  await assert.rejects(agent.exec("a1", { task: "none", command: ["true"] }), { kind: "not-found" });
  await assert.rejects(agent.checks("none"), { kind: "not-found" });
  await agent.restart("a1", { task: "web" });
  await on.until(
    () => on.log("a1").endsWith("up\n") && on.log("a1").split("up").length === 3,
    "the second run",
  );
});

check(
  "with a root file system of its own a task finds its files where it is told (CL-204)",
  async (on) => {
    const agent = await on.open();
    assert.ok(agent.node().drivers.exec.isHealthy, agent.node().drivers.exec.description);
    const script =
      "cat $NOMAD_TASK_DIR/conf; echo $NOMAD_TASK_DIR; id -un; echo x > $NOMAD_ALLOC_DIR/data/made";
    on.run("a1", script, {
      driver: "exec",
      config: { command: "/bin/sh", args: ["-c", script] },
      templates: [{ destination: "local/conf", data: "from a template\n", changeMode: "noop" }],
    });
    await on.until(() => status(on, "a1") === "complete", "the end");
    assert.equal(on.log("a1"), "from a template\n/local\nnobody\n");
    assert.ok(existsSync(join(on.directory, "allocs/a1/alloc/data/made")));
  },
  asRoot,
);

check("logs are followed over their files, to the end of the task", async (on) => {
  const agent = await on.open();
  const logs = { maxFiles: 100, maxFileBytes: 500, disabled: false };
  on.run("a1", "i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); sleep 0.005; done", { logs });
  await on.until(() => on.log("a1").length > 0, "the first line");
  const which = { task: "web", stream: "stdout", follow: true, origin: "start", offset: 0 } as const;
  const all = await textOf(agent.logs("a1", which));
  assert.equal(all, Array.from({ length: 300 }, (_, i) => `line ${i}\n`).join(""));
  assert.equal(await textOf(agent.logs("a1", { ...which, origin: "end", offset: 9 })), "line 299\n");
  const names = (await agent.list("a1", "/alloc/logs")).map(({ name }) => name);
  assert.ok(names.length > 4 && names.includes("web.stdout.0"));
  await assert.rejects(agent.list("a1", "/web/secrets"), { kind: "forbidden" });
  const piece = await agent.read("a1", "/alloc/logs/web.stdout.0", { offset: 5, limit: 3 });
  assert.equal((await piece.toArray()).join(""), "0\nl");
});

check("a service answers, is checked, and is gone before its task is", async (on) => {
  await on.open();
  const port = 20_000 + (process.pid % 10_000);
  const program =
    'const s = require("node:net").createServer(c => c.end()); s.listen(+process.env.NOMAD_PORT_http, "127.0.0.1")';
  const task = someTask({
    driver: "raw_exec",
    config: { command: process.execPath, args: ["-e", program] },
    services: [
      someService("web", {
        portLabel: "http",
        checks: [{ name: "up", type: "tcp", intervalMs: 1000, timeoutMs: 500 }],
      }),
    ],
  });
  on.control.assign(someJob(someGroup([task])), withPorts(someAllocation("a1"), { http: port }));
  await on.until(() => on.control.registeredServices().some(({ isHealthy }) => isHealthy), "health");
  assert.equal(on.control.registeredServices()[0].port, port);
  await on.until(() => on.control.latest("a1")?.checksPassSinceMs !== undefined, "the report of it");
  on.control.change("a1", { desired: "stop" });
  await on.until(() => status(on, "a1") === "complete", "the end");
  assert.deepEqual(on.control.registeredServices(), []);
});

check("what left the list leaves nothing, and data goes on to the next", async (on) => {
  await on.open();
  const group = { ephemeralDisk: { sizeBytes: 1, sticky: true, migrate: true } };
  const write =
    "echo kept > $NOMAD_ALLOC_DIR/data/file; echo mine > $NOMAD_TASK_DIR/own; echo written; exec sleep 1000";
  on.run("old", write, {}, { group });
  await on.until(() => on.log("old") === "written\n", "the data");
  on.control.change("old", { desired: "stop" });
  const read = someTask({
    driver: "raw_exec",
    config: { command: "/bin/sh", args: ["-c", "cat $NOMAD_ALLOC_DIR/data/file $NOMAD_TASK_DIR/own"] },
  });
  on.control.assign(
    someJob(someGroup([read], group), { type: "batch" }),
    someAllocation("next", { previousId: "old" }),
  );
  await on.until(() => status(on, "next") === "complete", "the next");
  assert.equal(on.log("next"), "kept\nmine\n");
  on.control.withdraw("old");
  on.control.withdraw("next");
  const left = () => [
    ...readdirSync(join(on.directory, "allocs")),
    ...readdirSync(join(on.directory, "runs")),
  ];
  await on.until(() => left().length === 0, "the removal");
});

async function textOf(chunks: AsyncIterable<FileChunk>): Promise<string> {
  let text = "";
  for await (const { data } of chunks) text += data.toString();
  return text;
}
