/**
 * One task of an allocation, from its turn to its end. Every step is written down before it is taken, so that
 * after the death of the agent the next one goes on where it stood:
 *
 *     waiting ──▶ preparing ──▶ starting ──▶ running ──▶ dead
 *                     ▲  │          ▲         │
 *                     └──┴─ delaying ◀────────┘
 *
 * - `waiting`: its turn in the group has not come. `begin` makes it `preparing`.
 * - `preparing`: directories, payload, artifacts and templates. Can be done over again at any time.
 * - `starting`: the number of the run is written down and the driver is asked. The driver starts a number once, so
 *   asking again after a death finds what the first question made.
 * - `running`: the driver's handle is written down. Left when the main process ends: to `delaying` if the restart
 *   policy or somebody wants another run, else to `dead`.
 * - `delaying`: until a time that is written down, then it is prepared (as far as need be) and started again.
 * - `dead`: for good, unless somebody revives it by hand.
 *
 * `end` leads to `dead` from anywhere: a running task is asked to end, with its shutdown delay, signal and time.
 */
import type { TaskState } from "@fractus/core/allocation.ts";
import type { Template } from "@fractus/core/job.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { Driver, ExecOptions, ExecSession, TaskHandle, TaskResult } from "@fractus/drivers/driver.ts";
import type { Assignment } from "../control-link.ts";
import type { AgentWorld } from "./agent-world.ts";
import { durationText } from "./duration-text.ts";
import type { TaskRecord } from "./records.ts";
import { decideRestart } from "./restart.ts";
import type { Ending, RestartDecision } from "./restart.ts";
import { runCommand } from "./run-command.ts";
import { addEvent, event, terminated, wordsOf } from "./task-events.ts";
import type { NewEvent } from "./task-events.ts";
import { ownerOf } from "./task-spec.ts";
import { Failure, failingAs, failureEvent } from "./task-failure.ts";
import { TaskScene } from "./task-scene.ts";
import { TaskTemplates } from "./task-templates.ts";
import { untilAborted } from "./until-aborted.ts";

/** What a task needs of its allocation. */
export interface TaskSurroundings {
  readonly world: AgentWorld;
  /** As last heard of control. */
  assignment(): Assignment;
  /** The task's record is another now: it is to be written down, then told. */
  changed(): void;
  /** Takes the task's services away, before it is asked to end. */
  withdraw(task: string): Promise<void>;
}

/** Why a task is ended from outside. */
export interface EndOrder {
  /** The event that says so, before it is told to end; absent where `Killing` is enough. */
  readonly event?: NewEvent;
  readonly isFailure?: boolean;
  /** The allocation is to vanish: no shutdown delay, and no patience. */
  readonly atOnce?: boolean;
}

export function newTaskRecord(nowMs: number): TaskRecord {
  const received = { ...event("Received", "Task received by the node"), atMs: nowMs };
  return {
    phase: "waiting",
    state: { status: "pending", failed: false, restarts: 0, events: [received] },
    run: 0,
    isPrepared: false,
  };
}

export class TaskRun {
  readonly name: string;
  readonly #around: TaskSurroundings;
  readonly #letGo = new AbortController();
  #record: TaskRecord;
  #stop = new AbortController();
  #wake = new AbortController();
  #life: Promise<void> | undefined;
  readonly #scene: TaskScene;
  readonly #templates: TaskTemplates;
  readonly #haste = new AbortController();

  constructor(name: string, around: TaskSurroundings, record: TaskRecord) {
    this.name = name;
    this.#around = around;
    this.#record = record;
    this.#scene = new TaskScene(name, around);
    this.#templates = this.#newTemplates();
    if (record.ending) this.#stop.abort(ended);
  }

  get record(): TaskRecord {
    return this.#record;
  }

  get state(): TaskState {
    return this.#record.state;
  }

  /** The present run, if there is one. */
  get handle(): TaskHandle | undefined {
    return this.#record.phase === "running" ? this.#record.handle : undefined;
  }

  get driver(): Driver {
    const { driver } = this.#scene.task;
    const found = this.#around.world.drivers.get(driver);
    if (!found) throw new Refusal("invalid", `This node has no driver ${JSON.stringify(driver)}.`);
    return found;
  }

