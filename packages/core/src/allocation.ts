/**
 * Something that runs on a node, and one copy of a group of a job.
 *
 * Two things are known of it: what is *desired* and what its node last said of it, its *status*.
 *
 *     desired   run ──▶ stop        it is not wanted any more
 *                └────▶ evict       something more important took its place
 *
 *     status    pending ◀──▶ running ──▶ complete | failed
 *                  └───────────┴──▶ unknown   its node does not answer, and may come back
 *                  └───────────┴──▶ lost      its node does not answer, and it was given up
 *
 * `complete` and `failed` are final. `unknown` and `lost` end when the node answers: then it is
 * again what the node says.
 */
import type { Transitions } from "./transitions.ts";
import { isFinal } from "./transitions.ts";

export type DesiredStatus = "run" | "stop" | "evict";
export type InstanceStatus = "pending" | "running" | "complete" | "failed" | "lost" | "unknown";
export type TaskStatus = "pending" | "running" | "dead";

export const desiredTransitions: Transitions<DesiredStatus> = {
  run: ["stop", "evict"],
  stop: [],
  evict: [],
};

/** A running instance is pending again while a task of it waits to be restarted. */
export const instanceTransitions: Transitions<InstanceStatus> = {
  pending: ["running", "complete", "failed", "lost", "unknown"],
  running: ["pending", "complete", "failed", "lost", "unknown"],
  unknown: ["pending", "running", "complete", "failed", "lost"],
  lost: ["pending", "running", "complete", "failed"],
  complete: [],
  failed: [],
};

/** A dead task comes to life only when somebody restarts it by hand. */
export const taskTransitions: Transitions<TaskStatus> = {
  pending: ["running", "dead"],
  running: ["pending", "dead"],
  dead: ["pending", "running"],
};

/** What any instance is, whoever asked for it: a job, or a person who asked for a server. */
export interface Instance {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly nodeId: string;
  readonly desired: DesiredStatus;
  readonly desiredReason?: string;
  readonly status: InstanceStatus;
  readonly statusReason?: string;
  readonly grant: Grant;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
}

/** One copy of a group of a job. Its name is `job.group[index]`. */
export interface Allocation extends Instance {
  readonly jobId: string;
  readonly jobVersion: number;
  /** The job's `specIndex` that this copy was last brought in line with. */
  readonly specIndex: number;
  readonly group: string;
  readonly evaluationId: string;
  readonly transition: DesiredTransition;
  /** By task name; empty until the node has reported. */
  readonly tasks: Readonly<Record<string, TaskState>>;
  readonly deploymentId?: string;
  readonly health?: DeploymentHealth;
  /** The evaluation that will look at it again: to replace it, or to give it up. */
  readonly followUpEvaluationId?: string;
  readonly previousId?: string;
  readonly nextId?: string;
  /** Oldest first: the replacements that led to this copy. */
  readonly reschedules: readonly RescheduleEvent[];
  /** When it became `unknown`, as long as nobody has decided what becomes of it after its node's return. */
  readonly unknownSinceMs?: number;
  readonly preemptedBy?: string;
  /** Since when all checks of its services pass; absent while one of them does not. */
  readonly checksPassSinceMs?: number;
  /** The mean of the scores at its placement, between -1 and 1. */
  readonly score?: number;
}

/** What somebody asked of this very copy; the next evaluation acts on it. */
export interface DesiredTransition {
  /** Replace it elsewhere, then stop it. */
  readonly migrate?: boolean;
  /** The deployment allows its replacement if it failed. */
  readonly reschedule?: boolean;
  /** Replace it even if its attempts are used up. */
  readonly forceReschedule?: boolean;
  /** Stop it and put nothing in its place. */
  readonly withoutReplacement?: boolean;
}

/** How it fares in its deployment. */
export interface DeploymentHealth {
  /** When it became part of the deployment: its own start, or a change in place. */
  readonly joinedAtMs: number;
  /** Absent until it is known. */
  readonly isHealthy?: boolean;
  readonly decidedAtMs?: number;
  readonly isCanary: boolean;
}

export interface RescheduleEvent {
  readonly atMs: number;
  readonly previousId: string;
  readonly previousNodeId: string;
  readonly delayMs: number;
}

export interface TaskState {
  readonly status: TaskStatus;
  readonly failed: boolean;
  /** It was ended from outside, rather than by itself. */
  readonly wasKilled?: boolean;
  readonly restarts: number;
  readonly startedAtMs?: number;
  readonly finishedAtMs?: number;
  readonly lastRestartAtMs?: number;
  /** What happened to it, oldest first: the last ten. */
  readonly events?: readonly TaskEvent[];
}

/** Something that happened to a task, in the words that clients of Nomad know: `Started`, `Terminated`. */
export interface TaskEvent {
  readonly type: string;
  readonly atMs: number;
  /** For people. */
  readonly message: string;
  readonly details: Readonly<Record<string, string>>;
}

/** What a node has set aside for an instance. The sums say what counts against the node's room. */
export interface Grant {
  readonly cpuMhz: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  /** Numbers of the cores that are its alone. */
  readonly cores: readonly number[];
  readonly ports: readonly GrantedPort[];
  readonly devices: readonly GrantedDevice[];
  /** By task name; empty for an instance that is not made of tasks. */
  readonly tasks: Readonly<Record<string, TaskGrant>>;
}

export interface TaskGrant {
  readonly cpuMhz: number;
  readonly memoryBytes: number;
  readonly memoryMaxBytes?: number;
  readonly cores: readonly number[];
}

export interface GrantedPort {
  readonly label: string;
  /** The number on the host. */
  readonly port: number;
  /** The number inside the instance's network. */
  readonly to: number;
  readonly hostNetwork: string;
  readonly address: string;
}

export interface GrantedDevice {
  /** `vendor/type/model`. */
  readonly name: string;
  readonly ids: readonly string[];
}

/** Nothing of it runs, and by itself nothing of it will: it needs no room on its node. */
export function isOver(instance: Pick<Instance, "status">): boolean {
  return isFinal(instanceTransitions, instance.status) || instance.status === "lost";
}

/** It is not wanted any more. */
export function isUnwanted(instance: Pick<Instance, "desired">): boolean {
  return isFinal(desiredTransitions, instance.desired);
}

/** It is over, or will be as soon as its node has stopped it. */
export function isTerminal(instance: Pick<Instance, "desired" | "status">): boolean {
  return isOver(instance) || isUnwanted(instance);
}

/** `web.front[3]`. */
export function allocationName(place: {
  readonly jobId: string;
  readonly group: string;
  readonly index: number;
}): string {
  return `${place.jobId}.${place.group}[${place.index}]`;
}

/** The 3 of `web.front[3]`, or -1 if the name has none. */
export function allocationIndex(name: string): number {
  const digits = /\[(\d+)\]$/.exec(name)?.[1];
  return digits === undefined ? -1 : Number(digits);
}
