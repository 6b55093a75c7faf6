/**
 * What somebody wants to run: a job has groups, a group has tasks. A group is the unit of
 * placement: its tasks share one node, and `count` copies of it are kept.
 *
 * The fields follow Nomad's job specification in our own words
 * (https://developer.hashicorp.com/nomad/docs/job-specification): times in milliseconds, sizes in
 * bytes, a namespace is a project and a datacenter a zone. CPU stays in MHz, as job files ask for it.
 */
import type { Transitions } from "./transitions.ts";

/**
 * - `service`: `count` copies are kept running for good.
 * - `batch`: `count` copies run to success once.
 * - `system`: one copy on each node that suits.
 * - `sysbatch`: one run to success on each node that suits.
 */
export type JobType = "service" | "batch" | "system" | "sysbatch";

/** `pending`: nothing runs yet; `running`: something does, or may at any time; `dead`: it is over. */
export type JobStatus = "pending" | "running" | "dead";

/** A job wakes from every status: a dead one is registered anew, a running one waits for room again. */
export const jobTransitions: Transitions<JobStatus> = {
  pending: ["running", "dead"],
  running: ["pending", "dead"],
  dead: ["pending", "running"],
};

export interface Job {
  readonly project: string;
  readonly id: string;
  readonly name: string;
  readonly type: JobType;
  /** 1 to 100; more is more important. */
  readonly priority: number;
  /** Either all of a plan is carried out or nothing. */
  readonly allAtOnce: boolean;
  /** Patterns with `*`; a node in any of them will do. */
  readonly zones: readonly string[];
  readonly pool: string;
  readonly constraints: readonly Constraint[];
  readonly affinities: readonly Affinity[];
  readonly spreads: readonly Spread[];
  readonly groups: readonly Group[];
  readonly periodic?: Periodic;
  readonly parameterized?: Parameterized;
  readonly meta: Readonly<Record<string, string>>;
  /** Nothing of it is to run any more. */
  readonly stopped: boolean;
  /** The periodic or parameterized job that this one is a launch of. */
  readonly parentId?: string;
  /** This is a launch of a parameterized job, so it is not a template for others any more. */
  readonly dispatched: boolean;
  readonly idempotencyToken?: string;
  /** What `dispatch` was given, in base64. */
  readonly payloadBase64?: string;
  readonly status: JobStatus;
  /** A deployment of this version succeeded: one may go back to it. */
  readonly stable: boolean;
  /** Starts at 0; one more for each change of what is asked for. */
  readonly version: number;
  /** The store's index at which this job came into being: tells it from an earlier one of the same name. */
  readonly createdIndex: number;
  /** The store's index of the last change of what is asked for. Two jobs with the same one ask for the same. */
  readonly specIndex: number;
  readonly submittedAtMs: number;
}

export interface Group {
  readonly name: string;
  readonly count: number;
  readonly constraints: readonly Constraint[];
  readonly affinities: readonly Affinity[];
  readonly spreads: readonly Spread[];
  readonly tasks: readonly Task[];
  readonly networks: readonly Network[];
  readonly services: readonly Service[];
  /** By the name the tasks mount them under. */
  readonly volumes: Readonly<Record<string, VolumeAsk>>;
  readonly ephemeralDisk: EphemeralDisk;
  readonly restart: RestartPolicy;
  /** Absent for system and sysbatch jobs, which are not moved after a failure. */
  readonly reschedule?: ReschedulePolicy;
  /** Absent when changes are not to be rolled out in steps: all at once, and without a deployment. */
  readonly update?: UpdatePolicy;
  readonly migrate?: MigratePolicy;
  readonly disconnect?: DisconnectPolicy;
  readonly meta: Readonly<Record<string, string>>;
  readonly shutdownDelayMs?: number;
  readonly maxRunMs?: number;
}

export interface Task {
  readonly name: string;
  readonly driver: string;
  readonly user?: string;
  /** The driver's own settings: whatever JSON it understands. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
  readonly constraints: readonly Constraint[];
  readonly affinities: readonly Affinity[];
  readonly services: readonly Service[];
  readonly resources: TaskResources;
  readonly restart?: RestartPolicy;
  readonly meta: Readonly<Record<string, string>>;
  readonly killTimeoutMs: number;
  readonly killSignal?: string;
  readonly shutdownDelayMs?: number;
  readonly logs: LogPolicy;
  readonly artifacts: readonly Artifact[];
  readonly templates: readonly Template[];
  readonly volumeMounts: readonly VolumeMount[];
  /** The file under `local/` that receives what `dispatch` was given. */
  readonly dispatchFile?: string;
  /** When this task ends, the others of the group are stopped. */
  readonly leader: boolean;
  /** Absent for a main task. */
  readonly lifecycle?: Lifecycle;
  readonly kind?: string;
}

