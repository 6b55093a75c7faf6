import assert from "node:assert/strict";
import type { Allocation } from "@fractus/core/allocation.ts";
import type { Group, Job, Task } from "@fractus/core/job.ts";
import { seededDice } from "@fractus/core/dice.ts";
import { simDriver, simMachine } from "@fractus/drivers/sim.ts";
import type { SimMachine } from "@fractus/drivers/sim.ts";
import { defaultArtifactLimits } from "../artifacts/limits.ts";
import { startAgentWith } from "../agent.ts";
import type { Agent, AgentOptions } from "../agent.ts";
import { defaultNodeSettings } from "../node/settings.ts";
import { memoryStorage } from "../run/memory-storage.ts";
import type { AgentStorage } from "../run/records.ts";
import { literalControl } from "./literal-control.ts";
import type { LiteralControl } from "./literal-control.ts";
import { literalParts } from "./literal-parts.ts";
import type { LiteralParts } from "./literal-parts.ts";
import { someAllocation, someGroup, someJob, someTask } from "./nouns.ts";
import { virtualClock } from "./virtual-clock.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** A simulated node with a real agent, under a clock of its own. */
export interface SimNode {
  readonly clock: VirtualClock;
  readonly control: LiteralControl;
  readonly parts: LiteralParts;
  readonly machine: SimMachine;
  readonly storage: AgentStorage;
  readonly logged: string[];
  agent: Agent;
  /** Assigns one copy of a job with these tasks. */
  run(tasks: readonly Partial<Task>[], more?: Asked): void;
  /** The agent goes, and another comes with the same storage and machine. */
  replaceAgent(): Promise<void>;
  /** `running web:running db:dead!`: the newest that control knows of it; `!` for failed, `?` for killed. */
  status(id?: string): string;
  /** Types of events of a task, oldest first. */
  events(task?: string, id?: string): string[];
  /** The messages of its events of one type. */
  said(type: string, task?: string, id?: string): string[];
}

export interface Asked {
  readonly id?: string;
  readonly group?: Partial<Group>;
  readonly job?: Partial<Job>;
  readonly allocation?: Partial<Allocation>;
}

export async function simNode(more: Partial<AgentOptions> = {}): Promise<SimNode> {
  const clock = virtualClock();
  const control = literalControl();
  const parts = literalParts();
  const machine = simMachine();
  const storage = memoryStorage();
  const logged: string[] = [];
  const start = () =>
    startAgentWith({
      directory: "/",
      link: control,
      drivers: [simDriver(clock, machine)],
      node: defaultNodeSettings("n1"),
      clock,
      dice: seededDice(1),
      log: (line) => void logged.push(line),
      artifacts: { limits: defaultArtifactLimits, allowsLocalSources: false },
      parts,
      hostEnvironment: {},
      storage,
      machine: {
        attributes: {},
        cores: 2,
        mhzPerCore: 1000,
        memoryBytes: 4e9,
        diskBytes: 1e10,
        address: "127.0.0.1",
      },
      ...more,
    });
  const find = (id: string) => {
    const report = control.latest(id);
    assert.ok(report, `nothing was reported of ${id}`);
    return report;
  };
  const node: SimNode = {
    clock,
    control,
    parts,
    machine,
    storage,
    logged,
    agent: await start(),
    run(tasks, { id = "a1", group = {}, job = {}, allocation = {} } = {}) {
      const asked = someJob(someGroup(tasks.map(someTask), group), job);
      control.assign(asked, someAllocation(id, allocation));
    },
    async replaceAgent() {
      await node.agent.close();
      node.agent = await start();
    },
    status(id = "a1") {
      const { status, tasks } = find(id);
      const marks = (task: (typeof tasks)[string]) => (task.failed ? "!" : "") + (task.wasKilled ? "?" : "");
      return [
        status,
        ...Object.entries(tasks).map(([name, task]) => `${name}:${task.status}${marks(task)}`),
      ].join(" ");
    },
    events: (task = "web", id = "a1") => (find(id).tasks[task].events ?? []).map(({ type }) => type),
    said: (type, task = "web", id = "a1") =>
      (find(id).tasks[task].events ?? [])
        .filter((event) => event.type === type)
        .map(({ message }) => message),
  };
  return node;
}
