/**
 * One allocation on this node: brings its tasks to life in their order, ends them together, and says what has
 * become of them.
 *
 *     begun ──▶ ending ──▶ over
 *
 * - *begun*: tasks start when it is their turn (`lifecycle.ts`).
 * - *ending*: written down with its reason: it is not wanted any more, a task failed for good, the leader or the
 *   main tasks ended, its time is up, or its node is cut off. Services go first, then tasks in the order of
 *   `stopOrder`; poststop tasks have their turn when all others are dead.
 * - *over*: all tasks are dead. What is left are its files.
 */
import { isUnwanted } from "@fractus/core/allocation.ts";
import type { InstanceStatus, TaskState } from "@fractus/core/allocation.ts";
import type { Group, Task } from "@fractus/core/job.ts";
import { groupOf } from "@fractus/core/job.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { CheckResult } from "../agent-access.ts";
import type { AllocationReport, Assignment } from "../control-link.ts";
import type { AgentWorld } from "./agent-world.ts";
import { allocationStatus, isMain, reasonToEnd, stopOrder, tasksToStart } from "./lifecycle.ts";
import type { GroupEnding } from "./lifecycle.ts";
import type { RunRecord, StoredRun } from "./records.ts";
import { runCommand } from "./run-command.ts";
import { ServiceKeeper, servicesOf } from "./service-keeper.ts";
import { requirementsOf, type Requirement, untilMet } from "./start-order.ts";
import { event, wordsOf } from "./task-events.ts";
import { newTaskRecord, TaskRun } from "./task-run.ts";
import { TaskScene } from "./task-scene.ts";
import { ownerOf } from "./task-spec.ts";

export interface RunSurroundings {
  readonly world: AgentWorld;
  /** What is to be told of it is another now. */
  changed(run: AllocationRun): void;
}

/** How long the end of a task waits for control to take its services away. */
const withdrawalLimitMs = 2000;

export class AllocationRun {
  readonly id: string;
  readonly #around: RunSurroundings;
  readonly #tasks = new Map<string, TaskRun>();
  readonly #services: ServiceKeeper;
  readonly #letGo = new AbortController();
  readonly #over = new AbortController();
  #assignment: Assignment;
  #record: Omit<RunRecord, "tasks">;
  #isEndingTasks = false;
  #waitsForOthers = false;
  #stepping: "no" | "yes" | "again" = "no";

