/**
 * A node for the simulator: it does what an agent does (says what it is, keeps saying that it is there, converges
 * on its assignments, reports), with tasks that are nothing but a time at which they end.
 *
 * Three things have lives of their own: the *machine*, on which tasks run; its *disk*, on which the agent notes
 * what it has to do with; and the *agent*, a process that can be killed while the tasks go on.
 */
import { converge } from "@fractus/agent/converge.ts";
import type { AllocationReport, Assignment, ControlLink, NodeFacts } from "@fractus/agent/control-link.ts";
import { isOver, isUnwanted, type InstanceStatus, type TaskState } from "@fractus/core/allocation.ts";
import type { Clock } from "@fractus/core/clock.ts";
import { groupOf } from "@fractus/core/job.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { Life } from "./sim-clock.ts";

/** How long a task lives and how it ends; without an end, it runs until it is stopped. */
export interface Fate {
  readonly startsAfterMs: number;
  readonly endsAfterMs?: number;
  readonly fails: boolean;
  /** From its start; absent: its checks never pass. */
  readonly healthyAfterMs?: number;
  readonly stopTakesMs: number;
}

/** What the agent has noted about an allocation; its tasks fare as `fate` says while the machine is on. */
export interface Run {
  assignment: Assignment;
  readonly fate: Fate;
  readonly begunAtMs: number;
  stopAskedAtMs?: number;
  /** The machine went off under it. */
  diedAtMs?: number;
  /** What control has on disk, as far as is known. */
  told?: string;
  isDeclined?: boolean;
}

export interface Machine {
  readonly facts: NodeFacts;
  /** By allocation id; this is the disk. */
  readonly runs: Map<string, Run>;
  /** What really runs: by allocation id, how many copies. */
  readonly copies: Map<string, number>;
}

export interface AgentOptions {
  readonly machine: Machine;
  readonly link: Pick<ControlLink, "register" | "heartbeat" | "assignments" | "report">;
  readonly clock: Clock;
  readonly life: Life;
  readonly fateOf: (assignment: Assignment) => Fate;
  readonly retryMs?: number;
}

/** Without a reason of our own, each abort would make an exception with a stack. */
const woken = new Error("woken");

export class SimulatedAgent {
  readonly #options: AgentOptions;
  #wake = new AbortController();
  #isReporting = false;
  /** What has been held back until others are gone. */
  #wanted: readonly Assignment[] = [];
  /** For those who watch: since when the agent has an answer from control without a break. */
  heardAtMs = 0;

  constructor(options: AgentOptions) {
    this.#options = options;
  }

  /** Starts it. It ends only by the death of its process. */
  start(): void {
    this.#adopt();
    void this.#keepPresent();
    void this.#follow();
    void this.#watch();
  }

  get #nodeId(): string {
    return this.#options.machine.facts.id;
  }

  /** Looks at what has become of its tasks while there was no agent. */
  #adopt(): void {
    for (const run of this.#options.machine.runs.values()) delete run.told;
  }

  async #keepPresent(): Promise<void> {
    const { link, clock, machine, retryMs = 1_000 } = this.#options;
    for (let isKnown = false; ; ) {
      try {
        const { ttlMs } = isKnown ? await link.heartbeat(this.#nodeId) : await link.register(machine.facts);
        isKnown = true;
        this.heardAtMs = clock.nowMs();
        await clock.sleep(ttlMs / 2);
      } catch (error) {
        if (error instanceof Refusal && error.kind === "not-found") isKnown = false;
        await clock.sleep(retryMs);
      }
    }
  }

  async #follow(): Promise<void> {
    const { link, clock, retryMs = 1_000 } = this.#options;
    for (let index = -1; ; ) {
      try {
        const answer = await link.assignments(this.#nodeId, index);
        index = answer.index;
        this.#wanted = answer.list;
        this.#converge();
        this.#compare();
      } catch {
        await clock.sleep(retryMs);
      }
    }
  }

  #converge(): void {
    const { machine, clock } = this.#options;
    const nowMs = clock.nowMs();
    const known = [...machine.runs.values()].map((run) => ({
      allocation: run.assignment.allocation,
      isOver: isOver({ status: statusOf(run, nowMs) }),
    }));
    for (const step of converge(this.#wanted, known)) {
      if (step.do === "begin") this.#begin(step.assignment, false);
      else if (step.do === "decline") this.#begin(step.assignment, true);
      else if (step.do === "update") this.#update(step.assignment);
      else if (step.do !== "hold") this.#remove(step.allocationId);
    }
    this.#wake.abort(woken);
  }

  #begin(assignment: Assignment, isDeclined: boolean): void {
    const { machine, clock, fateOf } = this.#options;
    const { id } = assignment.allocation;
    const begunAtMs = clock.nowMs();
    const run: Run = { assignment, fate: fateOf(assignment), begunAtMs, ...(isDeclined && { isDeclined }) };
    machine.runs.set(id, run);
    if (!isDeclined) machine.copies.set(id, (machine.copies.get(id) ?? 0) + 1);
  }

  #update(assignment: Assignment): void {
    const run = this.#options.machine.runs.get(assignment.allocation.id)!;
    run.assignment = assignment;
    if (isUnwanted(assignment.allocation)) run.stopAskedAtMs ??= this.#options.clock.nowMs();
  }

  #remove(id: string): void {
    this.#options.machine.runs.delete(id);
    this.#options.machine.copies.delete(id);
  }

  /** What control says of an allocation may be older than what the node said last: then it is said again. */
  #compare(): void {
    for (const { allocation } of this.#wanted) {
      const run = this.#options.machine.runs.get(allocation.id);
      if (run && statusOf(run, this.#options.clock.nowMs()) !== allocation.status) delete run.told;
    }
    this.#wake.abort(woken);
  }

  /** Waits for the next thing that happens to a task, and says so. */
  async #watch(): Promise<void> {
    const { clock, machine } = this.#options;
    for (;;) {
      this.#wake = new AbortController();
      const nowMs = clock.nowMs();
      let nextMs = Infinity;
      let hasEnded = false;
      for (const [id, run] of machine.runs) {
        nextMs = Math.min(nextMs, nextChangeMs(run, nowMs));
        if (machine.copies.has(id) && isOver({ status: statusOf(run, nowMs) })) {
          machine.copies.delete(id);
          hasEnded = true;
        }
      }
      if (hasEnded) this.#converge();
      this.#report();
      await clock.sleep(nextMs === Infinity ? 3_600_000 : nextMs - nowMs, this.#wake.signal).catch(() => {});
    }
  }

  #report(): void {
    if (this.#isReporting) return;
    this.#isReporting = true;
    void this.#tellAll().finally(() => {
      this.#isReporting = false;
    });
  }

  async #tellAll(): Promise<void> {
    const { link, clock, machine, retryMs = 1_000 } = this.#options;
    for (;;) {
      await Promise.resolve();
      const nowMs = clock.nowMs();
      const due: { readonly run: Run; readonly text: string; readonly report: AllocationReport }[] = [];
      for (const run of machine.runs.values()) {
        const report = reportOf(run, nowMs);
        const text = JSON.stringify(report);
        if (text !== run.told && due.length < 500) due.push({ run, text, report });
      }
      if (due.length === 0) return;
      try {
        await link.report(
          this.#nodeId,
          due.map(({ report }) => report),
        );
        for (const { run, text } of due) run.told = text;
      } catch {
        await clock.sleep(retryMs);
      }
    }
  }
}

