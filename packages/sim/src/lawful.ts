/** What may happen in one transaction: states follow each other as the tables say, and only plans place. */
import { desiredTransitions, instanceTransitions, type Allocation } from "@fractus/core/allocation.ts";
import { deploymentTransitions, type Deployment } from "@fractus/core/deployment.ts";
import { evaluationTransitions, type Evaluation } from "@fractus/core/evaluation.ts";
import { jobTransitions } from "@fractus/core/job.ts";
import { mayBecome, type Transitions } from "@fractus/core/transitions.ts";
import type { Committed, CommittedChange } from "@fractus/control/state/ledger.ts";
import type { JobRecord } from "@fractus/control/state/records.ts";
import type { Watcher, World } from "./world.ts";

export function lawful(world: World): Watcher {
  return {
    committed(committed) {
      for (const change of committed.changes) checkChange(world, committed, change);
    },
  };
}

function checkChange(world: World, committed: Committed, change: CommittedChange): void {
  const { value, before, table } = change;
  const law = <S extends string>(rules: Transitions<S>, to: S, from: S | undefined) => {
    if (from !== undefined && !mayBecome(rules, { from, to }))
      world.violate(
        "only lawful transitions",
        `${table} ${change.id} from ${from} to ${to} (${committed.kind})`,
      );
  };
  if (value === undefined) return;
  if (table === "allocations") {
    const one = before as Allocation | undefined;
    law(instanceTransitions, value.status, one?.status);
    law(desiredTransitions, value.desired, one?.desired);
    checkPlacement(world, committed, { after: value, before: one });
  } else if (table === "evaluations")
    law(evaluationTransitions, value.status, (before as Evaluation)?.status);
  else if (table === "deployments") law(deploymentTransitions, value.status, (before as Deployment)?.status);
  else if (table === "jobs") law(jobTransitions, value.job.status, (before as JobRecord)?.job.status);
}

function checkPlacement(
  world: World,
  { kind }: Committed,
  { after, before }: { readonly after: Allocation; readonly before: Allocation | undefined },
): void {
  if (!before && kind !== "plan")
    world.violate("one writer of placements", `${after.name} was placed by a transaction of kind ${kind}`);
  if (before && before.nodeId !== after.nodeId)
    world.violate(
      "no instance is on two nodes",
      `${after.name} went from ${before.nodeId} to ${after.nodeId}`,
    );
}
