/**
 * The agent of one node. It holds no truth: it hears what its node is to have, compares that with what it has, and
 * brings the one about (`converge.ts`). What it knows is on disk before it acts, so that it may die at any moment;
 * the tasks live on, and the next agent adopts them.
 */
import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "@fractus/core/clock.ts";
import type { Dice } from "@fractus/core/dice.ts";
import { groupOf } from "@fractus/core/job.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { Driver } from "@fractus/drivers/driver.ts";
import { agentAccess } from "./access.ts";
import type { AgentAccess } from "./agent-access.ts";
import { converge } from "./converge.ts";
import type { Step } from "./converge.ts";
import type { AllocationReport, Assignment, ControlLink, NodeFacts } from "./control-link.ts";
import { GarbageCollector } from "./garbage.ts";
import { describeMachine } from "./node/machine.ts";
import type { Machine } from "./node/machine.ts";
import { lookAtDrivers, nodeFacts } from "./node/node-facts.ts";
import type { NodeSettings } from "./node/settings.ts";
import { uuidOf } from "./node/uuid.ts";
import { Presence } from "./presence.ts";
import { Reporter } from "./reporter.ts";
import type { AgentWorld } from "./run/agent-world.ts";
import { AllocationRun } from "./run/allocation-run.ts";
import { diskStorage } from "./run/disk-storage.ts";
import { durationText } from "./run/duration-text.ts";
import type { AgentStorage, NodeIdentity } from "./run/records.ts";
import { retrying } from "./run/retrying.ts";
import { wordsOf } from "./run/task-events.ts";
import type { ArtifactPolicy, TaskParts } from "./run/task-parts.ts";

export interface AgentOptions {
  /** Its data: the node's id, the state of its allocations and their files. One agent at a time. */
  readonly directory: string;
  readonly link: ControlLink;
  /** The agent's own: it lets go of them when it is closed. */
  readonly drivers: readonly Driver[];
  readonly node: NodeSettings;
  readonly clock: Clock;
  readonly dice: Dice;
  log(line: string, fields?: object): void;
  readonly artifacts: ArtifactPolicy;
  readonly parts: TaskParts;
  /** From which tasks inherit what `host-environment.ts` lets through. */
  readonly hostEnvironment: Readonly<Record<string, string | undefined>>;
  /** In place of the directory: for the simulator. */
  readonly storage?: AgentStorage;
  /** In place of what can be measured: for the simulator. */
  readonly machine?: Machine;
  /** How many allocations that are over keep their files; 50 unless it says otherwise. */
  readonly keptEnded?: number;
}

export interface Agent extends AgentAccess {
  readonly nodeId: string;
  /** As control was told last, or is about to be. */
  node(): NodeFacts;
  /** Lets go: tasks run on. */
  close(): Promise<void>;
  /** Ends every task in an orderly way and removes what is left of it; the node keeps its id. */
  destroy(): Promise<void>;
}

/** Adopts what runs, then makes itself known and converges for ever. Resolves when what was there is adopted. */
export async function startAgentWith(options: AgentOptions): Promise<Agent> {
  const loops = new AgentLoops(options, await lookAtDrivers(options.drivers));
  loops.adopt();
  loops.start();
  const access = agentAccess({
    world: loops.world,
    directory: options.directory,
    find: (id) => loops.find(id),
    collect: (id) => loops.garbage.collect(id),
    changeMeta: (changes) => loops.changeMeta(changes),
  });
  return {
    ...access,
    nodeId: loops.nodeId,
    node: () => loops.world.node(),
    close: () => loops.close(),
    destroy: () => loops.destroy(),
  };
}

/** How often drivers are looked at again, and old files are. */
const refreshMs = 60_000;
/** How often it is asked at least whether control was heard in time. */
const connectionBeatMs = 5000;
const unknownPauseMs = 1000;

type Fingerprints = Awaited<ReturnType<typeof lookAtDrivers>>;

class AgentLoops {
  readonly world: AgentWorld;
  readonly nodeId: string;
  readonly garbage: GarbageCollector;
  readonly #options: AgentOptions;
  readonly #storage: AgentStorage;
  readonly #machine: Machine;
  readonly #closing = new AbortController();
  readonly #presence: Presence;
  readonly #reporter: Reporter;
  readonly #runs = new Map<string, AllocationRun>();
  /** Runs that a step waits for to be over, or whose removal is under way. */
  readonly #awaited = new Set<string>();
  #identity: NodeIdentity;
  #facts: NodeFacts;
  #wanted: readonly Assignment[] | undefined;
  #loops: Promise<unknown> = Promise.resolve();

