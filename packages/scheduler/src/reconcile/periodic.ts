/**
 * Jobs that are launched by the clock. Each launch is a job of its own, a child named after the
 * second at which it was due.
 *
 * Times are those that clocks in the job's zone show. An hour that the clocks skip in spring has no
 * launches; one that they show twice in autumn has them twice.
 *
 * Source: https://developer.hashicorp.com/nomad/docs/job-specification/periodic
 */
import type { Job, Periodic } from "@fractus/core/job.ts";
import { lastYear, parseCron, type Cron } from "./cron.ts";
import { nextClockChange, timeZone, type OffsetAt } from "./local-time.ts";

/**
 * The first launch after a time, or undefined if there will be none.
 *
 * @throws Refusal invalid if a cron line or the time zone is not understood
 */
export function nextLaunchMs(periodic: Periodic, afterMs: number): number | undefined {
  if (!periodic.enabled) return undefined;
  const offsetAt = timeZone(periodic.timeZone);
  const launches = periodic.specs.flatMap((spec) => nextOf(parseCron(spec), offsetAt, afterMs) ?? []);
  return launches.length > 0 ? Math.min(...launches) : undefined;
}

/** As long as the clocks are not changed, local times follow each other like instants. */
function nextOf(cron: Cron, offsetAt: OffsetAt, afterMs: number): number | undefined {
  let fromMs = Math.floor(afterMs / 1_000) * 1_000 + 1_000;
  for (;;) {
    const offset = offsetAt(fromMs);
    const local = firstLocalTime(cron, fromMs + offset);
    if (local === undefined) return undefined;
    const atMs = local - offset;
    const change = nextClockChange(offsetAt, { fromMs, untilMs: atMs });
    if (change === undefined) return atMs;
    fromMs = change;
  }
}

/** The first named time that is not before `fromMs`; both are local times, written as if they were UTC. */
function firstLocalTime(cron: Cron, fromMs: number): number | undefined {
  const from = new Date(fromMs);
  for (let year = from.getUTCFullYear(); year <= lastYear; year++) {
    if (cron.years.length > 0 && !cron.years.includes(year)) continue;
    for (const month of cron.months) {
      if (Date.UTC(year, month, 1) <= fromMs) continue;
      for (const day of cron.daysOf(year, month)) {
        const found = firstTimeOfDay(cron, Date.UTC(year, month - 1, day), fromMs);
        if (found !== undefined) return found;
      }
    }
  }
  return undefined;
}

const hourMs = 3_600_000;
const minuteMs = 60_000;

function firstTimeOfDay(cron: Cron, dayMs: number, fromMs: number): number | undefined {
  if (dayMs + 24 * hourMs <= fromMs) return undefined;
  for (const hour of cron.hours) {
    const hourAtMs = dayMs + hour * hourMs;
    if (hourAtMs + hourMs <= fromMs) continue;
    for (const minute of cron.minutes) {
      const minuteAtMs = hourAtMs + minute * minuteMs;
      const second = cron.seconds.find((second) => minuteAtMs + second * 1_000 >= fromMs);
      if (second !== undefined) return minuteAtMs + second * 1_000;
    }
  }
  return undefined;
}

/**
 * The child that a periodic job is launched as, or undefined if the launch is to be skipped because
 * an earlier child still runs and overlap is prohibited.
 *
 * @param children launches of the job so far
 */
export function launch(
  job: Job,
  due: { readonly atMs: number; readonly children: readonly Job[] },
): Job | undefined {
  const isBusy = due.children.some((child) => child.parentId === job.id && child.status !== "dead");
  if (job.periodic?.prohibitOverlap && isBusy) return undefined;
  const id = periodicChildId(job.id, due.atMs);
  const { periodic: _, ...rest } = job;
  return { ...rest, id, name: id, parentId: job.id, status: "pending", stable: false, version: 0 };
}

/** `backup/periodic-1767225600`. */
export function periodicChildId(jobId: string, atMs: number): string {
  return `${jobId}/periodic-${Math.floor(atMs / 1_000)}`;
}
