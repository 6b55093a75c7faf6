import type { Allocation, Grant } from "@fractus/core/allocation.ts";

/**
 * The same allocations with as many parts in common as are equal: of a million copies of a few groups, most of what
 * is granted is the same, and it is kept in memory once.
 */
export function sharePartsOf(allocations: readonly Allocation[]): Allocation[] {
  const grants = new Map<string, Grant>();
  return allocations.map((allocation) => {
    const { group, jobVersion, transition, reschedules, tasks } = allocation;
    const key = `${jobVersion}\n${group}`;
    const grant = withPartsOf(grants.get(key), allocation.grant);
    if (!grants.has(key)) grants.set(key, grant);
    return {
      ...allocation,
      grant,
      transition: isEmpty(transition) ? nothing : transition,
      tasks: isEmpty(tasks) ? nothing : tasks,
      reschedules: reschedules.length === 0 ? none : reschedules,
    };
  });
}

const nothing = Object.freeze({});
const none: readonly never[] = Object.freeze([]);

function isEmpty(record: object): boolean {
  for (const _ in record) return false;
  return true;
}

/** Whole cores are always somebody's own, and then so is what its tasks have of them. */
function withPartsOf(like: Grant | undefined, grant: Grant): Grant {
  if (grant.cores.length > 0) return grant;
  const { devices, tasks } = grant;
  return {
    ...grant,
    cores: none,
    devices: devices.length === 0 ? none : devices,
    tasks: like && isSame(like.tasks, tasks) ? like.tasks : tasks,
  };
}

function isSame(a: Grant["tasks"], b: Grant["tasks"]): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => {
      const [one, other] = [a[name], b[name]];
      return (
        other !== undefined &&
        one.cpuMhz === other.cpuMhz &&
        one.memoryBytes === other.memoryBytes &&
        one.memoryMaxBytes === other.memoryMaxBytes &&
        one.cores.length === 0 &&
        other.cores.length === 0
      );
    })
  );
}
