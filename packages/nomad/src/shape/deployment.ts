import type { Deployment, GroupRollout } from "@fractus/core/deployment.ts";
import type { Json } from "@fractus/control/state/records.ts";
import type { State } from "@fractus/control/state/state.ts";
import { nanoseconds, timeText } from "../units.ts";

/** After https://developer.hashicorp.com/nomad/api-docs/deployments. */
export function deploymentShape(state: State, one: Deployment): Json {
  const entry = state.deployments.entry(one.id);
  return {
    ID: one.id,
    Namespace: one.project,
    JobID: one.jobId,
    JobVersion: one.jobVersion,
    JobModifyIndex: one.specIndex,
    JobSpecModifyIndex: one.specIndex,
    JobCreateIndex: one.jobCreatedIndex,
    IsMultiregion: false,
    TaskGroups: Object.fromEntries(
      Object.entries(one.groups).map(([name, rollout]) => [name, rolloutShape(rollout)]),
    ),
    Status: one.status,
    StatusDescription: one.statusReason,
    EvalPriority: 0,
    CreateIndex: entry?.createdIndex ?? 0,
    ModifyIndex: entry?.modifiedIndex ?? 0,
    CreateTime: nanoseconds(one.createdAtMs),
    ModifyTime: nanoseconds(one.modifiedAtMs),
  };
}

function rolloutShape(rollout: GroupRollout): Json {
  return {
    PlacedCanaries: rollout.placedCanaries.length > 0 ? rollout.placedCanaries : null,
    AutoRevert: rollout.autoRevert,
    AutoPromote: rollout.autoPromote,
    ProgressDeadline: nanoseconds(rollout.progressDeadlineMs),
    RequireProgressBy: timeText(rollout.requireProgressByMs),
    Promoted: rollout.isPromoted,
    DesiredCanaries: rollout.desiredCanaries,
    DesiredTotal: rollout.desired,
    PlacedAllocs: rollout.placed,
    HealthyAllocs: rollout.healthy,
    UnhealthyAllocs: rollout.unhealthy,
  };
}