  constructor(options: AgentOptions, fingerprints: Fingerprints) {
    const { directory, clock, dice, link, parts, artifacts, hostEnvironment, log } = options;
    if (!options.storage) mkdirSync(directory, { recursive: true });
    this.#options = options;
    this.#storage = options.storage ?? diskStorage(directory);
    this.#identity = identityOf(this.#storage, dice);
    this.nodeId = this.#identity.id;
    this.#machine = options.machine ?? describeMachine(directory);
    this.#facts = this.#describe(fingerprints);
    this.world = {
      clock,
      dice,
      link,
      parts,
      artifacts,
      hostEnvironment,
      storage: this.#storage,
      drivers: new Map(options.drivers.map((driver) => [driver.name, driver])),
      node: () => this.#facts,
      log: (line, fields) => log(line, fields),
    };
    this.#presence = new Presence(this.world, this.#closing.signal);
    this.#reporter = new Reporter(this.world, this.nodeId, this.#closing.signal);
    this.garbage = new GarbageCollector({
      world: this.world,
      runs: this.#runs,
      kept: options.keptEnded ?? 50,
    });
  }

  /** Refuses an allocation that is not here. */
  find(id: string): AllocationRun {
    const run = this.#runs.get(id);
    if (!run) throw new Refusal("not-found", `The allocation ${JSON.stringify(id)} is not on this node.`);
    return run;
  }