/** The machine goes off: everything on it ends, what is on its disk stays unless that is lost too. */
export function turnOff(machine: Machine, nowMs: number, losesDisk: boolean): void {
  machine.copies.clear();
  if (losesDisk) machine.runs.clear();
  for (const run of machine.runs.values()) if (!isOver({ status: statusOf(run, nowMs) })) run.diedAtMs = nowMs;
}

function endOf(run: Run): { readonly atMs: number; readonly fails: boolean } | undefined {
  const { fate, begunAtMs, stopAskedAtMs, diedAtMs } = run;
  const ends = [
    ...(fate.endsAfterMs === undefined
      ? []
      : [{ atMs: begunAtMs + fate.startsAfterMs + fate.endsAfterMs, fails: fate.fails }]),
    ...(stopAskedAtMs === undefined ? [] : [{ atMs: stopAskedAtMs + fate.stopTakesMs, fails: false }]),
    ...(diedAtMs === undefined ? [] : [{ atMs: diedAtMs, fails: true }]),
    ...(run.isDeclined ? [{ atMs: begunAtMs, fails: false }] : []),
  ];
  return ends.reduce<(typeof ends)[number] | undefined>(
    (first, one) => (first && first.atMs <= one.atMs ? first : one),
    undefined,
  );
}

/** How the allocation fares at this time. */
export function statusOf(run: Run, nowMs: number): InstanceStatus {
  const end = endOf(run);
  if (end && end.atMs <= nowMs) return end.fails ? "failed" : "complete";
  return run.begunAtMs + run.fate.startsAfterMs <= nowMs ? "running" : "pending";
}

function nextChangeMs(run: Run, nowMs: number): number {
  const startMs = run.begunAtMs + run.fate.startsAfterMs;
  const healthyMs = startMs + (run.fate.healthyAfterMs ?? Infinity);
  const times = [startMs, healthyMs, endOf(run)?.atMs ?? Infinity];
  return times.reduce((next, atMs) => (atMs > nowMs && atMs < next ? atMs : next), Infinity);
}

function reportOf(run: Run, nowMs: number): AllocationReport {
  const { allocation, job } = run.assignment;
  const status = statusOf(run, nowMs);
  const startedAtMs = run.begunAtMs + run.fate.startsAfterMs;
  const finishedAtMs = endOf(run)?.atMs;
  const isDead = status === "complete" || status === "failed";
  const task: TaskState = {
    status: isDead ? "dead" : status === "running" ? "running" : "pending",
    failed: status === "failed",
    restarts: 0,
    ...(startedAtMs <= nowMs && { startedAtMs }),
    ...(isDead && finishedAtMs !== undefined && { finishedAtMs }),
    ...(isDead && run.stopAskedAtMs !== undefined && { wasKilled: true }),
  };
  const healthyAtMs = startedAtMs + (run.fate.healthyAfterMs ?? Infinity);
  const tasks = (groupOf(job, allocation.group)?.tasks ?? []).map(({ name }) => [name, task] as const);
  return {
    allocationId: allocation.id,
    status,
    tasks: Object.fromEntries(tasks),
    ...(status === "running" && healthyAtMs <= nowMs && { checksPassSinceMs: healthyAtMs }),
  };
}
