import assert from "node:assert/strict";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { after, test } from "node:test";
import type { Clock } from "@fractus/core/clock.ts";
import type { Template } from "@fractus/core/job.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { NodeFacts, ServiceRegistration } from "../control-link.ts";
import type { RunningTemplates } from "./start-templates.ts";
import { startTemplates } from "./start-templates.ts";

const home = mkdtempSync(join(tmpdir(), "fractus-templates-"));
after(() => rmSync(home, { recursive: true, force: true }));

/** Time passes when the test says so. */
class ManualClock implements Clock {
  #nowMs = 0;
  #sleepers: { readonly atMs: number; wake(): void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      this.#sleepers.push({ atMs: this.#nowMs + delayMs, wake: resolve });
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }

  async pass(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs;
    for (;;) {
      await settle();
      const next = this.#sleepers.toSorted((a, b) => a.atMs - b.atMs).find(({ atMs }) => atMs <= endMs);
      if (!next) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== next);
      next.wake();
    }
    this.#nowMs = endMs;
    await settle();
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn();
}

class World {
  readonly clock = new ManualClock();
  readonly root = mkdtempSync(join(home, "alloc-"));
  readonly task = join(this.root, "web");
  readonly variables = new Map<string, Record<string, string>>();
  readonly services = new Map<string, ServiceRegistration[]>();
  readonly waited: string[] = [];
  readonly changes: string[][] = [];
  readonly stop = new AbortController();
  isDown = false;
  #index = 1;
  #waiters: (() => void)[] = [];

  constructor() {
    mkdirSync(join(this.task, "local"), { recursive: true });
  }

  start(...templates: readonly Partial<Template>[]): Promise<RunningTemplates> {
    return startTemplates({
      templates: templates.map((template) => ({
        destination: "local/out",
        changeMode: "restart",
        ...template,
      })),
      taskDirectory: this.task,
      allocationDirectory: this.root,
      project: "default",
      env: { NOMAD_TASK_DIR: "/local", NAME: "ada" },
      node: {
        id: "n1",
        name: "node",
        zone: "dc1",
        class: "",
        pool: "default",
        attributes: { "kernel.name": "linux" },
        meta: {},
      } as unknown as NodeFacts,
      link: {
        services: async (_project, name) => this.#answer(this.services.get(name) ?? []),
        variable: async (_project, path) => this.#answer(this.variables.get(path)),
        variablePaths: async (_project, prefix) =>
          this.#answer([...this.variables.keys()].filter((path) => path.startsWith(prefix))),
        changed: (afterIndex, signal) => this.#changed(afterIndex, signal),
      },
      clock: this.clock,
      dice: { roll: () => 0.5 },
      signal: this.stop.signal,
      onWaiting: (what) => this.waited.push(what),
      onChange: (changed) => this.changes.push(changed.map(({ destination }) => destination)),
    });
  }

