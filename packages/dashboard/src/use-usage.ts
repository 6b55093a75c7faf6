import type { AllocationUsage } from "@fractus/client/types/allocation.ts";
import { useEffect, useState } from "react";
import { useSession } from "./context.tsx";
import { Refetcher } from "./refetch.ts";

export interface Use {
  /** Hundred is one core. */
  readonly cpuPercent: number;
  readonly memoryMb: number;
}

/** A sample each two seconds, for two minutes. */
export const mostSamples = 60;
const everyMs = 2000;

/** What allocations use together, oldest first; measured from now on, as the nodes keep no history. */
export function useUsage(ids: readonly string[]): readonly Use[] {
  const { client } = useSession();
  const key = ids.join(" ");
  const [state, setState] = useState<{ readonly of: string; readonly samples: readonly Use[] }>();
  useEffect(() => {
    if (key === "") return undefined;
    const gone = new AbortController();
    const refetcher = new Refetcher(async () => {
      if (document.visibilityState === "hidden") return;
      const all = await Promise.allSettled(
        key.split(" ").map((id) => client.allocations.usage(id, { signal: gone.signal })),
      );
      const measured = all.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      if (gone.signal.aborted || measured.length === 0) return;
      setState((last) => ({
        of: key,
        samples: [...(last?.of === key ? last.samples : []), sumOf(measured)].slice(-mostSamples),
      }));
    }, everyMs);
    return () => {
      refetcher.stop();
      gone.abort();
    };
  }, [client, key]);
  return state?.of === key ? state.samples : [];
}

function sumOf(measured: readonly AllocationUsage[]): Use {
  return {
    cpuPercent: measured.reduce((sum, one) => sum + (one.ResourceUsage?.CpuStats?.Percent ?? 0), 0),
    memoryMb: measured.reduce((sum, one) => sum + memoryOf(one), 0) / 1024 / 1024,
  };
}

function memoryOf({ ResourceUsage: use }: AllocationUsage): number {
  return use?.MemoryStats?.RSS || use?.MemoryStats?.Usage || 0;
}