  /** Begins it, or goes on with it. The tasks live from `begin` on. */
  constructor(around: RunSurroundings, assignment: Assignment, stored?: RunRecord) {
    this.id = assignment.allocation.id;
    this.#around = around;
    this.#assignment = assignment;
    const nowMs = around.world.clock.nowMs();
    const { tasks, ...record } = stored ?? {
      allocationId: this.id,
      begunAtMs: nowMs,
      isCarriedOver: false,
      tasks: {},
    };
    this.#record = record;
    for (const { name } of this.group.tasks)
      this.#tasks.set(
        name,
        this.#newTask(name, new Map(Object.entries(tasks)).get(name) ?? newTaskRecord(nowMs)),
      );
    this.#services = this.#newServices(stored !== undefined && stored.overAtMs === undefined);
    if (!stored) around.world.storage.writeAssignment(assignment);
    if (!stored) around.world.storage.writeRun(this.stored.record);
    if (this.isOver) this.#over.abort();
  }

  get assignment(): Assignment {
    return this.#assignment;
  }

  get group(): Group {
    return findGroup(this.#assignment);
  }

  get stored(): StoredRun {
    const tasks = Object.fromEntries([...this.#tasks].map(([name, task]) => [name, task.record]));
    return { assignment: this.#assignment, record: { ...this.#record, tasks } };
  }

  get status(): InstanceStatus {
    return allocationStatus(this.group, this.#states(), this.#record.ending).status;
  }

  get isOver(): boolean {
    return this.#record.overAtMs !== undefined;
  }

  get isEnding(): boolean {
    return this.#record.ending !== undefined;
  }

  get overAtMs(): number | undefined {
    return this.#record.overAtMs;
  }

  get isCollected(): boolean {
    return this.#record.isCollected ?? false;
  }

  get checks(): readonly CheckResult[] {
    return this.#services.results();
  }

  get taskRuns(): ReadonlyMap<string, TaskRun> {
    return this.#tasks;
  }

  /** Refuses a task that it does not have. */
  task(name: string): TaskRun {
    const task = this.#tasks.get(name);
    if (!task) throw new Refusal("not-found", `The allocation has no task ${JSON.stringify(name)}.`);
    return task;
  }

  report(): AllocationReport {
    const { status, statusReason } = allocationStatus(this.group, this.#states(), this.#record.ending);
    const checksPassSinceMs = this.isEnding ? undefined : this.#services.passSinceMs();
    return {
      allocationId: this.id,
      status,
      statusReason,
      tasks: this.#states(),
      ...(checksPassSinceMs !== undefined && { checksPassSinceMs }),
    };
  }

  begin(): void {
    if (!this.#record.isCarriedOver && !this.isOver) this.#carryOver();
    this.#sayWhereServicesAre();
    for (const task of this.#tasks.values()) if (task.record.phase !== "waiting") task.begin();
    if (this.isEnding && !this.isOver) this.#carryOutEnding();
    else if (!this.isOver) void this.#watchTime();
    this.#awaitOthers();
    this.#step();
  }

  /** What is wanted of it may be another now: it takes that over, and ends if it is not wanted any more. */
  update(assignment: Assignment): void {
    if (!asksForTheSame(assignment, this.#assignment)) {
      this.#assignment = keepingTasks(assignment, this.#assignment);
      this.#around.world.storage.writeAssignment(this.#assignment);
      this.#services.refresh();
    }
    const { allocation } = assignment;
    if (isUnwanted(allocation))
      this.end({ message: allocation.desiredReason ?? "The allocation is not wanted any more" });
  }

  /** Ends it. Idempotent: the first reason stands. */
  end(why: { readonly message: string } & Pick<GroupEnding, "statusReason" | "withoutPoststop">): void {
    if (this.isOver || this.isEnding) return;
    this.#endFor({ type: "Killing", details: {}, atMs: this.#now(), ...why });
  }

  /** Ends what lives of it, with the patience of its tasks or without any, and removes everything but its record. */
  async destroy({ isPatient = false }: { readonly isPatient?: boolean } = {}): Promise<void> {
    if (!this.isEnding && !this.isOver)
      this.#endFor({
        type: "Killing",
        message: "The allocation is removed",
        details: {},
        atMs: this.#now(),
        withoutPoststop: true,
      });
    await Promise.all([...this.#tasks.values()].map((task) => task.end({ atOnce: !isPatient })));
    this.#services.refresh();
    await this.#services.settle(withdrawalLimitMs);
    await this.collect();
    await this.close();
  }

  /** Removes its files, in which the drivers keep what they know of its tasks: so they go first. */
  async collect(): Promise<void> {
    await Promise.all([...this.#tasks.values()].map((task) => task.settle()));
    await this.#around.world.storage.removeFiles(this.id);
    this.#record = { ...this.#record, isCollected: true };
    this.#write();
  }

  /** Resolves when it is over. */
  async untilOver(): Promise<void> {
    if (this.isOver) return;
    await new Promise<void>((resolve) => this.#over.signal.addEventListener("abort", () => resolve()));
  }

  async close(): Promise<void> {
    this.#letGo.abort(new Error("the agent lets go"));
    await Promise.all([...this.#tasks.values()].map((task) => task.close()));
    await this.#services.close();
  }

  #newTask(name: string, record: TaskRun["record"]): TaskRun {
    const around = {
      world: this.#around.world,
      assignment: () => this.#assignment,
      changed: () => this.#changed(),
      withdraw: async () => {
        this.#services.refresh();
        await this.#services.settle(withdrawalLimitMs);
      },
    };
    return new TaskRun(name, around, record);
  }

  #newServices(isAdopted: boolean): ServiceKeeper {
    const { world } = this.#around;
    return new ServiceKeeper({
      world,
      isAdopted,
      assignment: () => this.#assignment,
      isGroupUp: () => !this.isEnding && this.#mainStates().every((state) => state.startedAtMs !== undefined),
      isTaskUp: (name) => {
        const task = this.#tasks.get(name)?.record;
        return !this.isEnding && task?.phase === "running" && task.ending === undefined;
      },
      environmentOf: (name) => this.#environmentOf(name),
      runInTask: (name, command, timeoutMs) =>
        runCommand(() => this.task(name).exec(command), { timeoutMs, clock: world.clock }),
      taskStartedAtMs: (name) =>
        name === undefined ? latest(this.#mainStates()) : this.#tasks.get(name)?.state.startedAtMs,
      changed: () => this.#around.changed(this),
      restart: (name, reason) => this.#restartUnhealthy(name, reason),
    });
  }

  /** A group's services may refer to what all tasks have in common; a main task stands for them. */
  #environmentOf(name: string | undefined): Record<string, string> {
    const around = { world: this.#around.world, assignment: () => this.#assignment };
    return new TaskScene(name ?? this.#mainNames()[0], around).environment();
  }

  #restartUnhealthy(name: string | undefined, reason: string): void {
    const tasks =
      name === undefined
        ? [...this.#tasks.values()].filter(({ name }) => this.#isMain(name))
        : [this.task(name)];
    for (const task of tasks)
      if (task.handle)
        task
          .restart(reason)
          .catch((error: unknown) => this.#log(`${task.name} could not be restarted`, error));
  }

  /** A task's record is another. It is on disk before anything follows from it. */
  #changed(): void {
    this.#write();
    this.#step();
  }

  /** Does what is next. It is called for each change, also by what it does itself. */
  #step(): void {
    if (this.#letGo.signal.aborted) return;
    const isInside = this.#stepping !== "no";
    this.#stepping = isInside ? "again" : "yes";
    if (isInside) return;
    try {
      for (let rounds = 0; rounds === 0 || this.#isStepNeeded(); rounds++) {
        this.#stepping = "yes";
        this.#stepOnce();
      }
    } finally {
      this.#stepping = "no";
    }
    this.#around.changed(this);
  }

  #isStepNeeded(): boolean {
    return this.#stepping === "again";
  }

  #stepOnce(): void {
    const reason = this.isEnding ? undefined : reasonToEnd(this.group, this.#states(), this.#now());
    if (reason) this.#endFor(reason);
    const isItsTurn = this.isEnding || !this.#waitsForOthers;
    for (const name of isItsTurn ? tasksToStart(this.group, this.#states(), this.#record.ending) : []) {
      const task = this.task(name);
      if (task.record.phase === "waiting") task.begin();
    }
    this.#settleIfOver();
    this.#services.refresh();
  }

  #settleIfOver(): void {
    const { status } = allocationStatus(this.group, this.#states(), this.#record.ending);
    if (this.isOver || (status !== "complete" && status !== "failed")) return;
    this.#record = { ...this.#record, overAtMs: this.#now() };
    this.#write();
    this.#over.abort();
  }

  #endFor(ending: GroupEnding): void {
    this.#record = { ...this.#record, ending };
    this.#write();
    this.#services.refresh();
    this.#carryOutEnding();
  }

  #carryOutEnding(): void {
    if (this.#isEndingTasks) return;
    this.#isEndingTasks = true;
    this.#endTasks().catch((error: unknown) => {
      if (!this.#letGo.signal.aborted) this.#log("The allocation could not be ended", error);
    });
  }

  async #endTasks(): Promise<void> {
    const { ending } = this.#record;
    if (!ending) return;
    await this.#services.settle(withdrawalLimitMs);
    await this.#shutdownDelay(ending);
    const said =
      ending.type === "Killing" ? {} : { event: event(ending.type, ending.message, ending.details) };
    for (const set of stopOrder(this.group))
      await Promise.all(set.map((name) => this.task(name).end(this.#isDead(name) ? {} : said)));
    this.#step();
  }

  /** For the group as a whole, as long as any of its main tasks could still be asked something. */
  async #shutdownDelay(ending: GroupEnding): Promise<void> {
    const { shutdownDelayMs = 0 } = this.group;
    const { clock } = this.#around.world;
    const leftMs = ending.atMs + shutdownDelayMs - clock.nowMs();
    const isServing = this.#mainStates().some((state) => state.status === "running");
    if (leftMs <= 0 || !isServing) return;
    await clock
      .sleep(leftMs, AbortSignal.any([this.#letGo.signal, this.#over.signal]))
      .catch(() => undefined);
    this.#letGo.signal.throwIfAborted();
  }

  /** Counted from when the node took it on, so that a start that takes long counts too. */
  async #watchTime(): Promise<void> {
    const { maxRunMs } = this.group;
    if (maxRunMs === undefined) return;
    const { clock } = this.#around.world;
    const leftMs = Math.max(this.#record.begunAtMs + maxRunMs - clock.nowMs(), 0);
    const signal = AbortSignal.any([this.#letGo.signal, this.#over.signal]);
    await clock.sleep(leftMs, signal).then(
      () =>
        this.end({
          message: "allocation exceeded max_run_duration",
          statusReason: "allocation exceeded max_run_duration",
          withoutPoststop: true,
        }),
      () => undefined,
    );
  }

  /** The predecessor is over: whoever begins a run has seen to that. */
  #carryOver(): void {
    const { storage } = this.#around.world;
    const { previousId } = this.#assignment.allocation;
    const { ephemeralDisk, tasks } = this.group;
    if (previousId !== undefined && (ephemeralDisk.sticky || ephemeralDisk.migrate))
      this.#takeOver(previousId, tasks, storage);
    this.#record = { ...this.#record, isCarriedOver: true };
    this.#write();
  }

  #takeOver(previousId: string, tasks: readonly Task[], storage: AgentWorld["storage"]): void {
    try {
      for (const task of tasks) storage.makeDirectories(this.id, task.name, ownerOf(task));
      storage.carryOver({ from: previousId, to: this.id, tasks: tasks.map(({ name }) => name) });
    } catch (error) {
      this.#log(`The data of ${previousId} could not be taken over`, error);
    }
  }

  /** Holds the tasks back until the services are there that come before them, if none of them has begun yet. */
  #awaitOthers(): void {
    const { job, allocation } = this.#assignment;
    const requirements = requirementsOf(job, this.group);
    const hasBegun = [...this.#tasks.values()].some((task) => task.record.phase !== "waiting");
    if (requirements.length === 0 || hasBegun || this.isEnding || this.isOver) return;
    this.#waitsForOthers = true;
    const onWaiting = ({ service, state }: Requirement) => {
      const words = `Waits for service ${service} to be ${state}`;
      for (const name of this.#mainNames()) this.task(name).note(event("Task Setup", words));
    };
    const { world } = this.#around;
    untilMet(requirements, { world, project: allocation.project, signal: this.#letGo.signal, onWaiting })
      .then(() => {
        this.#waitsForOthers = false;
        this.#step();
      })
      .catch((error: unknown) => {
        if (!this.#letGo.signal.aborted) this.#log("The services before it cannot be waited for", error);
      });
  }

  #sayWhereServicesAre(): void {
    const provided = servicesOf(this.group).filter(({ service }) => service.provider === "consul");
    const words = "service provider consul: kept in the cloud's own registry";
    for (const name of new Set(provided.map(({ task }) => task ?? this.#mainNames()[0]))) {
      const task = this.#tasks.get(name);
      const wasSaid = task?.state.events?.some(({ message }) => message === words);
      if (task?.record.phase === "waiting" && !wasSaid) task.note(event("Service", words));
    }
  }

  #write(): void {
    this.#around.world.storage.writeRun(this.stored.record);
  }

  #states(): Record<string, TaskState> {
    return Object.fromEntries([...this.#tasks].map(([name, task]) => [name, task.state]));
  }

  #mainStates(): TaskState[] {
    return this.#mainNames().map((name) => this.task(name).state);
  }

  #mainNames(): string[] {
    return this.group.tasks.filter(isMain).map(({ name }) => name);
  }

  #isMain(name: string): boolean {
    return this.#mainNames().includes(name);
  }

  #isDead(name: string): boolean {
    return this.task(name).state.status === "dead";
  }

  #now(): number {
    return this.#around.world.clock.nowMs();
  }

  #log(words: string, error: unknown): void {
    this.#around.world.log(`${words}: ${wordsOf(error)}`, { allocation: this.id });
  }
}

function findGroup({ job, allocation }: Assignment): Group {
  const group = groupOf(job, allocation.group);
  if (!group)
    throw new Refusal("invalid", `The job ${job.id} has no group ${JSON.stringify(allocation.group)}.`);
  return group;
}

/** Control tells all of a node's allocations each time one of them changes, so that comparing has to be cheap. */
function asksForTheSame(one: Assignment, other: Assignment): boolean {
  const essence = ({ allocation, job }: Assignment) =>
    [
      allocation.desired,
      allocation.specIndex,
      allocation.jobVersion,
      job.specIndex,
      allocation.health?.isCanary,
    ].join();
  return one === other || essence(one) === essence(other);
}

/** A change in place never changes which tasks there are; one that claims so is not taken over. */
function keepingTasks(next: Assignment, present: Assignment): Assignment {
  const names = ({ job, allocation }: Assignment) =>
    groupOf(job, allocation.group)
      ?.tasks.map(({ name }) => name)
      .sort()
      .join("\n");
  return names(next) === names(present) ? next : { ...present, allocation: next.allocation };
}

function latest(states: readonly TaskState[]): number | undefined {
  const times = states.flatMap(({ startedAtMs }) => (startedAtMs === undefined ? [] : [startedAtMs]));
  return times.length < states.length ? undefined : Math.max(...times);
}