  #answer<T>(value: T): T {
    if (this.isDown) throw new Refusal("unavailable", "the link is down");
    return value;
  }

  #changed(afterIndex: number, signal?: AbortSignal): Promise<number> {
    if (this.#index > afterIndex) return Promise.resolve(this.#index);
    return new Promise((resolve, reject) => {
      this.#waiters.push(() => resolve(this.#index));
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }

  async set(path: string, items: Record<string, string>): Promise<void> {
    this.variables.set(path, items);
    await this.touch();
  }

  async touch(): Promise<void> {
    this.#index++;
    for (const wake of this.#waiters.splice(0)) wake();
    await settle();
  }

  read(path = "web/local/out"): string {
    return readFileSync(join(this.root, path), "utf8");
  }
}

const serviceAt = (port: number) =>
  ({ id: `s${port}`, name: "db", tags: [], address: "10.0.0.1", port }) as unknown as ServiceRegistration;

function refuses(message: RegExp) {
  return (error: unknown) =>
    error instanceof Refusal && error.kind === "invalid" && message.test(error.message);
}

test("templates: files are written with their mode, whole or not at all", async () => {
  const world = new World();
  const templates = await world.start(
    { data: 'hi {{ env "NAME" }} on {{ env "attr.kernel.name" }}', permissions: "0750" },
    {
      data: "<% 1 %>{{ 2 }}",
      destination: "${NOMAD_TASK_DIR}/deep/b",
      leftDelimiter: "<%",
      rightDelimiter: "%>",
    },
    { data: "shared", destination: "../alloc/data/c" },
  );
  assert.equal(world.read(), "hi ada on linux");
  assert.equal(lstatSync(join(world.task, "local/out")).mode & 0o777, 0o750);
  assert.equal(world.read("web/local/deep/b"), "1{{ 2 }}");
  assert.equal(world.read("alloc/data/c"), "shared");
  assert.deepEqual(readdirSync(join(world.task, "local")).toSorted(), ["deep", "out"]);
  templates.close();
});

test("templates: a source is a file of the task's, and so is what a template reads", async () => {
  const world = new World();
  writeFileSync(join(world.task, "local/in.tpl"), '{{ file "local/more" }}!');
  writeFileSync(join(world.task, "local/more"), "more");
  await world.start({ source: "local/in.tpl" });
  assert.equal(world.read(), "more!");
  symlinkSync("/etc/hostname", join(world.task, "local/link"));
  await assert.rejects(world.start({ source: "local/link" }), refuses(/cannot be read \(ELOOP\)/));
  await assert.rejects(
    world.start({ source: "/../../../etc/hostname" }),
    refuses(/outside of the directories/),
  );
  await assert.rejects(world.start({ data: '{{ file "local/link" }}' }), refuses(/local\/out:1:4: .*ELOOP/));
  await assert.rejects(world.start({ data: '{{ file "private/x" }}' }), refuses(/outside/));
  await assert.rejects(world.start({ data: '{{ file "local/none/x" }}' }), refuses(/is not there/));
});

test("templates: mistakes are refused with their place", async () => {
  const world = new World();
  await assert.rejects(
    world.start({ data: "a\n{{ nope }}" }),
    refuses(/local\/out:2:4: there is no function "nope"/),
  );
  await assert.rejects(
    world.start({ data: "{{ index (loop 1) 4 }}" }),
    refuses(/local\/out:1:4: index out of range/),
  );
  await assert.rejects(
    world.start({ data: "x", destination: "../../x" }),
    refuses(/outside of the directories/),
  );
  await assert.rejects(world.start({ data: "x", permissions: "9" }), refuses(/octal/));
  await assert.rejects(world.start({ data: "x", destination: "local" }), refuses(/is a directory/));
  await assert.rejects(
    world.start({ data: "A", isEnvironment: true }),
    refuses(/Line 1 of the environment template/),
  );
  const missing = { data: '{{ (parseJSON "{}").a }}' };
  await assert.rejects(world.start({ ...missing, failsOnMissingKey: true }), refuses(/no entry for "a"/));
  await world.start(missing);
  assert.equal(world.read(), "<no value>");
});

test("templates: a destination behind a link of the task's is not written to", async () => {
  const world = new World();
  const outside = mkdtempSync(join(home, "outside-"));
  symlinkSync(outside, join(world.task, "local/link"));
  await assert.rejects(world.start({ data: "x", destination: "local/link/x" }), refuses(/no directory/));
  writeFileSync(join(outside, "file"), "kept");
  symlinkSync(join(outside, "file"), join(world.task, "local/out"));
  await world.start({ data: "x" });
  assert.equal(readFileSync(join(outside, "file"), "utf8"), "kept");
  assert.equal(world.read(), "x");
});

test("templates: the first rendering waits for variables, and says so once", async () => {
  const world = new World();
  const data = '{{ with nomadVar "nomad/jobs/web" }}{{ .user }}{{ end }}';
  const starting = world.start({ data });
  await settle();
  await world.touch();
  assert.deepEqual(world.waited, ["variable nomad/jobs/web is not there yet"]);
  await world.set("nomad/jobs/web", { user: "ada" });
  const templates = await starting;
  assert.equal(world.read(), "ada");
  assert.deepEqual(world.changes, []);
  templates.close();
});

test("templates: an empty list of services is an answer, unless the template fails for it", async () => {
  const world = new World();
  await world.start({ data: '{{ range nomadService "db" }}{{ .Port }}{{ else }}none{{ end }}' });
  assert.equal(world.read(), "none");
  const starting = world.start({ data: '{{ (index (nomadService "db") 0).Port }}' });
  await settle();
  assert.match(world.waited[0], /^service db has no instance yet \(local\/out:1:5: index out of range/);
  world.services.set("db", [serviceAt(5432)]);
  await world.touch();
  await starting;
  assert.equal(world.read(), "5432");
  world.stop.abort();
});

test("templates: a link that is down is waited for", async () => {
  const world = new World();
  world.isDown = true;
  const starting = world.start({ data: '{{ len (nomadService "db") }}' });
  await world.clock.pass(5000);
  assert.deepEqual(world.waited, ["control does not answer: the link is down"]);
  world.isDown = false;
  await world.touch();
  await world.clock.pass(5000);
  (await starting).close();
  assert.equal(world.read(), "0");
});

test("templates: changes are followed; only files that differ are told, after the splay", async () => {
  const world = new World();
  await world.set("a", { x: "1" });
  await world.set("b", { x: "1" });
  const of = (path: string) => `{{ with nomadVar "${path}" }}{{ .x }}{{ end }}`;
  const templates = await world.start(
    { data: of("a"), destination: "local/a", splayMs: 10_000 },
    { data: of("b"), destination: "local/b" },
    { data: of("a"), destination: "local/once", once: true },
  );
  await world.set("a", { x: "2", y: "unused" });
  assert.equal(world.read("web/local/a"), "2");
  await world.clock.pass(4999);
  assert.deepEqual(world.changes, []);
  await world.clock.pass(1);
  assert.deepEqual(world.changes, [["local/a"]]);
  await world.set("a", { x: "2" });
  await world.clock.pass(60_000);
  assert.deepEqual(world.changes, [["local/a"]]);
  assert.equal(world.read("web/local/once"), "1");
  templates.close();
  await world.set("b", { x: "2" });
  assert.equal(world.read("web/local/b"), "1");
});

test("templates: wait holds a file back until it is quiet, but not for ever", async () => {
  const world = new World();
  await world.set("a", { x: "0" });
  await world.start({ data: '{{ with nomadVar "a" }}{{ .x }}{{ end }}', wait: { minMs: 100, maxMs: 250 } });
  await settle();
  await world.set("a", { x: "1" });
  await world.clock.pass(99);
  assert.equal(world.read(), "0");
  await world.clock.pass(1);
  assert.equal(world.read(), "1");
  for (const x of ["2", "3", "4", "5", "6"]) {
    await world.set("a", { x });
    await world.clock.pass(60);
  }
  assert.equal(world.changes.length, 2, "the longest wait was over at 250 ms");
  assert.equal(world.read(), "6");
  world.stop.abort();
});

test("templates: what goes missing later leaves the file as it is, and is told", async () => {
  const world = new World();
  await world.set("a", { x: "1" });
  await world.start({ data: '{{ with nomadVar "a" }}{{ .x | parseInt }}{{ end }}' });
  world.variables.clear();
  await world.touch();
  await world.set("a", { x: "no number" });
  assert.equal(world.read(), "1");
  assert.match(
    world.waited.join("\n"),
    /^variable a is not there yet\nThe template fails: local\/out:1:\d+: "no number"/,
  );
  await world.set("a", { x: "2" });
  assert.equal(world.read(), "2");
  world.stop.abort();
});

test("templates: environment templates give lines to the task, the later one wins", async () => {
  const world = new World();
  await world.set("a", { x: "1" });
  const templates = await world.start(
    {
      data: 'A={{ with nomadVar "a" }}{{ .x }}{{ end }}\nB="b"',
      isEnvironment: true,
      destination: "secrets/a.env",
    },
    { data: "export B=c\nNOT A LINE", destination: "local/plain" },
    { data: "export B=c", isEnvironment: true, destination: "secrets/b.env" },
  );
  assert.deepEqual(templates.environment, { A: "1", B: "c" });
  await world.set("a", { x: "2" });
  assert.deepEqual(templates.environment, { A: "2", B: "c" });
  assert.deepEqual(world.changes, [["secrets/a.env"]]);
  templates.close();
});

test("templates: a task that outlived its agent hears of what changed meanwhile", async () => {
  const world = new World();
  await world.set("a", { x: "1" });
  const data = '{{ with nomadVar "a" }}{{ .x }}{{ end }}';
  (await world.start({ data })).close();
  await world.set("a", { x: "2" });
  const templates = await world.start({ data }, { data: "same", destination: "local/same" });
  await settle();
  assert.deepEqual(world.changes, [["local/out"]]);
  templates.close();
});

test("templates: a signal ends the waiting", async () => {
  const world = new World();
  const starting = world.start({ data: '{{ nomadVar "a" }}' });
  await settle();
  world.stop.abort(new Error("over"));
  await assert.rejects(starting, /over/);
});

test("templates: a file that cannot be written later is told, and the others are", async () => {
  const world = new World();
  await world.set("a", { x: "1" });
  const data = '{{ with nomadVar "a" }}{{ .x }}{{ end }}';
  await world.start({ data, destination: "local/dir/a" }, { data, destination: "local/b" });
  rmSync(join(world.task, "local/dir"), { recursive: true });
  writeFileSync(join(world.task, "local/dir"), "in the way");
  chmodSync(join(world.task, "local/dir"), 0o600);
  await world.set("a", { x: "2" });
  assert.deepEqual(world.changes, [["local/b"]]);
  assert.match(world.waited.join(), /no directory/);
  world.stop.abort();
});
