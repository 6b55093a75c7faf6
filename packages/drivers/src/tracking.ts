import { readFileSync } from "node:fs";
import { Refusal } from "@fractus/core/refusal.ts";
import { cgroupLayout } from "./cgroup-layout.ts";
import type { CgroupLayout } from "./cgroup-layout.ts";
import { cgroupPids, makeCgroups, noCgroups, removeCgroups } from "./cgroups.ts";
import type { TaskLimits } from "./driver.ts";
import { canMark, newMark } from "./process-group.ts";
import type { ProcessGroup } from "./process-group.ts";
import { readRecord, runName } from "./task-state.ts";

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The control groups of this machine, seen from this process. */
export function ownCgroupLayout(): CgroupLayout {
  return cgroupLayout(
    readFileSync("/proc/self/mountinfo", "utf8"),
    readFileSync("/proc/self/cgroup", "utf8"),
  );
}

export interface Tracking {
  readonly group: ProcessGroup;
  /** What could not be had, by aspect, in words. */
  readonly lost: Readonly<Record<string, string>>;
}

/** Control groups where they can be had, with limits where given; else a mark. The same again if it is asked again. */
export function trackingGroup(stateDirectory: string, limits?: TaskLimits): Tracking {
  const { groups, lost } = isRoot()
    ? makeCgroups(ownCgroupLayout(), runName(stateDirectory), limits)
    : { groups: noCgroups, lost: {} };
  if (cgroupPids(groups) !== undefined) return { group: { cgroups: groups }, lost };
  removeCgroups(groups);
  if (!canMark())
    throw new Refusal(
      "unavailable",
      "The processes of a task could not be told from others: there is neither a control group nor a free limit to mark them by.",
    );
  const mark = readRecord(stateDirectory)?.group.mark ?? newMark();
  return { group: { cgroups: noCgroups, mark }, lost };
}
