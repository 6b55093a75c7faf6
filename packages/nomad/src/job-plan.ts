/** What registering a job would bring about, without anything being changed. */
import { isTemplate } from "@fractus/core/job.ts";
import { planJob } from "@fractus/control/commands/jobs.ts";
import type { Json } from "@fractus/control/state/records.ts";
import type { Evaluated } from "@fractus/scheduler/evaluate.ts";
import { annotatePlan } from "@fractus/scheduler/reconcile/annotate-plan.ts";
import type { DesiredUpdates } from "@fractus/scheduler/reconcile/decision.ts";
import { diffJobs } from "@fractus/scheduler/reconcile/job-diff.ts";
import type { Call } from "./call.ts";
import { sentJob, withCountsOf } from "./job-body.ts";
import { allocationStub } from "./shape/allocation.ts";
import { failedShape } from "./shape/evaluation.ts";
import { timeText } from "./units.ts";
import { whyPlanned } from "./why.ts";
import { bodyOf } from "./fields.ts";

/** After https://developer.hashicorp.com/nomad/api-docs/jobs#create-job-plan, with `Explanation` and `Placements` added. */
export function plan(call: Call): Json {
  const { Diff: wantsDiff } = bodyOf(call, { Diff: "flag" });
  const { registration, warnings } = sentJob(call);
  const { evaluated, known, job, nextLaunchMs } = planJob(call.control, registration);
  const desired = isTemplate(job) ? {} : evaluated.decision.desired;
  const after = { ...withCountsOf(registration.definition, job), Stop: job.stopped };
  const before = known && { ...withCountsOf(known.definition, known.job), Stop: known.job.stopped };
  return {
    JobModifyIndex: known?.job.specIndex ?? 0,
    CreatedEvals: null,
    Diff: wantsDiff ? annotatePlan(diffJobs(before, after), desired) : null,
    Annotations: {
      DesiredTGUpdates: Object.fromEntries(
        Object.entries(desired).map(([name, updates]) => [name, updatesShape(updates)]),
      ),
      PreemptedAllocs: preempted(call, evaluated),
    },
    FailedTGAllocs: failedShape(evaluated.evaluation.failed, job.pool),
    NextPeriodicLaunch: timeText(nextLaunchMs),
    Warnings: warnings,
    Explanation: whyPlanned(call.control, job, evaluated),
    Placements: evaluated.changes.placed.map(({ allocation }) => ({
      Group: allocation.group,
      Name: allocation.name,
      NodeID: allocation.nodeId,
      NodeName: call.state.nodes.get(allocation.nodeId)?.name ?? "",
    })),
  };
}

function updatesShape(updates: DesiredUpdates): Json {
  return {
    Ignore: updates.ignore,
    Place: updates.place,
    Migrate: updates.migrate,
    Stop: updates.stop,
    InPlaceUpdate: updates.inPlace,
    DestructiveUpdate: updates.destructive,
    Canary: updates.canary,
    Preemptions: updates.preemptions,
    Disconnect: updates.disconnect,
    Reconnect: updates.reconnect,
    RescheduleNow: updates.rescheduleNow,
    RescheduleLater: updates.rescheduleLater,
  };
}

function preempted(call: Call, { evicted }: Evaluated): Json[] | null {
  const victims = evicted.flatMap(({ instanceId }) => call.state.allocations.get(instanceId) ?? []);
  return victims.length > 0 ? victims.map((one) => allocationStub(call.state, one)) : null;
}
