/** What the jobs of a project may ask for together. Held against what is asked for, so that what is accepted may also run. */
import { isTemplate, type Job } from "@fractus/core/job.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import { groupAsk } from "@fractus/scheduler/group-ask.ts";
import type { Draft } from "../state/change.ts";
import type { Quota } from "../state/records.ts";

type Amounts = { readonly [Name in keyof Required<Quota>]: number };

const nothing: Amounts = { cpuMhz: 0, memoryBytes: 0, instances: 0 };

/** @throws Refusal exhausted, with what is left and what is asked for */
export function refuseBeyondQuota(draft: Draft, job: Job): void {
  const quota = draft.state.projects.get(job.project)?.quota;
  if (!quota) return;
  const others = draft.state.jobs.by("project", job.project).filter((one) => one.job.id !== job.id);
  const used = others.map((one) => needOf(one.job)).reduce(sum, nothing);
  const need = needOf(job);
  for (const name of ["instances", "cpuMhz", "memoryBytes"] as const) {
    const limit = quota[name];
    if (limit === undefined || used[name] + need[name] <= limit) continue;
    const left = Math.max(0, limit - used[name]);
    throw new Refusal(
      "exhausted",
      `Quota limit hit: namespace "${job.project}" may have ${shown(name, limit)}, of which ${shown(name, left)} ${left === 1 ? "is" : "are"} left; job "${job.id}" asks for ${shown(name, need[name])}.`,
    );
  }
}

/** A job that is over or only a template needs nothing. Of system jobs one copy is counted. */
function needOf(job: Job): Amounts {
  if (job.stopped || isTemplate(job) || job.status === "dead") return nothing;
  const isEverywhere = job.type === "system" || job.type === "sysbatch";
  return job.groups
    .map((group) => {
      const { cpuMhz, memoryBytes } = groupAsk(job, group).resources;
      const count = isEverywhere ? 1 : group.count;
      return { cpuMhz: cpuMhz * count, memoryBytes: memoryBytes * count, instances: count };
    })
    .reduce(sum, nothing);
}

function sum(a: Amounts, b: Amounts): Amounts {
  return {
    cpuMhz: a.cpuMhz + b.cpuMhz,
    memoryBytes: a.memoryBytes + b.memoryBytes,
    instances: a.instances + b.instances,
  };
}

function shown(name: keyof Amounts, amount: number): string {
  if (name === "cpuMhz") return `${amount} MHz`;
  if (name === "memoryBytes") return `${Math.floor(amount / 1024 ** 2)} MiB of memory`;
  return `${amount} ${amount === 1 ? "allocation" : "allocations"}`;
}
