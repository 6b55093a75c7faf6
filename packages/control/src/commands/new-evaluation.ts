import type { Evaluation, EvaluationCause } from "@fractus/core/evaluation.ts";
import type { Job } from "@fractus/core/job.ts";
import type { Context } from "../context.ts";
import { newIdFrom } from "../placement/new-id.ts";

/** An evaluation that asks for a look at the job now. */
export function newEvaluation(
  { clock, dice }: Pick<Context, "clock" | "dice">,
  job: Pick<Job, "project" | "id" | "type" | "priority">,
  cause: EvaluationCause,
  more: Partial<Evaluation> = {},
): Evaluation {
  const nowMs = clock.nowMs();
  return {
    id: newIdFrom(dice),
    project: job.project,
    jobId: job.id,
    type: job.type,
    priority: job.priority,
    cause,
    status: "pending",
    createdAtMs: nowMs,
    modifiedAtMs: nowMs,
    ...more,
  };
}
