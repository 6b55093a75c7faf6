/** What the agent may expect of a driver whose tasks are processes of this machine. */
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { assertResult, checkWith } from "./driver-suite.ts";
import type { Check } from "./driver-suite.ts";
import type { ExecSession, TaskHandle } from "./driver.ts";
import { processStat, processTree, sendSignal } from "./process-table.ts";
import { readEvents } from "./task-state.ts";
import type { AgentOrder } from "./testing/agent.ts";
import type { Subject } from "./testing/driver-bench.ts";
import { traces } from "./testing/traces.ts";

/** Where a process of its own finds the driver. */
export interface ProcessSubject extends Subject {
  readonly module: string;
  readonly factory: string;
}

/** Defines the suite for one driver. After each test nothing may be left on the machine. */
export function processSuite(
  name: string,
  subject: ProcessSubject,
  options: { readonly skip?: string | false } = {},
): void {
  suite(`${name}: processes`, { skip: options.skip ?? false }, () => {
    const check = checkWith(name, subject, (root) => assert.deepEqual(traces(root), []));
    writing(check);
    receiving(check);
    outliving(check, subject);
    leavingNothing(check);
    joining(check);
    refusing(check);
  });
}

const sh = (script: string, ...args: string[]) => ({
  command: "/bin/sh",
  args: ["-c", script, "sh", ...args],
});

function writing(check: Check): void {
  check("output is complete and in order, with the last line that does not end", async (on) => {
    const handle = await on.start(
      sh(
        'i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done; printf end; printf "oops\\n" >&2',
      ),
    );
    await on.driver.wait(handle);
    const expected = Array.from({ length: 20_000 }, (_, i) => `line ${i}\n`).join("") + "end";
    assert.equal(on.log("stdout"), expected);
    assert.equal(on.log("stderr"), "oops\n");
  });

  check("rotation loses no line and keeps to its sizes", async (on) => {
    const logs = { maxFiles: 1000, maxFileBytes: 50_000, disabled: false };
    const handle = await on.start(sh("seq 1 200000"), { logs });
    await on.driver.wait(handle);
    assert.equal(on.log(), Array.from({ length: 200_000 }, (_, i) => `${i + 1}\n`).join(""));
    const sizes = on.logFiles().map((path) => statSync(path).size);
    assert.ok(sizes.length > 20 && sizes.every((size) => size <= 50_000), `${sizes.length} files`);
  });

  check("rotation keeps the newest files only", async (on) => {
    const logs = { maxFiles: 3, maxFileBytes: 10_000, disabled: false };
    await on.driver.wait(await on.start(sh("seq 1 20000"), { logs }));
    assert.equal(on.logFiles().length, 3);
    assert.ok(on.log().endsWith("\n19999\n20000\n"));
  });

  check("output can be read while the task runs, line or no line", async (on) => {
    await on.start(sh("printf 'password: '; exec sleep 1000"));
    await until(() => on.log() === "password: ");
  });

  check("the standard streams may be opened again by name", async (on) => {
    const handle = await on.start(sh("echo one; echo two >/dev/stdout; echo three >/dev/stderr; echo four"));
    await on.driver.wait(handle);
    assert.deepEqual([on.log("stdout"), on.log("stderr")], ["one\ntwo\nfour\n", "three\n"]);
  });

  check("a later run goes on in the same log file", async (on) => {
    for (const word of ["first", "second"]) {
      const handle = await on.start(sh("echo $1", word));
      await on.driver.wait(handle);
      await on.driver.destroy(handle);
    }
    assert.equal(on.log(), "first\nsecond\n");
    assert.equal(on.logFiles().length, 1);
  });

  check("what is still in the pipes when a task is destroyed is kept", async (on) => {
    const handle = await on.start(sh("echo before; touch local/done; sleep 1000 & sleep 1000"));
    await until(() => existsSync(join(on.root, "web", "local", "done")));
    await on.driver.destroy(handle);
    assert.equal(on.log(), "before\n");
  });

  check("where logs are disabled there are none", async (on) => {
    const handle = await on.start(sh("echo x"), {
      logs: { maxFiles: 1, maxFileBytes: 1000, disabled: true },
    });
    assertResult(await on.driver.wait(handle), { exitCode: 0 });
    assert.deepEqual(on.logFiles(), []);
  });
}