  /** Its turn has come, or it is adopted. Harmless if it lives. */
  begin(): void {
    if (this.#life || this.#letGo.signal.aborted) return;
    if (this.#record.phase === "dead" && !this.#record.leftover) return;
    this.#life = this.#live()
      .catch((error: unknown) => this.#giveUp(error))
      .finally(() => (this.#life = undefined));
  }

  /** Resolves when it is dead and the driver has removed what was left of it. Idempotent. */
  async end(order: EndOrder): Promise<void> {
    if (order.atOnce) this.#hurry();
    if (this.#record.phase !== "dead" && !this.#record.ending) {
      if (order.event) this.#happened(order.event);
      this.#save({ ending: { atMs: this.#now(), isFailure: order.isFailure ?? false } });
      if (this.#record.phase === "waiting") return this.#die(this.#now());
    }
    this.#stop.abort(ended);
    this.begin();
    await this.#life;
  }

  /** What was begun patiently is cut short. */
  #hurry(): void {
    this.#haste.abort();
    const { handle } = this;
    if (handle && this.#stop.signal.aborted)
      this.#stopRun(handle, { signal: "SIGKILL", killTimeoutMs: 0 }).catch((error: unknown) =>
        this.#around.world.log(`The task ${this.name} could not be killed: ${wordsOf(error)}`),
      );
  }

  /** Ends the present run and begins another at once. Refuses where there is nothing to restart. */
  async restart(reason: string, options: { readonly evenEnded?: boolean } = {}): Promise<void> {
    const { phase, ending } = this.#record;
    if (phase === "dead" && options.evenEnded) return this.#revive(reason);
    if (ending || phase === "dead" || phase === "waiting") throw this.#doesNotRun();
    this.#happened(event("Restart Signaled", reason));
    this.#save({ restartAsked: reason });
    this.#wake.abort();
    const { handle } = this;
    if (handle) await this.#interrupt(handle);
  }

  async signal(name: string, reason?: string): Promise<void> {
    const handle = this.#runningHandle();
    const words = `Task being sent signal ${name}${reason === undefined ? "" : `: ${reason}`}`;
    await this.driver.signal(handle, name);
    this.#happened(event("Signaling", words, { signal: name }));
    this.#save({});
  }

  exec(command: readonly string[], options?: ExecOptions): Promise<ExecSession> {
    return this.driver.exec(this.#runningHandle(), command, options);
  }

  /** Says something of itself that changes nothing. */
  note(said: NewEvent): void {
    this.#happened(said);
    this.#save({});
  }

  /** For one that is dead: resolves when nothing of it is left with the driver. */
  async settle(): Promise<void> {
    this.begin();
    await this.#life;
    if (this.#record.leftover) throw new Error(`something is left of the task ${this.name}`);
  }

  /** Lets go of it: it runs on. */
  async close(): Promise<void> {
    this.#letGo.abort(new Error("the agent lets go"));
    await this.#life?.catch(() => undefined);
  }

  async #live(): Promise<void> {
    try {
      await this.#removeLeftover();
      let isGoingOn = this.#record.phase !== "dead";
      while (isGoingOn) isGoingOn = await this.#goOn(await this.#oneRun());
    } finally {
      this.#templates.close();
    }
  }

  /** One run, from wherever it stands, to its end. */
  async #oneRun(): Promise<Ending> {
    try {
      if (this.#record.phase === "delaying") await this.#delay();
      if (this.#record.phase !== "running") await this.#prepare();
      else this.#templates.follow(AbortSignal.any([this.#letGo.signal, this.#stop.signal]));
      return await this.#runToEnd(this.#record.handle ?? (await this.#start()));
    } catch (error) {
      this.#letGo.signal.throwIfAborted();
      if (!this.#record.ending) this.#happened(failureEvent(error));
      return error instanceof Failure && error.isFinal ? "unrecoverable" : "failure";
    }
  }

  async #prepare(): Promise<void> {
    const signal = AbortSignal.any([this.#letGo.signal, this.#stop.signal]);
    signal.throwIfAborted();
    await failingAs("Setup Failure", async () => {
      if (!this.#record.isPrepared) await this.#fillDirectory(signal);
      await this.#templates.render(signal);
    });
    signal.throwIfAborted();
  }

  async #fillDirectory(signal: AbortSignal): Promise<void> {
    const { world } = this.#around;
    const { allocation, job } = this.#around.assignment();
    const task = this.#scene.task;
    const owner = ownerOf(task);
    this.#happened(event("Task Setup", "Building Task Directory"));
    this.#save({ phase: "preparing" });
    world.storage.makeDirectories(allocation.id, this.name, owner);
    if (job.payloadBase64 !== undefined && task.dispatchFile)
      world.storage.writeLocal(allocation.id, this.name, {
        path: task.dispatchFile,
        data: Buffer.from(job.payloadBase64, "base64"),
      });
    if (task.artifacts.length > 0) await this.#fetchArtifacts(signal, owner);
    this.#save({ isPrepared: true });
  }

  async #fetchArtifacts(signal: AbortSignal, owner: { uid: number; gid: number }): Promise<void> {
    const { world } = this.#around;
    const directory = this.#scene.directory;
    this.#happened(event("Downloading Artifacts", "The node is downloading artifacts"));
    this.#save({});
    const place = { taskDirectory: directory.task, allocationDirectory: this.#scene.root };
    await failingAs("Failed Artifact Download", async () => {
      for (const artifact of this.#scene.interpolated(this.#templates.environment).artifacts)
        await world.parts.fetchArtifact(artifact, place, { ...world.artifacts, signal, owner });
    });
  }

  #newTemplates(): TaskTemplates {
    const { world } = this.#around;
    return new TaskTemplates(world, () => ({
      templates: this.#scene.task.templates,
      project: this.#scene.job.project,
      place: { taskDirectory: this.#scene.directory.task, allocationDirectory: this.#scene.root },
      env: this.#scene.environment(),
      onWaiting: (what) => this.note(event("Template", `Missing: ${what}`)),
      onChange: (changes) => {
        this.#templatesChanged(changes).catch((error: unknown) =>
          world.log(`A change of templates of ${this.name} could not be acted upon: ${wordsOf(error)}`),
        );
      },
    }));
  }

  async #templatesChanged(changes: readonly Template[]): Promise<void> {
    if (this.#record.phase !== "running" || this.#record.ending) return;
    const words = (mode: string) => `Template with change_mode ${mode} re-rendered`;
    if (changes.some((template) => template.changeMode === "restart")) return this.restart(words("restart"));
    const signals = changes.flatMap(({ changeMode, changeSignal }) =>
      changeMode === "signal" ? [changeSignal ?? "SIGHUP"] : [],
    );
    for (const signal of new Set(signals)) await this.signal(signal, words("signal"));
    for (const { changeMode, changeScript } of changes)
      if (changeMode === "script" && changeScript) await this.#runChangeScript(changeScript);
  }

  async #runChangeScript(script: NonNullable<Template["changeScript"]>): Promise<void> {
    const { clock } = this.#around.world;
    const outcome = await runCommand(() => this.exec([script.command, ...script.args]), {
      timeoutMs: script.timeoutMs,
      clock,
    }).catch((error: unknown) => ({ exitCode: -1, output: wordsOf(error) }));
    if (outcome.exitCode === 0) {
      this.note(event("Driver", `Template script ${script.command} ran`));
      return;
    }
    const words = `Template failed to run script ${script.command} with arguments [${script.args.join(" ")}]: exit code ${outcome.exitCode} ${outcome.output.slice(0, 200)}`;
    this.note(event("Task hook failed", words.trim()));
    if (script.failsOnError) void this.end({ event: event("Template", words), isFailure: true });
  }

  /** Its number is written down before the driver is asked; after a death the same number is asked for again. */
  async #start(): Promise<TaskHandle> {
    const isAskedAgain = this.#record.phase === "starting";
    if (!isAskedAgain) this.#save({ phase: "starting", run: this.#record.run + 1, startAtMs: undefined });
    const handle = await failingAs("Driver Failure", async () =>
      this.driver.start(this.#scene.spec(this.#record.run, this.#templates.environment)),
    );
    this.#happened(event("Started", "Task started by the node"));
    this.#saveState({ status: "running", startedAtMs: this.#now() }, { phase: "running", handle });
    return handle;
  }

  async #runToEnd(handle: TaskHandle): Promise<Ending> {
    const waiting = this.#result(handle);
    waiting.catch(() => undefined);
    if (this.#record.restartAsked !== undefined && !this.#record.ending) await this.#interrupt(handle);
    await untilAborted(this.#stop.signal, waiting);
    if (this.#stop.signal.aborted) await this.#kill(handle, waiting);
    const result = await waiting;
    this.#happened(terminated(result));
    this.#record = { ...this.#record, handle: undefined, leftover: handle };
    this.#record = { ...this.#record, state: { ...this.state, finishedAtMs: result.finishedAtMs } };
    return result.exitCode === 0 && result.error === undefined ? "success" : "failure";
  }

  /** How it ended. A task that has vanished with all that was known of it has ended too. */
  async #result(handle: TaskHandle): Promise<TaskResult> {
    const vanished = (): TaskResult => ({
      isOutOfMemory: false,
      error: "The task was gone when it was looked for.",
      finishedAtMs: this.#now(),
    });
    try {
      const status = await this.driver.recover(handle);
      if (status.state === "gone") return vanished();
      return status.state === "exited" ? status.result : await this.driver.wait(handle, this.#letGo.signal);
    } catch (error) {
      if (error instanceof Refusal && error.kind === "not-found") return vanished();
      throw error;
    }
  }

  async #kill(handle: TaskHandle, waiting: Promise<unknown>): Promise<void> {
    const { killTimeoutMs, killSignal } = this.#scene.task;
    if (!this.#haste.signal.aborted) {
      await this.#around.withdraw(this.name);
      await this.#shutdownDelay(waiting);
    }
    const limitMs = this.#haste.signal.aborted ? 0 : killTimeoutMs;
    this.#happened(
      event("Killing", `Sent interrupt. Waiting ${durationText(limitMs)} before force killing`, {
        kill_timeout: durationText(limitMs),
      }),
    );
    this.#save({});
    const signal = this.#haste.signal.aborted ? "SIGKILL" : killSignal;
    await this.#stopRun(handle, { ...(signal !== undefined && { signal }), killTimeoutMs: limitMs });
  }

  /** Counted from the moment it was told to end, whichever agent heard that. Over when the task is. */
  async #shutdownDelay(waiting: Promise<unknown>): Promise<void> {
    const { shutdownDelayMs = 0 } = this.#scene.task;
    const { clock } = this.#around.world;
    const leftMs = (this.#record.ending?.atMs ?? 0) + shutdownDelayMs - clock.nowMs();
    if (shutdownDelayMs === 0 || leftMs <= 0) return;
    const words = `Waiting for shutdown_delay of ${durationText(shutdownDelayMs)} before killing the task.`;
    this.note(event("Waiting for shutdown delay", words));
    const over = new AbortController();
    const isOver = () => over.abort();
    waiting.then(isOver, isOver);
    await clock
      .sleep(leftMs, AbortSignal.any([over.signal, this.#haste.signal, this.#letGo.signal]))
      .catch(() => undefined);
    this.#letGo.signal.throwIfAborted();
  }

  async #interrupt(handle: TaskHandle): Promise<void> {
    const { killTimeoutMs, killSignal } = this.#scene.task;
    await this.#stopRun(handle, { ...(killSignal !== undefined && { signal: killSignal }), killTimeoutMs });
  }

  async #stopRun(handle: TaskHandle, how: { signal?: string; killTimeoutMs: number }): Promise<void> {
    try {
      await this.driver.stop(handle, how);
    } catch (error) {
      if (!(error instanceof Refusal && error.kind === "not-found")) throw error;
    }
  }

  /** Whether there is to be another run. */
  async #goOn(ending: Ending): Promise<boolean> {
    if (this.#record.ending) {
      this.#happened(event("Killed", "Task successfully killed"));
      this.#die(this.state.finishedAtMs ?? this.#now());
      await this.#removeLeftover();
      return false;
    }
    const decision = this.#decide(ending);
    if (!decision.restarts) {
      if (decision.reason)
        this.#happened(
          event("Not Restarting", decision.reason, { restart_reason: decision.reason, fails_task: "true" }),
        );
      this.#die(this.state.finishedAtMs ?? this.#now(), { failed: decision.isFailure });
    } else this.#delayNext(decision);
    await this.#removeLeftover();
    return decision.restarts;
  }

  #decide(ending: Ending): RestartDecision {
    const { restartAsked, restarts } = this.#record;
    const { world } = this.#around;
    const nowMs = this.#now();
    const count = restarts ?? { count: 0, sinceMs: nowMs };
    if (restartAsked !== undefined) return { restarts: true, delayMs: 0, reason: restartAsked, count };
    const { lifecycle } = this.#scene.task;
    return decideRestart(ending, {
      policy: this.#scene.task.restart ?? this.#scene.group.restart,
      count: restarts,
      jobType: this.#scene.job.type,
      lifecycle,
      nowMs,
      dice: world.dice,
    });
  }

  #delayNext({ delayMs, reason, count }: Extract<RestartDecision, { restarts: true }>): void {
    const nowMs = this.#now();
    this.#happened(
      event("Restarting", `Task restarting in ${durationText(delayMs)}`, {
        restart_reason: reason,
        start_delay: String(delayMs * 1_000_000),
      }),
    );
    const policy = this.#scene.task.restart ?? this.#scene.group.restart;
    if (policy.renderTemplates) this.#templates.close();
    this.#wake = new AbortController();
    this.#saveState(
      { status: "pending", restarts: this.state.restarts + 1, lastRestartAtMs: nowMs },
      { phase: "delaying", startAtMs: nowMs + delayMs, restarts: count, restartAsked: undefined },
    );
  }

  async #delay(): Promise<void> {
    const { clock } = this.#around.world;
    const leftMs = (this.#record.startAtMs ?? 0) - clock.nowMs();
    const signal = AbortSignal.any([this.#letGo.signal, this.#stop.signal, this.#wake.signal]);
    if (leftMs > 0) await clock.sleep(leftMs, signal).catch(() => undefined);
    this.#letGo.signal.throwIfAborted();
    this.#stop.signal.throwIfAborted();
    if (this.#record.restartAsked !== undefined) this.#save({ restartAsked: undefined });
  }

  #die(finishedAtMs: number, { failed = this.#record.ending?.isFailure ?? false } = {}): void {
    const wasKilled = this.#record.ending !== undefined;
    this.#saveState(
      { status: "dead", failed, finishedAtMs, ...(wasKilled && { wasKilled }) },
      { phase: "dead" },
    );
  }

  async #revive(reason: string): Promise<void> {
    await this.#life;
    this.#stop = new AbortController();
    this.#happened(event("Restart Signaled", reason));
    const { wasKilled: _, finishedAtMs: __, ...state } = this.state;
    this.#record = { ...this.#record, state: { ...state, status: "pending", failed: false } };
    this.#save({ phase: "preparing", ending: undefined, restartAsked: undefined });
    this.begin();
  }

  /** Ends what the run may have left behind. Done again after a death. */
  async #removeLeftover(): Promise<void> {
    const { leftover } = this.#record;
    if (!leftover) return;
    try {
      await this.driver.destroy(leftover);
      this.#save({ leftover: undefined });
    } catch (error) {
      this.#around.world.log(`Something is left of the task ${this.name}: ${wordsOf(error)}`);
    }
  }

  /** Nothing that happens in a life may leave the task in the dark: what nobody foresaw fails it. */
  #giveUp(error: unknown): void {
    if (this.#letGo.signal.aborted) return;
    this.#around.world.log(`The task ${this.name} cannot be run: ${wordsOf(error)}`);
    if (this.#record.phase === "dead") return;
    this.#happened(event("Driver Failure", wordsOf(error)));
    this.#die(this.#now(), { failed: true });
  }

  #happened(what: NewEvent): void {
    const state = { ...this.state, events: addEvent(this.state.events, { ...what, atMs: this.#now() }) };
    this.#record = { ...this.#record, state };
  }

  #saveState(state: Partial<TaskState>, more: Partial<TaskRecord>): void {
    this.#save({ ...more, state: { ...this.state, ...state } });
  }

  #save(changes: Partial<TaskRecord>): void {
    this.#record = { ...this.#record, ...changes };
    this.#around.changed();
  }

  #runningHandle(): TaskHandle {
    const { handle } = this;
    if (!handle) throw this.#doesNotRun();
    return handle;
  }

  #doesNotRun(): Refusal {
    return new Refusal("conflict", `The task ${JSON.stringify(this.name)} does not run.`);
  }

  #now(): number {
    return this.#around.world.clock.nowMs();
  }
}

const ended = new Error("the task is to end");
