/**
 * A note that somebody should look at a job: something about it, or about the nodes, has changed.
 *
 *     pending ──▶ complete    looked at; what had to be done is in a plan
 *        │  └───▶ failed      it could not be looked at, or the plan could not be carried out
 *        │  └───▶ canceled    a newer one asks for the same
 *        ▼ ▲
 *     blocked ──▶ canceled    it waits for room on the nodes
 */
import type { Transitions } from "./transitions.ts";

export type EvaluationStatus = "pending" | "blocked" | "complete" | "failed" | "canceled";

export const evaluationTransitions: Transitions<EvaluationStatus> = {
  pending: ["blocked", "complete", "failed", "canceled"],
  blocked: ["pending", "complete", "failed", "canceled"],
  complete: [],
  failed: [],
  canceled: [],
};

export type EvaluationCause =
  | "job-register"
  | "job-deregister"
  | "periodic-job"
  | "node-drain"
  | "node-update"
  | "alloc-stop"
  | "scheduled"
  | "rolling-update"
  | "deployment-watcher"
  | "failed-follow-up"
  | "max-plan-attempts"
  | "alloc-failure"
  | "alloc-reschedule"
  | "queued-allocs"
  | "preemption"
  | "job-scaling"
  | "max-disconnect-timeout"
  | "reconnect";

export interface Evaluation {
  readonly id: string;
  readonly project: string;
  readonly jobId: string;
  /** The job's type; a job that is gone is looked at as a `service`. */
  readonly type: "service" | "batch" | "system" | "sysbatch";
  readonly priority: number;
  readonly cause: EvaluationCause;
  readonly status: EvaluationStatus;
  readonly statusReason?: string;
  readonly nodeId?: string;
  readonly deploymentId?: string;
  /** Not before this time. */
  readonly waitUntilMs?: number;
  readonly previousId?: string;
  readonly nextId?: string;
  /** The one that waits for the room this one did not find. */
  readonly blockedId?: string;
  /** By group name: why some copies found no place. */
  readonly failed?: Readonly<Record<string, PlacementMetrics>>;
  /** By group name: how many copies wait for a place. */
  readonly queued?: Readonly<Record<string, number>>;
  /** Of a blocked one: whether a node of the class would do. Classes it has not seen might. */
  readonly classes?: Readonly<Record<string, boolean>>;
  /** Of a blocked one: what it needs differs among nodes of one class, so any change may help. */
  readonly escapesClasses?: boolean;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
}

/** What was seen of the nodes while a place was sought: counts of nodes, by reason. */
export interface PlacementMetrics {
  readonly evaluated: number;
  readonly filtered: number;
  readonly inPool: number;
  /** Ready nodes, by zone. */
  readonly availableByZone: Readonly<Record<string, number>>;
  readonly filteredByClass: Readonly<Record<string, number>>;
  readonly filteredByConstraint: Readonly<Record<string, number>>;
  readonly exhausted: number;
  readonly exhaustedByClass: Readonly<Record<string, number>>;
  readonly exhaustedByDimension: Readonly<Record<string, number>>;
  /** Further copies of the group that were not tried because this one found no place. */
  readonly coalesced: number;
  readonly scores: readonly NodeScores[];
}

export interface NodeScores {
  readonly nodeId: string;
  /** By the name of the criterion, such as `binpack`. */
  readonly parts: Readonly<Record<string, number>>;
  /** Their mean. */
  readonly score: number;
}