  adopt(): void {
    const { runs, damaged } = this.#storage.readRuns();
    for (const id of damaged)
      this.world.log("The state of an allocation could not be read and is set aside", { id });
    for (const { assignment, record } of runs) {
      const run = new AllocationRun(this.#surroundings(), assignment, record);
      this.#runs.set(run.id, run);
    }
    for (const run of this.#runs.values()) {
      run.begin();
      this.#tell(run);
    }
  }

  start(): void {
    const all = [this.#presence.keep(), this.#follow(), this.#refresh(), this.#watchConnection()];
    this.#loops = Promise.all(all.map((loop) => loop.catch((error: unknown) => this.#hasEnded(error))));
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("the agent lets go"));
    await this.#loops;
    await Promise.all([...this.#runs.values()].map((run) => run.close()));
    await Promise.all(this.#options.drivers.map((driver) => driver.close()));
  }

  async destroy(): Promise<void> {
    this.#closing.abort(new Error("the agent lets go"));
    await this.#loops;
    await Promise.all(
      [...this.#runs.values()].map(async (run) => {
        await run.destroy({ isPatient: true });
        this.#storage.forgetRun(run.id);
      }),
    );
    await Promise.all(this.#options.drivers.map((driver) => driver.close()));
    if (!this.#options.storage)
      for (const name of ["runs", "allocs"])
        await rm(join(this.#options.directory, name), { recursive: true, force: true });
  }

  async changeMeta(
    changes: Readonly<Record<string, string | null>>,
  ): Promise<Readonly<Record<string, string>>> {
    this.#identity = { ...this.#identity, meta: { ...this.#identity.meta, ...changes } };
    this.#storage.writeNode(this.#identity);
    await this.#look();
    return this.#facts.meta;
  }

  /** Hears what the node is to have, for ever. */
  async #follow(): Promise<void> {
    const { signal } = this.#closing;
    await new Promise<void>((resolve) => {
      for (const each of [signal, this.#presence.registered]) each.addEventListener("abort", () => resolve());
    });
    for (let index = 0; ;) {
      try {
        const answer = await retrying(this.world, signal, () =>
          this.world.link.assignments(this.nodeId, index, signal),
        );
        index = answer.index;
        this.#wanted = answer.list;
        this.#converge();
      } catch (error) {
        signal.throwIfAborted();
        this.world.log(`What is to run could not be heard: ${wordsOf(error)}`);
        if (error instanceof Refusal && error.kind === "not-found") this.#presence.refresh(true);
        index = -1;
        await this.world.clock.sleep(unknownPauseMs, signal);
      }
    }
  }

  /** One comparison. Nothing is done before control was heard: not to be told of is not to be unwanted. */
  #converge(): void {
    if (!this.#wanted || this.#closing.signal.aborted) return;
    const known = [...this.#runs.values()].map((run) => ({
      allocation: run.assignment.allocation,
      isOver: run.isOver,
    }));
    for (const step of converge(this.#wanted, known)) {
      try {
        this.#take(step);
      } catch (error) {
        this.world.log(`A step could not be taken: ${wordsOf(error)}`, { step: step.do });
      }
    }
    void this.garbage.beat();
  }

  #take(step: Step): void {
    switch (step.do) {
      case "begin":
        return this.#begin(step.assignment);
      case "hold":
        for (const id of step.until) this.#convergeWhenOver(id);
        return undefined;
      case "update":
        return this.#update(step.assignment);
      case "decline":
        return this.#answer(step.assignment, "complete", "It was not wanted any more before it was begun");
      case "remove":
        return this.#remove(step.allocationId);
    }
  }

  #begin(assignment: Assignment): void {
    let run: AllocationRun;
    try {
      run = new AllocationRun(this.#surroundings(), assignment);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return this.#answer(assignment, "failed", error.message);
    }
    this.#runs.set(run.id, run);
    run.begin();
    this.#tell(run);
  }

  #update(assignment: Assignment): void {
    const run = this.find(assignment.allocation.id);
    run.update(assignment);
    if (run.status !== assignment.allocation.status) this.#tell(run);
  }

  #remove(id: string): void {
    if (this.#awaited.has(`remove ${id}`)) return;
    this.#awaited.add(`remove ${id}`);
    const run = this.find(id);
    run
      .destroy()
      .then(() => this.#forget(run))
      .catch((error: unknown) =>
        this.world.log(`The allocation ${id} could not be removed: ${wordsOf(error)}`),
      )
      .finally(() => {
        this.#awaited.delete(`remove ${id}`);
        this.#converge();
      });
  }

  #convergeWhenOver(id: string): void {
    if (this.#awaited.has(id)) return;
    this.#awaited.add(id);
    void this.find(id)
      .untilOver()
      .then(() => {
        this.#awaited.delete(id);
        this.#converge();
      });
  }

  /** For an allocation that has no life here. */
  #answer(assignment: Assignment, status: "complete" | "failed", statusReason: string): void {
    const { allocation, job } = assignment;
    const state = { status: "dead", failed: status === "failed", restarts: 0 } as const;
    const tasks = groupOf(job, allocation.group)?.tasks.map(({ name }) => [name, state] as const) ?? [];
    const report: AllocationReport = {
      allocationId: allocation.id,
      status,
      statusReason,
      tasks: Object.fromEntries(tasks),
    };
    this.#reporter.put(allocation.id, () => report);
  }

  #tell(run: AllocationRun): void {
    this.#reporter.put(run.id, () => run.report());
  }

  #forget(run: AllocationRun): void {
    this.#storage.forgetRun(run.id);
    this.#runs.delete(run.id);
  }

  #surroundings() {
    return { world: this.world, changed: (run: AllocationRun) => this.#tell(run) };
  }

  async #refresh(): Promise<void> {
    for (;;) {
      await this.world.clock.sleep(refreshMs, this.#closing.signal);
      await this.#look();
      await this.garbage.beat();
    }
  }

  async #look(): Promise<void> {
    this.#facts = this.#describe(await lookAtDrivers(this.#options.drivers));
    this.#presence.refresh();
  }

  #describe(fingerprints: Fingerprints): NodeFacts {
    const { node: settings } = this.#options;
    return nodeFacts({ identity: this.#identity, settings, machine: this.#machine, fingerprints });
  }

  /** Ends what is not to run on a node that control has not answered for too long. */
  async #watchConnection(): Promise<void> {
    const { clock } = this.world;
    for (;;) {
      const silentMs = clock.nowMs() - this.#presence.heardAtMs;
      for (const run of this.#runs.values()) {
        const limitMs = run.group.disconnect?.stopOnNodeAfterMs;
        if (limitMs !== undefined && silentMs >= limitMs)
          run.end({
            message: `stop_on_client_after: control has not answered for ${durationText(silentMs)}`,
          });
      }
      await clock.sleep(connectionBeatMs, this.#closing.signal);
    }
  }

  #hasEnded(error: unknown): void {
    if (!this.#closing.signal.aborted) this.world.log(`A loop of the agent has ended: ${wordsOf(error)}`);
  }
}

function identityOf(storage: AgentStorage, dice: Dice): NodeIdentity {
  const known = storage.readNode();
  if (known) return known;
  const made = { id: uuidOf(dice), meta: {} };
  storage.writeNode(made);
  return made;
}