export interface Lifecycle {
  readonly hook: "prestart" | "poststart" | "poststop";
  /** It lives as long as the main tasks instead of coming to an end by itself. */
  readonly sidecar: boolean;
}

export interface TaskResources {
  readonly cpuMhz: number;
  /** Whole cores for this task alone; 0 when it shares them. */
  readonly cores: number;
  readonly memoryBytes: number;
  /** The limit, where a node lends memory that others have reserved. Absent: `memoryBytes`. */
  readonly memoryMaxBytes?: number;
  /** Ports asked for by the task itself, as job files of 2020 and before do. */
  readonly networks: readonly Network[];
  readonly devices: readonly DeviceAsk[];
}

export interface DeviceAsk {
  /** `type`, `vendor/type` or `vendor/type/model`. */
  readonly name: string;
  readonly count: number;
  readonly constraints: readonly Constraint[];
  readonly affinities: readonly Affinity[];
}

export interface Network {
  /** `host` when absent. */
  readonly mode?: string;
  readonly hostname?: string;
  readonly dns?: DnsPolicy;
  readonly megabits?: number;
  /** The project network to be on, and what may reach it: a Fractus extension. */
  readonly network?: string;
  readonly securityGroups?: readonly string[];
  readonly ports: readonly PortAsk[];
}

