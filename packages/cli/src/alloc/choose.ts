import type { Allocation } from "@fractus/client/types/allocation.ts";
import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";
import { findAllocation, findJobStub, inNamespace } from "../find.ts";

/** The allocation that is named or, with `isJob`, a running one of the job that is: the newest. */
export async function chooseAllocation(
  context: Context,
  wanted: string,
  options: { readonly isJob: boolean; readonly group?: string | undefined },
): Promise<Allocation> {
  if (!options.isJob) return findAllocation(context, wanted);
  const { ID, Namespace } = await findJobStub(context, wanted);
  const query = inNamespace(Namespace);
  const list = (await context.client.jobs.allocations(ID, {}, query)) ?? [];
  const inGroup = list.filter((each) => options.group === undefined || each.TaskGroup === options.group);
  const newest = [...inGroup].sort((a, b) => b.CreateIndex - a.CreateIndex);
  const chosen = newest.find((each) => each.ClientStatus === "running") ?? newest[0];
  if (!chosen) throw new Failure(`Error: job "${ID}" has no allocations.`);
  return context.client.allocations.get(chosen.ID, query);
}