function receiving(check: Check): void {
  check("the environment is exactly what was given, whatever it contains", async (on) => {
    const env = {
      PATH: "/usr/bin:/bin",
      EMPTY: "",
      BLANKS: "  a  b\t",
      LINES: "\none\n\ntwo\n\n",
      QUOTES: `'"\`$(touch ${on.root}/pwned)\\n\${HOME}`,
      BYTES: "äöü€ \u0001\u007f\u0081",
      IFS: "x",
      OPTIND: "not a number",
      PWD: "/elsewhere",
      LINENO: "z",
      "odd.name-here": "1",
      name: "n",
      stat: "s",
      FRACTUS_ENTER: "e",
      BENCH: on.root,
      LD_PRELOAD: `${on.root}/nothing.so`,
    };
    await on.driver.wait(await on.start({ command: "env", args: ["-0"] }, { env }));
    const seen = on.log().split("\0").slice(0, -1);
    assert.deepEqual(
      seen.sort(),
      Object.entries(env)
        .map(([name, value]) => `${name}=${value}`)
        .sort(),
    );
    assert.ok(!readdirSync(on.root).includes("pwned"));
  });

  check("no environment means none, and nothing but the three streams is open", async (on) => {
    await on.driver.wait(await on.start({ command: "env" }, { env: {} }));
    assert.equal(on.log(), "");
    await on.driver.wait(await on.start({ command: "ls", args: ["/proc/self/fd"] }));
    const ours = on
      .log()
      .trim()
      .split("\n")
      .filter((descriptor) => Number(descriptor) < 10);
    assert.deepEqual(ours, ["0", "1", "2", "3"], "the last one is the directory that ls reads");
  });

  check("arguments arrive as they are", async (on) => {
    const args = [
      "",
      " ",
      "a b",
      "$(id)",
      "`id`",
      "'",
      '"',
      "\\",
      "*",
      "-n",
      "--",
      "line\nbreak\n",
      "; rm -rf x",
      "ä€",
    ];
    const print = { command: "/usr/bin/printf", args: ["%s\\0", ...args] };
    await on.driver.wait(await on.start(print));
    assert.deepEqual(on.log().split("\0").slice(0, -1), args);
  });

  check("no signal is ignored or blocked", async (on) => {
    await on.driver.wait(
      await on.start({ command: "grep", args: ["-E", "Sig(Ign|Blk)", "/proc/self/status"] }),
    );
    assert.deepEqual(on.log().match(/[0-9a-f]{16}/g), ["0".repeat(16), "0".repeat(16)]);
  });

  check("hostile names of tasks are only names", async (on) => {
    for (const name of [
      "$(touch pwned)",
      "-rf",
      "a b",
      "quote'\"",
      "new\nline",
      "näme",
      "a\\b",
      "x;y&z",
      "*",
      "#",
    ]) {
      const handle = await on.start(sh("echo said; pwd >&2"), { name, id: `${name}/../..` });
      assertResult(await on.driver.wait(handle), { exitCode: 0 });
      assert.equal(on.log("stdout", name), "said\n");
      await on.driver.destroy(handle);
    }
  });
}

