/**
 * The agent dies at each of its writes in turn, before it and after it, and another takes over. Whatever the
 * moment: no task runs twice at a time, none is started more often than its policy allows, all come to the same
 * end, and nothing is left with the driver.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seededDice } from "@fractus/core/dice.ts";
import type { Driver } from "@fractus/drivers/driver.ts";
import { simDriver, simMachine } from "@fractus/drivers/sim.ts";
import { startAgentWith } from "./agent.ts";
import type { Agent } from "./agent.ts";
import { defaultArtifactLimits } from "./artifacts/limits.ts";
import type { ControlLink } from "./control-link.ts";
import { defaultNodeSettings } from "./node/settings.ts";
import { memoryStorage } from "./run/memory-storage.ts";
import type { AgentStorage } from "./run/records.ts";
import { literalControl } from "./testing/literal-control.ts";
import { literalParts } from "./testing/literal-parts.ts";
import { someAllocation, someGroup, someJob, someService, someTask } from "./testing/nouns.ts";
import { virtualClock } from "./testing/virtual-clock.ts";

interface Death {
  readonly atWrite: number;
  /** The write still happens. */
  readonly isAfter: boolean;
}

interface Story {
  readonly writes: number;
  readonly ends: readonly string[];
  /** How often each task was started. */
  readonly starts: readonly string[];
  /** What must never be. */
  readonly wrongs: readonly string[];
  readonly left: number;
  readonly services: number;
}

const never = new Promise<never>(() => undefined);

/** A process that can die: from then on nothing that it does has an effect, and nothing answers it. */
class Mortal {
  writes = 0;
  isDead = false;
  readonly #death: Death | undefined;

  constructor(death: Death | undefined) {
    this.#death = death;
  }

  storage(storage: AgentStorage): AgentStorage {
    const write = <Values extends unknown[]>(act: (...values: Values) => void) => {
      return (...values: Values) => {
        if (this.isDead) return;
        const isLast = ++this.writes === this.#death?.atWrite;
        if (!isLast || this.#death?.isAfter) act(...values);
        if (isLast) this.isDead = true;
      };
    };
    return {
      ...storage,
      writeAssignment: write(storage.writeAssignment),
      writeRun: write(storage.writeRun),
      forgetRun: write(storage.forgetRun),
    };
  }

  /** All methods of it answer as long as this lives. */
  link<T extends object>(real: T): T {
    const answering = (act: (...values: unknown[]) => Promise<unknown>) => {
      return async (...values: unknown[]) => {
        if (this.isDead) return never;
        const answer = await act(...values);
        return this.isDead ? never : answer;
      };
    };
    const entries = Object.entries(real).map(([name, member]) => [
      name,
      typeof member === "function" ? answering(member as (...values: unknown[]) => Promise<unknown>) : member,
    ]);
    return Object.fromEntries(entries) as T;
  }
}

async function tell(death: Death | undefined): Promise<Story> {
  const clock = virtualClock();
  const control = literalControl();
  const machine = simMachine();
  const storage = memoryStorage();
  const starts = new Map<string, number>();
  const wrongs: string[] = [];
  const driver = simDriver(clock, machine);
  const watched: Driver = {
    ...driver,
    async start(spec) {
      const task = spec.id.slice(0, spec.id.lastIndexOf("/"));
      if (!machine.tasks.has(spec.id)) starts.set(task, (starts.get(task) ?? 0) + 1);
      for (const id of machine.tasks.keys()) {
        const handle = { driver: "sim", id, stateDirectory: "", startedAtMs: 0 };
        const isOther = id !== spec.id && id.startsWith(`${task}/`);
        if (isOther && (await driver.recover(handle)).state === "running") wrongs.push(`${task} runs twice`);
      }
      return driver.start(spec);
    },
  };
  const open = (mortal: Mortal): Promise<Agent> =>
    startAgentWith({
      directory: "/",
      link: mortal.link<ControlLink>(control),
      drivers: [mortal.link(watched)],
      node: defaultNodeSettings("n1"),
      clock,
      dice: seededDice(1),
      log: () => undefined,
      artifacts: { limits: defaultArtifactLimits, allowsLocalSources: false },
      parts: literalParts(),
      hostEnvironment: {},
      storage: mortal.storage(storage),
      machine: { attributes: {}, cores: 1, mhzPerCore: 1, memoryBytes: 1, diskBytes: 1, address: "::1" },
    });
  const mortal = new Mortal(death);
  let agent = await open(mortal);
  let hasDied = false;
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1000) {
      await clock.advance(1000);
      if (!mortal.isDead || hasDied) continue;
      hasDied = true;
      agent = await open(new Mortal(undefined));
    }
  };
  await pass(1000);
  assign(control);
  await pass(12_000);
  for (const id of ["stopped", "removed"]) control.change(id, { desired: "stop" });
  await pass(1000);
  control.withdraw("removed");
  await pass(8000);
  const ends = ["batch", "failing", "stopped"].map((id) => {
    const { status, tasks } = control.latest(id) ?? {};
    const words = Object.entries(tasks ?? {}).map(
      ([name, task]) => `${name}:${task.status}:${task.restarts}`,
    );
    return `${id} ${status} ${words.join(" ")}`;
  });
  await agent.close();
  return {
    writes: mortal.writes,
    ends,
    starts: [...starts].map(([task, count]) => `${task} ${count}`).sort(),
    wrongs,
    left: machine.tasks.size,
    services: control.registeredServices().length,
  };
}

function assign(control: ReturnType<typeof literalControl>): void {
  const batch = { type: "batch" } as const;
  const init = someTask({
    name: "init",
    config: { runForMs: 2000 },
    lifecycle: { hook: "prestart", sidecar: false },
  });
  const clean = someTask({
    name: "clean",
    config: { runForMs: 700 },
    lifecycle: { hook: "poststop", sidecar: false },
  });
  const main = someTask({ config: { runForMs: 3000, startDelayMs: 700 } });
  control.assign(someJob(someGroup([init, main, clean]), batch), someAllocation("batch"));
  const failing = someTask({ config: { runForMs: 1000, exitCode: 1, startDelayMs: 300 } });
  const restart = { attempts: 2, intervalMs: 600_000, delayMs: 2000, mode: "fail" } as const;
  control.assign(someJob(someGroup([failing], { restart }), batch), someAllocation("failing"));
  const lasting = someTask({
    config: { ignoresSignals: true },
    services: [someService("web")],
    shutdownDelayMs: 1500,
  });
  for (const id of ["stopped", "removed"]) control.assign(someJob(someGroup([lasting])), someAllocation(id));
}

test("crash: whatever write the agent dies at, the story ends the same way", async () => {
  const { writes, ...expected } = await tell(undefined);
  assert.deepEqual(expected, {
    ends: [
      "batch complete init:dead:0 web:dead:0 clean:dead:0",
      "failing failed web:dead:2",
      "stopped complete web:dead:0",
    ],
    starts: [
      "batch/clean 1",
      "batch/init 1",
      "batch/web 1",
      "failing/web 3",
      "removed/web 1",
      "stopped/web 1",
    ],
    wrongs: [],
    left: 0,
    services: 0,
  });
  assert.ok(writes > 40, String(writes));
  for (let atWrite = 1; atWrite <= writes; atWrite++)
    for (const isAfter of [false, true]) {
      const { writes: _, ...story } = await tell({ atWrite, isAfter });
      assert.deepEqual(
        story,
        expected,
        `it died ${isAfter ? "after" : "before"} write ${atWrite} of ${writes}`,
      );
    }
});
