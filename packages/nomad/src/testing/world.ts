/** A cloud in memory behind the door: the real control plane, and agents that only say what they are told. */
import { Readable, PassThrough } from "node:stream";
import type { AgentAccess, FileChunk } from "@fractus/agent/agent-access.ts";
import type { NodeFacts } from "@fractus/agent/control-link.ts";
import type { Allocation, InstanceStatus } from "@fractus/core/allocation.ts";
import { systemClock } from "@fractus/core/clock.ts";
import { seededDice } from "@fractus/core/dice.ts";
import { MEBIBYTE } from "@fractus/core/resources.ts";
import { type Control, startControl } from "@fractus/control/control.ts";
import Fastify, { type FastifyInstance, type InjectOptions } from "fastify";
import { nomadDoor } from "../door.ts";
import type { DoorOptions } from "../door-options.ts";

/** What a test may ask of the world; nothing in it waits longer than it has to. */
export interface World {
  readonly control: Control;
  readonly app: FastifyInstance;
  /** A node whose agent lets everything run that is given to it. */
  join(name: string, facts?: Partial<NodeFacts>): Promise<string>;
  call(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    body?: unknown,
    token?: string,
  ): Promise<Answer>;
  /** The answer as JSON; fails unless it is a success. */
  get<T = Json>(path: string, token?: string): Promise<T>;
  post<T = Json>(path: string, body?: unknown, token?: string): Promise<T>;
  /** Registers the job and waits until nothing is left to be done. */
  run(job: Json, more?: Json): Promise<Json>;
  /** Until every evaluation is looked at and every agent has said what runs. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- tests look at answers field by field
export type Json = any;

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: Json;
  readonly headers: Readonly<Record<string, unknown>>;
}

export async function startWorld(options: Partial<DoorOptions> = {}): Promise<World> {
  let secrets = 0;
  const control = await startControl({
    store: { load: async () => ({ index: 0, rows: [] }), write: () => {} },
    clock: systemClock,
    dice: seededDice(7),
    // Agents here have no heart: files of tests are loaded long before the last of them has its turn.
    terms: { heartbeatTtlMs: 3_600_000, startGraceMs: 3_600_000 },
    newSecret: () => `5ec12e70-0000-4000-8000-${String(++secrets).padStart(12, "0")}`,
    log: () => {},
  });
  const app = Fastify({ forceCloseConnections: true, routerOptions: { maxParamLength: 1024 } });
  const failures: unknown[] = [];
  await app.register(
    nomadDoor({
      control,
      name: "server1",
      version: "2.0.5",
      region: "global",
      zone: "dc1",
      address: { host: "127.0.0.1", port: 4646 },
      capabilities: {} as DoorOptions["capabilities"],
      acl: { isRequired: false },
      log: (line, fields) => failures.push([line, fields]),
      ...options,
    }),
    { prefix: "/v1" },
  );
  await app.ready();
  return new LocalWorld(control, app, failures);
}

class LocalWorld implements World {
  readonly control: Control;
  readonly app: FastifyInstance;
  readonly #failures: readonly unknown[];
  readonly #nodes = new Set<string>();

  constructor(control: Control, app: FastifyInstance, failures: readonly unknown[]) {
    this.control = control;
    this.app = app;
    this.#failures = failures;
  }

  async join(name: string, facts: Partial<NodeFacts> = {}): Promise<string> {
    const node = nodeFacts(name, facts);
    await this.control.link.register(node);
    this.control.attachAgent(node.id, quietAgent(node.id));
    this.#nodes.add(node.id);
    return node.id;
  }

  async call(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    body?: unknown,
    token?: string,
  ): Promise<Answer> {
    const request: InjectOptions = {
      method,
      url: `/v1${path}`,
      headers: token ? { "x-nomad-token": token } : {},
      ...(body !== undefined && { payload: Buffer.isBuffer(body) ? body : JSON.stringify(body) }),
    };
    const response = await this.app.inject(request);
    const isJson = String(response.headers["content-type"]).startsWith("application/json");
    if (response.statusCode >= 500)
      throw new Error(`${path}: ${response.body} ${JSON.stringify(this.#failures)}`);
    return {
      status: response.statusCode,
      text: response.body,
      json: isJson && response.body !== "" ? (parsed(response.body) as Json) : {},
      headers: response.headers,
    };
  }

  async get<T = Json>(path: string, token?: string): Promise<T> {
    return succeeded(await this.call("GET", path, undefined, token), path) as T;
  }

  async post<T = Json>(path: string, body?: unknown, token?: string): Promise<T> {
    return succeeded(await this.call("POST", path, body, token), path) as T;
  }

  async run(job: Json, more: Json = {}): Promise<Json> {
    const answer = await this.post("/jobs", { Job: job, ...more });
    await this.settle();
    return answer;
  }

  async settle(): Promise<void> {
    for (let round = 0, quietRounds = 0; round < 2000; round++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      const before = this.control.state.index;
      await this.control.ledger.idle();
      const isPending = this.control.state.evaluations.idsBy("status", "pending").size > 0;
      const isQuiet = !(await this.#reportAll()) && !isPending && this.control.state.index === before;
      quietRounds = isQuiet ? quietRounds + 1 : 0;
      if (quietRounds === 3) return;
    }
    throw new Error("The cloud does not come to rest.");
  }

  /** Whether there was anything to say. */
  async #reportAll(): Promise<boolean> {
    let isNews = false;
    for (const nodeId of this.#nodes) {
      const reports = this.control.state.allocations.by("node", nodeId).flatMap(reportOf);
      if (reports.length === 0) continue;
      isNews = true;
      await this.control.link.report(nodeId, reports);
    }
    return isNews;
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.control.close();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function succeeded(answer: Answer, path: string): Json {
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.text}`);
  return answer.json;
}

/** What runs as wanted needs no report. */
function reportOf(one: Allocation) {
  const wanted: InstanceStatus = one.desired === "run" ? "running" : "complete";
  if (one.status === wanted || one.status === "complete" || one.status === "failed") return [];
  const status = wanted === "running" ? ("running" as const) : ("dead" as const);
  const events = [
    { type: "Started", atMs: 1_700_000_000_000, message: "Task started by client", details: {} },
  ];
  const tasks = Object.fromEntries(
    Object.keys(one.grant.tasks).map((name) => [
      name,
      { status, failed: false, restarts: 0, startedAtMs: 1_700_000_000_000, events },
    ]),
  );
  return [{ allocationId: one.id, status: wanted, tasks }];
}

export function nodeFacts(name: string, more: Partial<NodeFacts> = {}): NodeFacts {
  const digits = Buffer.from(name).toString("hex").padEnd(12, "0").slice(0, 12);
  return {
    id: `aaaaaaaa-0000-4000-8000-${digits}`,
    name,
    zone: "dc1",
    pool: "default",
    class: "",
    attributes: {
      "kernel.name": "linux",
      "nomad.version": "2.0.5",
      "driver.raw_exec": "1",
      "os.name": "debian",
    },
    meta: { rack: "r1" },
    capacity: { cpuMhz: 4000, cores: 2, memoryBytes: 4096 * MEBIBYTE, diskBytes: 20_000 * MEBIBYTE },
    reserved: { cpuMhz: 0, cores: 0, memoryBytes: 0, diskBytes: 0, ports: [22] },
    mhzPerCore: 2000,
    drivers: { raw_exec: { isDetected: true, isHealthy: true } },
    devices: [],
    hostVolumes: { certs: { path: "/etc/certs", isReadOnly: true } },
    hostNetworks: { default: { address: "127.0.0.1" } },
    networkModes: ["host"],
    dynamicPorts: { low: 20_000, high: 32_000 },
    ...more,
  };
}

/** An agent that has an answer to everything. */
export function quietAgent(nodeId: string): AgentAccess {
  const chunk = (text: string, offset = 0): FileChunk => ({
    path: "alloc/logs/t.stdout.0",
    offset: offset + text.length,
    data: Buffer.from(text),
  });
  async function* lines({ follow, signal }: { follow: boolean; signal?: AbortSignal }) {
    yield chunk("one\n");
    yield chunk("two\n", 4);
    if (follow) await new Promise((resolve) => signal?.addEventListener("abort", resolve, { once: true }));
  }
  return {
    hostStats: async () => ({
      measuredAtMs: 1_700_000_000_000,
      uptimeMs: 60_000,
      memory: { totalBytes: 100, availableBytes: 60, freeBytes: 40 },
      cpu: [{ name: "cpu0", user: 10, system: 5, idle: 85 }],
      disks: [{ device: "/dev/sda", mount: "/", sizeBytes: 200, usedBytes: 50, availableBytes: 150 }],
    }),
    allocationStats: async () => ({
      measuredAtMs: 1_700_000_000_000,
      tasks: {
        t: {
          cpuMs: 10,
          userCpuMs: 6,
          systemCpuMs: 4,
          memoryBytes: 1024,
          processes: 1,
          measuredAtMs: 1_700_000_000_000,
          cpuPercent: 50,
        },
      },
    }),
    restart: async () => {},
    signal: async () => {},
    exec: async (_id, { command }) => {
      const stdin = new PassThrough();
      const stdout = new PassThrough();
      stdout.write(`$ ${command.join(" ")}\n`);
      stdin.pipe(stdout);
      return {
        stdin,
        stdout,
        stderr: Readable.from([]),
        exit: new Promise((resolve) => stdout.on("end", () => resolve({ exitCode: 3 }))),
        resize: async () => {},
        kill: () => void stdout.end(),
      };
    },
    checks: async () => [
      {
        id: "c1",
        name: "alive",
        service: "web",
        group: "g",
        type: "http",
        status: "success",
        atMs: 1_700_000_000_000,
        statusCode: 200,
        output: "nomad: http ok",
        mode: "healthiness",
      },
    ],
    isolation: async () => ({
      t: [{ aspect: "files", holds: false, words: "It sees the files of the machine." }],
    }),
    list: async () => [
      {
        name: "stdout.0",
        isDirectory: false,
        sizeBytes: 8,
        mode: "-rw-r--r--",
        modifiedAtMs: 1_700_000_000_000,
      },
    ],
    stat: async (_id, path) => ({
      name: path.split("/").at(-1)!,
      isDirectory: path.endsWith("/"),
      sizeBytes: 8,
      mode: "-rw-r--r--",
      modifiedAtMs: 1_700_000_000_000,
      contentType: "text/plain",
    }),
    read: async (_id, _path, { offset = 0, limit }) =>
      Readable.from([
        Buffer.from("one\ntwo\n").subarray(offset, limit === undefined ? undefined : offset + limit),
      ]),
    follow: (_id, _path, from) => lines(from),
    logs: (_id, which) => lines(which),
    collectGarbage: async () => {},
    changeMeta: async (changes) =>
      Object.fromEntries(
        Object.entries({ rack: "r1", node: nodeId, ...changes }).filter(([, value]) => value !== null),
      ),
  };
}

/** A job of one group `g` with one task `t`. */
export function smallJob(id: string, more: Json = {}, group: Json = {}): Json {
  return {
    ID: id,
    TaskGroups: [
      {
        Name: "g",
        Tasks: [
          {
            Name: "t",
            Driver: "raw_exec",
            Config: { command: "/bin/sleep" },
            Resources: { CPU: 100, MemoryMB: 64 },
          },
        ],
        ...group,
      },
    ],
    ...more,
  };
}