function outliving(check: Check, subject: ProcessSubject): void {
  check(
    "fifty tasks live on when the agent is killed, and are adopted with all their output (CL-213)",
    async (on) => {
      const specs = Array.from({ length: 50 }, (_, i) => ({
        ...on.spec(
          sh('i=0; while [ $i -lt 40 ]; do echo "$1 $i"; i=$((i+1)); sleep 0.1; done; exit $1', String(i)),
          {
            name: `task-${i}`,
          },
        ),
      }));
      const handles = await startAndDie(subject, specs);
      const driver = on.open();
      for (const handle of handles) on.adopt(handle);
      const before = await Promise.all(handles.map((handle) => driver.recover(handle)));
      assert.ok(
        before.every(({ state }) => state === "running"),
        JSON.stringify(before),
      );
      for (const handle of handles)
        assert.equal(processStat(handle.process?.pid ?? 0)?.startTicks, handle.process?.startTicks);
      const results = await Promise.all(handles.map((handle) => driver.wait(handle)));
      assert.deepEqual(
        results.map(({ exitCode }) => exitCode),
        Array.from({ length: 50 }, (_, i) => i),
      );
      for (let i = 0; i < 50; i++)
        assert.equal(
          on.log("stdout", `task-${i}`),
          Array.from({ length: 40 }, (_, line) => `${i} ${line}\n`).join(""),
        );
    },
  );

  check("a task that ends while no agent is there leaves its exit code and output", async (on) => {
    const [handle] = await startAndDie(subject, [on.spec(sh("sleep 0.3; echo bye; exit 5"))]);
    on.adopt(handle);
    await sleep(1000);
    const status = await on.open().recover(handle);
    assert.ok(status.state === "exited");
    assertResult(status.result, { exitCode: 5 });
    assert.equal(on.log(), "bye\n");
  });

  check("a start that was cut short can be repeated", async (on) => {
    const spec = on.spec({ runsOn: true });
    const [handle] = await startAndDie(subject, [spec]);
    assert.deepEqual(await on.driver.start(spec), on.adopt(handle));
  });

  check("a task whose supervisor was killed is still found, with its output", async (on) => {
    const handle = await on.start(sh("sleep 0.5; echo late; sleep 1000"));
    sendSignal(supervisorOf(handle), "SIGKILL");
    await on.driver.close();
    await sleep(100);
    const driver = on.open();
    assert.deepEqual(await driver.recover(handle), { state: "running" });
    await until(() => on.log() === "late\n");
    const result = await driver.stop(handle, { signal: "SIGKILL", killTimeoutMs: 1000 });
    assert.ok(result.signal === "SIGKILL" || result.error !== undefined, JSON.stringify(result));
    assert.deepEqual(await driver.wait(handle), result);
  });

  check("a reader of output that was killed is replaced and nothing is lost", async (on) => {
    const handle = await on.start(
      sh('i=0; while [ $i -lt 60 ]; do echo "line $i"; i=$((i+1)); sleep 0.05; done'),
    );
    await until(() => on.log().includes("line 3\n"));
    sendSignal(readEvents(handle.stateDirectory).readers.stdout?.pid ?? 0, "SIGKILL");
    await on.driver.recover(handle);
    await on.driver.wait(handle);
    assert.equal(on.log(), Array.from({ length: 60 }, (_, i) => `line ${i}\n`).join(""));
  });

  check("a later process of the same number is not taken for the task", async (on) => {
    const handle = await on.start({ runsOn: true });
    const other = await on.start({ runsOn: true }, { name: "other" });
    const events = readEvents(handle.stateDirectory);
    for (const pid of [events.supervisor?.pid, handle.process?.pid]) sendSignal(pid ?? 0, "SIGKILL");
    if (events.init) sendSignal(events.init.pid, "SIGKILL");
    await sleep(100);
    const path = join(handle.stateDirectory, "events");
    const forged = readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => !line.startsWith("exit"))
      .map((line) => line.replace(/^(init|ready|supervisor) \d+/, `$1 ${other.process?.pid}`));
    writeFileSync(path, forged.join("\n"));
    const status = await on.open().recover(handle);
    assert.ok(status.state === "exited" && status.result.error !== undefined, JSON.stringify(status));
    await on.driver.destroy(handle);
    assert.deepEqual(await on.driver.recover(other), { state: "running" });
  });
}

