/**
 * A node for the simulator: it does what an agent does (says what it is, keeps saying that it is there, converges
 * on its assignments, reports), with tasks that are nothing but a time at which they end.
 *
 * Three things have lives of their own: the *machine*, on which tasks run; its *disk*, on which the agent notes
 * what it has to do with; and the *agent*, a process that can be killed while the tasks go on.
 */
import { converge } from "@fractus/agent/converge.ts";
import type { AllocationReport, Assignment, ControlLink, NodeFacts } from "@fractus/agent/control-link.ts";
import {
  type Allocation,
  isOver,
  isUnwanted,
  type InstanceStatus,
  type TaskState,
} from "@fractus/core/allocation.ts";
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

/** As much of an allocation as its node has to remember. */
type NotedAllocation = Pick<Allocation, "id" | "previousId" | "preemptedBy" | "grant">;

/** What the agent has noted about an allocation; its tasks fare as `fate` says while the machine is on. */
export interface Run {
  readonly allocation: NotedAllocation;
  readonly taskNames: readonly string[];
  readonly fate: Fate;
  readonly begunAtMs: number;
  stopAskedAtMs?: number;
  /** The machine went off under it. */
  diedAtMs?: number;
  /** What control has on disk, as far as is known. */
  told?: string;
  /** Until then there is nothing new to tell. */
  quietUntilMs?: number;
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
  /** The list of which something has been held back until others are gone. */
  #held: readonly Assignment[] = [];
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
    for (let isKnown = false; ;) {
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
    for (let index = -1; ;) {
      try {
        const answer = await link.assignments(this.#nodeId, index);
        index = answer.index;
        const isHeld = this.#converge(answer.list);
        this.#compare(answer.list);
        this.#held = isHeld ? answer.list : [];
      } catch {
        await clock.sleep(retryMs);
      }
    }
  }

  /** Whether something has to wait. */
  #converge(wanted: readonly Assignment[]): boolean {
    const { machine, clock } = this.#options;
    const nowMs = clock.nowMs();
    const known = [...machine.runs.values()].map((run) => ({
      allocation: run.allocation as Allocation,
      isOver: isOver({ status: statusOf(run, nowMs) }),
    }));
    const steps = converge(wanted, known);
    for (const step of steps) {
      if (step.do === "begin") this.#begin(step.assignment, false);
      else if (step.do === "decline") this.#begin(step.assignment, true);
      else if (step.do === "update") this.#update(step.assignment);
      else if (step.do !== "hold") this.#remove(step.allocationId);
    }
    this.#wake.abort(woken);
    return steps.some((step) => step.do === "hold");
  }

  #begin(assignment: Assignment, isDeclined: boolean): void {
    const { machine, clock, fateOf } = this.#options;
    const { job, allocation } = assignment;
    const { id, previousId, preemptedBy, grant } = allocation;
    const tasks = groupOf(job, allocation.group)?.tasks ?? [];
    const run: Run = {
      allocation: { id, previousId, preemptedBy, grant },
      taskNames: tasks.map(({ name }) => name),
      fate: fateOf(assignment),
      begunAtMs: clock.nowMs(),
      ...(isDeclined && { isDeclined }),
    };
    machine.runs.set(id, run);
    if (!isDeclined) machine.copies.set(id, (machine.copies.get(id) ?? 0) + 1);
  }

  #update(assignment: Assignment): void {
    const run = this.#options.machine.runs.get(assignment.allocation.id)!;
    if (!isUnwanted(assignment.allocation) || run.stopAskedAtMs !== undefined) return;
    const nowMs = this.#options.clock.nowMs();
    if (isOver({ status: statusOf(run, nowMs) })) return;
    run.stopAskedAtMs = nowMs;
    delete run.quietUntilMs;
  }

  #remove(id: string): void {
    this.#options.machine.runs.delete(id);
    this.#options.machine.copies.delete(id);
  }

  /** What control says of an allocation may be older than what the node said last: then it is said again. */
  #compare(wanted: readonly Assignment[]): void {
    for (const { allocation } of wanted) {
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
      if (hasEnded && this.#held.length > 0 && !this.#converge(this.#held)) this.#held = [];
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
        if (run.told !== undefined && nowMs < (run.quietUntilMs ?? 0)) continue;
        const report = reportOf(run, nowMs);
        const text = inShort(report, run);
        if (text !== run.told && due.length < 500) due.push({ run, text, report });
      }
      if (due.length === 0) return;
      try {
        await link.report(
          this.#nodeId,
          due.map(({ report }) => report),
        );
        for (const { run, text } of due) {
          run.told = text;
          run.quietUntilMs = nextChangeMs(run, nowMs);
        }
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
  for (const run of machine.runs.values())
    if (!isOver({ status: statusOf(run, nowMs) })) run.diedAtMs = nowMs;
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

/** Two reports of one run that differ in nothing else say the same. */
function inShort({ status, checksPassSinceMs }: AllocationReport, { stopAskedAtMs }: Run): string {
  return `${status}${checksPassSinceMs === undefined ? "" : " passing"}${stopAskedAtMs === undefined ? "" : " stopping"}`;
}

/** When the allocation fares differently by itself, for control to hear of. */
export function nextChangeMs(run: Run, nowMs: number): number {
  if (isOver({ status: statusOf(run, nowMs) })) return Infinity;
  const startMs = run.begunAtMs + run.fate.startsAfterMs;
  const healthyMs = startMs + (run.fate.healthyAfterMs ?? Infinity);
  const times = [startMs, healthyMs, endOf(run)?.atMs ?? Infinity];
  return times.reduce((next, atMs) => (atMs > nowMs && atMs < next ? atMs : next), Infinity);
}

function reportOf(run: Run, nowMs: number): AllocationReport {
  const status = statusOf(run, nowMs);
  const startedAtMs = run.begunAtMs + run.fate.startsAfterMs;
  const finishedAtMs = endOf(run)?.atMs;
  const isDead = status === "complete" || status === "failed";
  const task: TaskState = {
    status: isDead ? "dead" : status === "running" ? "running" : "pending",
    failed: status === "failed",
    restarts: 0,
    ...(startedAtMs <= Math.min(nowMs, finishedAtMs ?? Infinity) && { startedAtMs }),
    ...(isDead && finishedAtMs !== undefined && { finishedAtMs }),
    ...(isDead && run.stopAskedAtMs !== undefined && { wasKilled: true }),
  };
  const healthyAtMs = startedAtMs + (run.fate.healthyAfterMs ?? Infinity);
  const tasks = run.taskNames.map((name) => [name, task] as const);
  return {
    allocationId: run.allocation.id,
    status,
    tasks: Object.fromEntries(tasks),
    ...(status === "running" && healthyAtMs <= nowMs && { checksPassSinceMs: healthyAtMs }),
  };
}
