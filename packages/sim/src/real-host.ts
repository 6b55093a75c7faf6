/**
 * A node of the simulated cloud with the real agent on it: only its driver is simulated, its disk is memory, and
 * its death lets it neither write nor hear anything more.
 */
import { defaultArtifactLimits } from "@fractus/agent/artifacts/limits.ts";
import { startAgentWith } from "@fractus/agent/agent.ts";
import type { Assignment, NodeFacts } from "@fractus/agent/control-link.ts";
import { defaultNodeSettings } from "@fractus/agent/node/settings.ts";
import { memoryStorage } from "@fractus/agent/run/memory-storage.ts";
import type { AgentStorage, RunRecord } from "@fractus/agent/run/records.ts";
import { literalParts } from "@fractus/agent/testing/literal-parts.ts";
import type { Dice } from "@fractus/core/dice.ts";
import type { Driver } from "@fractus/drivers/driver.ts";
import { type SimConfig, simDriver, type SimMachine, simMachine } from "@fractus/drivers/sim.ts";
import type { AgentProcess, Host, HostOptions } from "./host.ts";
import type { Life } from "./sim-clock.ts";
import { never } from "./sim-store.ts";
import type { Fate } from "./simulated-agent.ts";

export interface RealHostOptions extends HostOptions {
  readonly dice: Dice;
  /** What the agent says of itself. */
  readonly log: (line: string) => void;
}

export function realHost(options: RealHostOptions): Host {
  const { facts, clock } = options;
  const machine = simMachine();
  let storage = emptyDisk(facts.id);
  return {
    facts,
    get copies() {
      return copiesOn(machine, clock.nowMs());
    },
    look(allocationId) {
      const run = storage.readRuns().runs.find(({ record }) => record.allocationId === allocationId);
      return run && lookAt(run.record, machine);
    },
    startAgent: (process) => startAgent(options, { process, machine, storage }),
    turnOff(losesDisk) {
      machine.tasks.clear();
      if (losesDisk) storage = emptyDisk(facts.id);
    },
  };
}

/** The node's id does not come from its disk. */
function emptyDisk(id: string): AgentStorage {
  const storage = memoryStorage();
  storage.writeNode({ id, meta: {} });
  return storage;
}

function startAgent(
  { facts, dice, log, fateOf }: RealHostOptions,
  on: { readonly process: AgentProcess; readonly machine: SimMachine; readonly storage: AgentStorage },
): void {
  const { life, clock, link } = on.process;
  const assignments = new Map<string, Assignment>();
  for (const { assignment } of on.storage.readRuns().runs)
    assignments.set(assignment.allocation.id, assignment);
  const fateOfRun = (runId: string) => fateOf(assignments.get(runId.slice(0, runId.indexOf("/")))!);
  const { cores, memoryBytes, diskBytes } = facts.capacity;
  void startAgentWith({
    directory: "/nowhere",
    link,
    drivers: [mortalDriver(fatedDriver(simDriver(clock, on.machine), fateOfRun), life)],
    node: settingsOf(facts),
    clock,
    dice,
    log,
    artifacts: { limits: defaultArtifactLimits, allowsLocalSources: false },
    parts: literalParts(),
    hostEnvironment: {},
    storage: mortalStorage(on.storage, { life, assignments }),
    machine: {
      attributes: {},
      cores,
      mhzPerCore: facts.mhzPerCore,
      memoryBytes,
      diskBytes,
      address: "127.0.0.1",
    },
  });
}

function settingsOf({ name, zone, class: nodeClass, dynamicPorts, capacity }: NodeFacts) {
  return { ...defaultNodeSettings(name), zone, class: nodeClass, dynamicPorts, budget: capacity };
}

/** Tasks fare as their fates say, whatever their settings are. */
function fatedDriver(driver: Driver, fateOf: (runId: string) => Fate): Driver {
  return { ...driver, start: (spec) => driver.start({ ...spec, config: { ...configOf(fateOf(spec.id)) } }) };
}

function configOf({ startsAfterMs, endsAfterMs, fails, stopTakesMs }: Fate): SimConfig {
  return {
    startDelayMs: startsAfterMs,
    ...(endsAfterMs !== undefined && { runForMs: endsAfterMs, exitCode: fails ? 1 : 0 }),
    ignoresSignals: stopTakesMs > 3_000,
  };
}

/** Who is dead gets no answer, and asks for nothing. */
function mortalDriver(driver: Driver, life: Life): Driver {
  const whileAlive = async <T>(act: () => Promise<T>): Promise<T> => {
    if (life.isOver) return never();
    const outcome = await act().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    if (life.isOver) return never();
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  };
  return {
    ...driver,
    start: (spec) => whileAlive(() => driver.start(spec)),
    recover: (handle) => whileAlive(() => driver.recover(handle)),
    wait: (handle, signal) => whileAlive(() => driver.wait(handle, signal)),
    stop: (handle, how) => whileAlive(() => driver.stop(handle, how)),
    destroy: (handle) => whileAlive(() => driver.destroy(handle)),
  };
}

/** Who is dead writes nothing more. */
function mortalStorage(
  storage: AgentStorage,
  { life, assignments }: { readonly life: Life; readonly assignments: Map<string, Assignment> },
): AgentStorage {
  return {
    ...storage,
    writeNode: (node) => life.isOver || storage.writeNode(node),
    writeAssignment(assignment) {
      if (life.isOver) return;
      assignments.set(assignment.allocation.id, assignment);
      storage.writeAssignment(assignment);
    },
    writeRun: (record) => life.isOver || storage.writeRun(record),
    forgetRun: (id) => life.isOver || storage.forgetRun(id),
  };
}

/** Of each allocation, the most runs of one of its tasks that are alive at a time. */
function copiesOn({ tasks }: SimMachine, nowMs: number): ReadonlyMap<string, number> {
  const copies = new Map<string, number>();
  const ofTask = new Map<string, number>();
  for (const [runId, task] of tasks) {
    if (task.ended ?? task.startedAtMs + (task.config.runForMs ?? Infinity) <= nowMs) continue;
    const [allocationId, name] = runId.split("/");
    const count = (ofTask.get(`${allocationId}/${name}`) ?? 0) + 1;
    ofTask.set(`${allocationId}/${name}`, count);
    copies.set(allocationId, Math.max(count, copies.get(allocationId) ?? 0));
  }
  return copies;
}

function lookAt({ overAtMs, tasks: records }: RunRecord, machine: SimMachine): ReturnType<Host["look"]> {
  const tasks = Object.values(records);
  if (overAtMs !== undefined) {
    const status = tasks.some(({ state }) => state.failed) ? "failed" : "complete";
    return { status, isAtRest: true };
  }
  const isRunning = tasks.every(({ phase }) => phase === "running");
  const isSteady = ({ handle }: (typeof tasks)[number]) =>
    handle !== undefined && machine.tasks.get(handle.id)?.config.runForMs === undefined;
  return { status: isRunning ? "running" : "pending", isAtRest: isRunning && tasks.every(isSteady) };
}