export interface DnsPolicy {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

export interface PortAsk {
  readonly label: string;
  /** The very number on the host; absent: any free one. */
  readonly static?: number;
  /** The number inside the task's network; -1: the same as on the host. */
  readonly to?: number;
  /** The named address range of the node; absent: `default`. */
  readonly hostNetwork?: string;
  /** Several instances may claim the static port; the task sorts it out. */
  readonly ignoreCollision?: boolean;
}

export interface VolumeAsk {
  readonly type: string;
  readonly source: string;
  readonly readOnly: boolean;
  readonly perInstance?: boolean;
  readonly accessMode?: string;
  readonly attachmentMode?: string;
}

export interface VolumeMount {
  readonly volume: string;
  readonly destination: string;
  readonly readOnly: boolean;
}

export interface EphemeralDisk {
  readonly sizeBytes: number;
  /** A replacement goes to the same node if that has room. */
  readonly sticky: boolean;
  /** A replacement takes the data along. */
  readonly migrate: boolean;
}

export interface LogPolicy {
  readonly maxFiles: number;
  readonly maxFileBytes: number;
  readonly disabled: boolean;
}

export interface Artifact {
  readonly source: string;
  readonly destination: string;
  readonly mode?: string;
  readonly options: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly insecure?: boolean;
  /** The unpacked files belong to the task's user. */
  readonly isOwnedByTask?: boolean;
}

/** A file made from a template. */
export interface Template {
  readonly destination: string;
  /** A file of the task's that holds the template; without it there is `data`. */
  readonly source?: string;
  readonly data?: string;
  /** `noop`, `restart`, `signal` or `script`: what happens to the task when the file has changed. */
  readonly changeMode: string;
  readonly changeSignal?: string;
  readonly changeScript?: ChangeScript;
  readonly once?: boolean;
  /** A random time, up to this, before a change is acted upon. */
  readonly splayMs?: number;
  /** In octal digits, such as `0644`. */
  readonly permissions?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly leftDelimiter?: string;
  readonly rightDelimiter?: string;
  /** The lines `KEY=value` of the file become environment of the task. */
  readonly isEnvironment?: boolean;
  readonly wait?: { readonly minMs: number; readonly maxMs: number };
  readonly failsOnMissingKey?: boolean;
}

export interface ChangeScript {
  readonly command: string;
  readonly args: readonly string[];
  readonly timeoutMs: number;
  readonly failsOnError: boolean;
}

export interface Service {
  readonly name: string;
  readonly portLabel?: string;
  /** `nomad` for the cloud's own registry; others are kept as they were written. */
  readonly provider: string;
  readonly tags: readonly string[];
  /** In place of `tags` while the copy is a canary that nobody has promoted. */
  readonly canaryTags?: readonly string[];
  readonly checks: readonly ServiceCheck[];
  readonly checkRestart?: CheckRestart;
  /** `auto`, `host`, `alloc` or `driver`. */
  readonly addressMode?: string;
  readonly address?: string;
  readonly meta?: Readonly<Record<string, string>>;
  readonly canaryMeta?: Readonly<Record<string, string>>;
  /** The task a group's service belongs to: where script checks run. */
  readonly taskName?: string;
  readonly onUpdate?: string;
  /** Sidecar proxies and the like. A change of it replaces the instance. */
  readonly connect?: Readonly<Record<string, unknown>>;
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface ServiceCheck {
  readonly name: string;
  /** `http`, `tcp` or `script`; others are kept as they were written. */
  readonly type: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly path?: string;
  readonly method?: string;
  /** `http` unless it says `https`. */
  readonly protocol?: string;
  readonly portLabel?: string;
  readonly addressMode?: string;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly body?: string;
  readonly skipsTlsVerification?: boolean;
  readonly command?: string;
  readonly args?: readonly string[];
  readonly taskName?: string;
  /** `passing` when the check is taken to pass until it has run. */
  readonly initialStatus?: string;
  readonly successesBeforePassing?: number;
  readonly failuresBeforeCritical?: number;
  /** `require_healthy`, `ignore_warnings` or `ignore`. */
  readonly onUpdate?: string;
  readonly checkRestart?: CheckRestart;
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** The task is restarted when its check has failed `limit` times in a row, not before `graceMs` after its start. */
export interface CheckRestart {
  readonly limit: number;
  readonly graceMs: number;
  readonly ignoresWarnings: boolean;
}

/** The ways in which two values are compared: https://developer.hashicorp.com/nomad/docs/job-specification/constraint */
export type Operator =
  | "="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "is_set"
  | "is_not_set"
  | "version"
  | "semver"
  | "regexp"
  | "set_contains"
  | "set_contains_any"
  | "distinct_hosts"
  | "distinct_property";

/** A node must satisfy it. `attribute` and `value` may each name a property of the node: `${attr.arch}`. */
export interface Constraint {
  readonly attribute: string;
  readonly operator: Operator;
  readonly value: string;
}

/** A node had better satisfy it. */
export interface Affinity extends Constraint {
  /** -100 to 100; below zero: had better not. */
  readonly weight: number;
}

/** The copies are to be spread over the values of an attribute; without targets, evenly. */
export interface Spread {
  readonly attribute: string;
  /** 1 to 100, against the other spreads. */
  readonly weight: number;
  readonly targets: readonly { readonly value: string; readonly percent: number }[];
}

/** How a task that ended is started again on its node. */
export interface RestartPolicy {
  readonly attempts: number;
  readonly intervalMs: number;
  readonly delayMs: number;
  /** When the attempts are used up: give up, or wait for the end of the interval. */
  readonly mode: "fail" | "delay";
  readonly renderTemplates?: boolean;
}

/** How an instance that failed is replaced, elsewhere if possible. */
export interface ReschedulePolicy {
  /** How many within `intervalMs`; of no account when `unlimited`. */
  readonly attempts: number;
  readonly intervalMs: number;
  readonly unlimited: boolean;
  readonly delayMs: number;
  readonly delayFunction: "constant" | "exponential" | "fibonacci";
  readonly maxDelayMs: number;
}

/** How a change is rolled out. */
export interface UpdatePolicy {
  readonly maxParallel: number;
  readonly healthCheck: HealthCheck;
  readonly minHealthyMs: number;
  readonly healthyDeadlineMs: number;
  /** 0: the first unhealthy instance fails the deployment. */
  readonly progressDeadlineMs: number;
  readonly staggerMs: number;
  /** For system jobs, percent of the nodes. */
  readonly canaries: number;
  readonly autoRevert: boolean;
  readonly autoPromote: boolean;
}

export type HealthCheck = "checks" | "task_states" | "manual";

/** How instances leave a node that is drained. */
export interface MigratePolicy {
  readonly maxParallel: number;
  readonly healthCheck: HealthCheck;
  readonly minHealthyMs: number;
  readonly healthyDeadlineMs: number;
}

/** What becomes of instances on a node that does not answer. */
export interface DisconnectPolicy {
  /** Until then they are `unknown` rather than lost. Absent: lost at once. */
  readonly lostAfterMs?: number;
  /** The cut-off node itself stops them after this time. */
  readonly stopOnNodeAfterMs?: number;
  /** Whether a substitute runs in the meantime. */
  readonly replace: boolean;
  /** Which of the two stays when the node is back. */
  readonly reconcile: "best_score" | "keep_original" | "keep_replacement" | "longest_running";
}

/** The job is a template that is launched by the clock. */
export interface Periodic {
  readonly enabled: boolean;
  /** Cron lines; the earliest launch of any of them counts. */
  readonly specs: readonly string[];
  /** An IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string;
  /** No launch while an earlier one still runs. */
  readonly prohibitOverlap: boolean;
}

/** The job is a template that is launched by `dispatch`. */
export interface Parameterized {
  readonly payload: "optional" | "required" | "forbidden";
  readonly metaRequired: readonly string[];
  readonly metaOptional: readonly string[];
}

/** The group of that name, if the job has it. */
export function groupOf(job: Job, name: string): Group | undefined {
  return job.groups.find((group) => group.name === name);
}

/** Whether the job only says how launches of it look, and runs nothing itself. */
export function isTemplate(job: Job): boolean {
  return job.periodic !== undefined || (job.parameterized !== undefined && !job.dispatched);
}