function leavingNothing(check: Check): void {
  check("grandchildren, daemons and orphans end with the task", async (on) => {
    const script = [
      "sleep 1001 &",
      "setsid sleep 1002 &",
      "(setsid sh -c 'sleep 1003 & exec sleep 1004' </dev/null >/dev/null 2>&1 &) &",
      "(env -i /usr/bin/setsid /bin/sleep 1005 </dev/null >/dev/null 2>&1 &)",
      "echo up; exec sleep 1006",
    ].join("\n");
    const handle = await on.start(sh(script));
    await until(async () => (await on.driver.stats(handle)).processes >= 6);
    await on.driver.destroy(handle);
    assert.deepEqual(traces(on.root), []);
  });

  check("a task that forks as fast as it can is ended", async (on) => {
    const script =
      "f() { sleep 1000 & i=0; while [ $i -lt 100 ]; do (sleep 0.01 &) ; i=$((i+1)); done; }; f; while :; do (sleep 0.05 &); done";
    const handle = await on.start(sh(script));
    await sleep(300);
    await on.driver.destroy(handle);
    assert.deepEqual(traces(on.root), []);
  });

  check("destroy after the agent was killed leaves nothing either", async (on) => {
    const handle = await on.start(sh("sleep 1000 & setsid sleep 1000 & wait"));
    sendSignal(supervisorOf(handle), "SIGKILL");
    await on.open().destroy(handle);
    assert.deepEqual(traces(on.root), []);
    assert.deepEqual(readdirSync(join(on.root, "web", "private")), []);
  });
}

function joining(check: Check): void {
  check("exec runs where the task runs, with its environment, and has an exit code", async (on) => {
    const handle = await on.start(
      { runsOn: true },
      { env: { PATH: "/usr/bin:/bin", BENCH: on.root, WORD: "a\nb" } },
    );
    const session = await on.driver.exec(handle, [
      "sh",
      "-c",
      'read x; printf "%s|%s" "$x" "$WORD"; echo no >&2; exit 9',
    ]);
    session.stdin.write("hello\n");
    const [out, errors, exit] = await Promise.all([text(session.stdout), text(session.stderr), session.exit]);
    assert.deepEqual([out, errors, exit], ["hello|a\nb", "no\n", { exitCode: 9 }]);
  });

  check("exec ends when its input does", async (on) => {
    const handle = await on.start({ runsOn: true });
    const session = await on.driver.exec(handle, ["cat"]);
    session.stdin.end("x".repeat(1_000_000));
    assert.equal((await text(session.stdout)).length, 1_000_000);
    assert.equal((await session.exit).exitCode, 0);
  });

  check("exec has a terminal that can be resized", async (on) => {
    const handle = await on.start({ runsOn: true });
    const size = { rows: 40, columns: 132 };
    const script = "stty size; test -t 0 && tty; echo $TERM; read x; stty size; exit 3";
    const options = { tty: true, size, env: { TERM: "vt100" } };
    const session = await on.driver.exec(handle, ["sh", "-c", script], options);
    const output = text(session.stdout);
    await sleep(500);
    await session.resize({ rows: 11, columns: 22 });
    session.stdin.write("go\n");
    assert.deepEqual(await session.exit, { exitCode: 3 });
    assert.match(await output, /40 132\r\n\/dev\/pts\/\d+\r\nvt100\r\ngo\r\n11 22\r\n/);
  });

  check("exec can be killed, and ends with the task", async (on) => {
    const handle = await on.start({ runsOn: true });
    const killed = await on.driver.exec(handle, ["sleep", "1000"]);
    await sleep(100);
    killed.kill();
    assert.equal((await killed.exit).exitCode, 137);
    const left: ExecSession = await on.driver.exec(handle, ["sleep", "1000"]);
    await sleep(100);
    await on.driver.destroy(handle);
    assert.ok((await left.exit).exitCode > 128);
  });

  check("exec of a command that is not there is refused by name", async (on) => {
    const handle = await on.start({ runsOn: true });
    await assert.rejects(on.driver.exec(handle, ["no-such-thing"]), {
      kind: "invalid",
      message: /no-such-thing/,
    });
    await on.driver.stop(handle, { killTimeoutMs: 5000 });
    await assert.rejects(on.driver.exec(handle, ["true"]), { kind: "conflict" });
  });

  check("stats count the whole tree (CL-214)", async (on) => {
    const script =
      "burn() { while :; do :; done; }; burn & x=$(head -c 20000000 /dev/zero | tr '\\0' x); burn";
    const handle = await on.start(sh(script));
    await until(async () => (await on.driver.stats(handle)).memoryBytes > 15_000_000);
    const first = await on.driver.stats(handle);
    await sleep(500);
    const second = await on.driver.stats(handle);
    const passedMs = second.measuredAtMs - first.measuredAtMs;
    const usedMs = second.cpuMs - first.cpuMs;
    assert.ok(usedMs > 0.05 * passedMs && usedMs < 2.5 * passedMs, `${usedMs} of ${passedMs} ms`);
    assert.ok(second.memoryBytes < 128 * 1024 * 1024 && second.processes >= 2);
    assert.ok(Math.abs(second.cpuMs - second.userCpuMs - second.systemCpuMs) < 100, JSON.stringify(second));
  });
}

