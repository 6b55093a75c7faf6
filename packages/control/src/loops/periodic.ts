/** Launches periodic jobs when they are due. Launches that fell into a time without control are made up for by one. */
import { nextLaunchMs } from "@fractus/scheduler/reconcile/periodic.ts";
import { launchPeriodic } from "../commands/jobs.ts";
import type { Context } from "../context.ts";
import type { Committed } from "../state/ledger.ts";
import type { JobRecord } from "../state/records.ts";
import { jobId } from "../state/state.ts";

export class PeriodicLoop {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  concerns({ changes }: Committed): boolean {
    return changes.some((change) => change.table === "jobs" && change.value?.job.periodic !== undefined);
  }

  async step(): Promise<number | undefined> {
    const { state, clock, ledger } = this.#context;
    let nextMs: number | undefined;
    for (const record of state.jobs.values()) {
      const dueMs = this.#dueMs(record);
      if (dueMs === undefined) continue;
      if (dueMs > clock.nowMs()) {
        nextMs = Math.min(nextMs ?? Infinity, dueMs);
        continue;
      }
      await ledger.transact("job-register", (draft) => {
        const present = draft.state.jobs.get(jobId(record.job.project, record.job.id));
        if (present && this.#dueMs(present) === dueMs)
          launchPeriodic(this.#context, draft, present, { atMs: dueMs });
      });
      nextMs = clock.nowMs();
    }
    return nextMs;
  }

  #dueMs({ job }: JobRecord): number | undefined {
    if (!job.periodic || job.stopped) return undefined;
    const last = this.#context.state.launches.get(jobId(job.project, job.id))?.atMs ?? 0;
    return nextLaunchMs(job.periodic, Math.max(last, job.submittedAtMs));
  }
}
