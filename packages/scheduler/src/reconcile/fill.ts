import { allocationIndex, type Allocation, type RescheduleEvent } from "@fractus/core/allocation.ts";
import { awaitsPromotion } from "@fractus/core/deployment.ts";
import type { Copies, GroupCase } from "./copies.ts";
import { stopReasons, type GroupDecision, type Placement } from "./decision.ts";
import { byIndex, freeNames } from "./names.ts";
import { historyAfter } from "./reschedule.ts";
import { isStalled } from "./rollout.ts";

interface Filling {
  readonly copies: Copies;
  readonly isOnTrial: boolean;
}

/**
 * Places what is missing of the group's count, and says how many copies that is: first those that
 * failed, then those whose nodes do not answer, then new ones. A stalled deployment, or one whose
 * canaries are on trial, gets no new ones.
 */
export function fillGaps(subject: GroupCase, filling: Filling, decision: GroupDecision): number {
  const { group } = subject;
  const { copies } = filling;
  const before = decision.placements.length;
  const canaries = replaceFailedCanaries(subject, copies, decision);
  const holding = copies.standing.length + copies.migrating.length + copies.held.length;
  let room = Math.max(0, group.count - holding);
  room -= replaceFailed(subject, { ...filling, canaries, room }, decision);
  room -= replaceMissing(subject, { ...filling, room }, decision);
  if (!isStalled(subject.deployment) && !filling.isOnTrial) placeNew(subject, { copies, room }, decision);
  return decision.placements.length - before;
}

/** Of those on trial, as many as are still wanted; the others stop. */
function replaceFailedCanaries(subject: GroupCase, copies: Copies, decision: GroupDecision): Set<Allocation> {
  const { rollout } = subject;
  if (!rollout || !awaitsPromotion(rollout)) return new Set();
  const ids = new Set(rollout.placedCanaries);
  const canaries = byIndex(copies.failed.filter((one) => ids.has(one.id)));
  if (isStalled(subject.deployment)) return new Set(canaries);
  const room = Math.max(0, rollout.desiredCanaries - copies.canaries.length);
  for (const previous of canaries.slice(0, room))
    decision.placements.push(rescheduled(subject, previous, true));
  stopSurplus(copies, canaries.slice(room), decision);
  return new Set(canaries);
}

function stopSurplus(copies: Copies, surplus: readonly Allocation[], decision: GroupDecision): void {
  for (const allocation of surplus) {
    decision.stops.push({ allocation, reason: stopReasons.notNeeded, isLost: false });
  }
  copies.failed = copies.failed.filter((one) => !surplus.includes(one));
}

/** A copy that failed in a failed deployment stays where it fell; it holds its place all the same. */
function replaceFailed(
  subject: GroupCase,
  filling: Filling & { readonly canaries: ReadonlySet<Allocation>; readonly room: number },
  decision: GroupDecision,
): number {
  const failed = byIndex(filling.copies.failed.filter((one) => !filling.canaries.has(one)));
  const isLeft = (one: Allocation) =>
    subject.deployment?.status === "failed" && one.deploymentId === subject.deployment.id;
  const left = failed.filter(isLeft);
  const room = Math.max(0, filling.room - left.length);
  const eligible = failed.filter((one) => !isLeft(one));
  for (const previous of eligible.slice(0, room)) {
    const placement = rescheduled(subject, previous, false);
    decision.placements.push(
      filling.isOnTrial ? { ...placement, jobVersion: previous.jobVersion } : placement,
    );
  }
  stopSurplus(filling.copies, eligible.slice(room), decision);
  return Math.min(filling.room, left.length + Math.min(room, eligible.length));
}

function rescheduled(subject: GroupCase, previous: Allocation, isCanary: boolean): Placement {
  const reschedules = historyAfter(previous, subject.group.reschedule, subject.input.nowMs);
  return {
    ...inStead(subject, previous, reschedules),
    isCanary,
    stopPreviousReason: stopReasons.rescheduled,
  };
}

/** Substitutes for copies whose nodes do not answer. */
function replaceMissing(
  subject: GroupCase,
  filling: Filling & { readonly room: number },
  decision: GroupDecision,
): number {
  const { copies } = filling;
  const used = new Set([...copies.standing, ...copies.migrating, ...copies.failed].map((one) => one.name));
  const chosen: Allocation[] = [];
  for (const previous of missingCopies(copies)) {
    if (chosen.length === filling.room) break;
    if (used.has(previous.name) || allocationIndex(previous.name) >= subject.group.count) continue;
    used.add(previous.name);
    chosen.push(previous);
  }
  for (const previous of chosen) {
    const isCutOff = copies.disconnecting.includes(previous);
    const history = isCutOff
      ? historyAfter(previous, subject.group.reschedule, subject.input.nowMs)
      : previous.reschedules;
    const placement = inStead(subject, previous, history);
    decision.placements.push(
      filling.isOnTrial ? { ...placement, jobVersion: previous.jobVersion } : placement,
    );
  }
  return chosen.length;
}

/** What went away just now before what went earlier; the youngest bearer of a name before its elders. */
function missingCopies(copies: Copies): Allocation[] {
  const earlier = [...copies.gaps, ...copies.away.filter((one) => one.nextId === undefined)];
  const youngestFirst = earlier.toSorted((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1));
  return [...byIndex([...copies.disconnecting, ...copies.lost]), ...youngestFirst];
}

function inStead(
  subject: GroupCase,
  previous: Allocation,
  reschedules: readonly RescheduleEvent[],
): Placement {
  return {
    name: previous.name,
    group: subject.group.name,
    jobVersion: subject.job.version,
    isCanary: false,
    previous,
    isUpdate: false,
    reschedules,
    penaltyNodeIds: [...new Set(reschedules.map((event) => event.previousNodeId))],
  };
}

function placeNew(
  { job, group }: GroupCase,
  { copies, room }: { readonly copies: Copies; readonly room: number },
  decision: GroupDecision,
): void {
  const replaced = decision.placements.flatMap((one) => one.previous ?? []);
  const taken = [...copies.standing, ...copies.migrating, ...copies.held, ...copies.failed, ...replaced];
  for (const name of freeNames({ jobId: job.id, group: group.name }, taken, room)) {
    decision.placements.push({
      name,
      group: group.name,
      jobVersion: job.version,
      isCanary: false,
      isUpdate: false,
      reschedules: [],
      penaltyNodeIds: [],
    });
  }
}
