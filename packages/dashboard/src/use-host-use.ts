import type { HostStats } from "@fractus/client/types/node.ts";
import { useQuery } from "./use-query.ts";

export interface HostUse {
  readonly cpuMhz: number;
  readonly memoryMb: number;
}

/** More machines than this are not asked one by one. */
const most = 16;
const everyMs = 3000;

/** What the machines use together, measured; undefined until it is known of all of them, or if they are many. */
export function useHostUse(nodeIds: readonly string[]): HostUse | undefined {
  const isAsked = nodeIds.length > 0 && nodeIds.length <= most;
  const { value } = useQuery(
    isAsked ? `host use ${nodeIds.join(" ")}` : null,
    (client, query) => Promise.all(nodeIds.map((id) => client.nodes.stats(id, query))),
    { topics: [], everyMs },
  );
  return value && { cpuMhz: total(value, (one) => one.CPUTicksConsumed), memoryMb: total(value, usedMb) };
}

function usedMb({ Memory: memory }: HostStats): number {
  return memory ? (memory.Total - memory.Available) / 1024 / 1024 : 0;
}

function total(stats: readonly HostStats[], of: (one: HostStats) => number): number {
  return stats.reduce((sum, one) => sum + of(one), 0);
}