function refusing(check: Check): void {
  check("a bad command, user or directory is refused by name, and nothing is left", async (on) => {
    writeFileSync(join(on.root, "plain"), "text");
    const refused = (config: object, words: RegExp, more: object = {}) =>
      assert.rejects(on.driver.start(on.spec({ command: "true", ...config }, more)), {
        name: "Refusal",
        kind: "invalid",
        message: words,
      });
    await refused({ command: "no-such-command" }, /"no-such-command" was not found/);
    await refused({ command: "/no/such" }, /\/no\/such/);
    await refused({ command: "/usr/bin" }, /"\/usr\/bin".*a directory/);
    await refused({ command: "/usr/share/dict/../common-licenses/GPL-2" }, /GPL-2/);
    await refused({ work_dir: "/no/such/place" }, /\/no\/such\/place/);
    await refused({}, /"no such user"/, { user: "no such user" });
    await refused({ args: ["a\0b"] }, /NUL/);
    await refused({}, /"A=B"/, { env: { "A=B": "c" } });
    await refused({ args: "x" }, /args/);
    assert.deepEqual(traces(on.root), []);
  });

  check("a command in the task's own directory is found (CL-203, CL-204, CL-227)", async (on) => {
    const spec = on.spec({ command: "local/hello", args: ["x"] });
    await assert.rejects(on.driver.start(spec), { message: /local\/hello/ });
    writeFileSync(join(spec.directory.local, "hello"), "#!/bin/sh\necho hello $1\n", { mode: 0o755 });
    await on.driver.wait(on.adopt(await on.driver.start(spec)));
    assert.equal(on.log(), "hello x\n");
  });
}

/** Starts the tasks in a process of its own and kills it. */
async function startAndDie(subject: ProcessSubject, specs: AgentOrder["specs"]): Promise<TaskHandle[]> {
  const child = fork(join(import.meta.dirname, "testing", "agent.ts"), { execArgv: [], env: {} });
  child.send({ module: subject.module, factory: subject.factory, specs } satisfies AgentOrder);
  const isDead = once(child, "exit");
  const answer = await Promise.race([once(child, "message"), isDead.then(() => undefined)]);
  assert.ok(answer, "the agent could not start its tasks");
  const [handles] = answer as [TaskHandle[]];
  child.kill("SIGKILL");
  await isDead;
  return handles;
}

function supervisorOf(handle: TaskHandle): number {
  const pid = readEvents(handle.stateDirectory).supervisor?.pid;
  assert.ok(pid !== undefined && processTree(pid).length > 1);
  return pid;
}

async function until(isTrue: () => boolean | undefined | Promise<boolean>): Promise<void> {
  for (let round = 0; !(await isTrue()); round++) {
    assert.ok(round < 1000, "it did not come about in ten seconds");
    await sleep(10);
  }
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part as Buffer));
  return Buffer.concat(parts).toString();
}
