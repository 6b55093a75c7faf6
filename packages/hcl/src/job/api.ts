/**
 * The canonical job in types: what `canonicalizeJob` gives, field by field as the API names them.
 * Durations are whole nanoseconds, sizes megabytes, processor time is in MHz. A list or block that
 * is not there is null. `api.test.ts` holds these types against the schema.
 *
 * After https://developer.hashicorp.com/nomad/api-docs/json-jobs.
 */
import { canonicalizeJob } from "./canonicalize.ts";
import type { JsonObject } from "./json.ts";
import type { JobType } from "./schema/block.ts";

/** The canonical form of a job, typed. */
export function canonicalJob(job: JsonObject): Job {
  return canonicalizeJob(job) as unknown as Job;
}

type Texts = Readonly<Record<string, string>>;
type List<T> = readonly T[] | null;

export interface Job {
  readonly ID: string;
  readonly Name: string;
  readonly Type: JobType;
  readonly Datacenters: List<string>;
  readonly NodePool: string;
  readonly TaskGroups: List<TaskGroup>;
  readonly Namespace: string;
  readonly Region: string;
  readonly Priority: number;
  readonly AllAtOnce: boolean;
  readonly Constraints: List<Constraint>;
  readonly Affinities: List<Affinity>;
  readonly Spreads: List<Spread>;
  readonly Update: UpdateStrategy | null;
  readonly Reschedule: ReschedulePolicy | null;
  readonly Migrate: MigrateStrategy | null;
  readonly Periodic: PeriodicConfig | null;
  readonly ParameterizedJob: ParameterizedJobConfig | null;
  readonly Meta: Texts | null;
  readonly UI: JsonObject | null;
  readonly Multiregion: JsonObject | null;
  readonly VaultToken: string | null;
  readonly ConsulToken: string | null;
}

export interface TaskGroup {
  readonly Name: string;
  readonly Count: number;
  readonly Networks: List<NetworkResource>;
  readonly Services: List<Service>;
  readonly Constraints: List<Constraint>;
  readonly Affinities: List<Affinity>;
  readonly Spreads: List<Spread>;
  readonly Volumes: Readonly<Record<string, VolumeRequest>> | null;
  readonly EphemeralDisk: EphemeralDisk;
  readonly RestartPolicy: RestartPolicy;
  readonly ReschedulePolicy: ReschedulePolicy | null;
  readonly Disconnect: DisconnectStrategy | null;
  readonly Update: UpdateStrategy | null;
  readonly Migrate: MigrateStrategy | null;
  readonly Meta: Texts | null;
  readonly Scaling: ScalingPolicy | null;
  readonly ShutdownDelay: number | null;
  readonly MaxRunDuration: number | null;
  readonly Tasks: List<Task>;
  readonly Consul: JsonObject | null;
  readonly StopAfterClientDisconnect: number | null;
  readonly MaxClientDisconnect: number | null;
  readonly PreventRescheduleOnLost: boolean | null;
}

export interface Task {
  readonly Name: string;
  readonly Driver: string;
  readonly Config: JsonObject | null;
  readonly Env: Texts | null;
  readonly Resources: Resources;
  readonly User: string;
  readonly Meta: Texts | null;
  readonly Constraints: List<Constraint>;
  readonly Affinities: List<Affinity>;
  readonly Artifacts: List<TaskArtifact>;
  readonly Templates: List<Template>;
  readonly Services: List<Service>;
  readonly VolumeMounts: List<VolumeMount>;
  readonly Lifecycle: TaskLifecycle | null;
  readonly RestartPolicy: RestartPolicy;
  readonly LogConfig: LogConfig;
  readonly DispatchPayload: DispatchPayloadConfig | null;
  readonly Leader: boolean;
  readonly KillTimeout: number;
  readonly KillSignal: string;
  readonly ShutdownDelay: number;
  readonly Kind: string;
  readonly Secrets: List<JsonObject>;
  readonly Identity: JsonObject | null;
  readonly Identities: List<JsonObject>;
  readonly Actions: List<Action>;
  readonly ScalingPolicies: List<ScalingPolicy>;
  readonly Schedule: JsonObject | null;
  readonly Vault: JsonObject | null;
  readonly Consul: JsonObject | null;
  readonly CSIPluginConfig: JsonObject | null;
}

export interface Constraint {
  readonly LTarget: string;
  readonly Operand: string;
  readonly RTarget: string;
}

export interface Affinity extends Constraint {
  readonly Weight: number;
}

export interface Spread {
  readonly Attribute: string;
  readonly Weight: number;
  readonly SpreadTarget: List<SpreadTarget>;
}

export interface SpreadTarget {
  readonly Value: string;
  readonly Percent: number;
}

export interface RestartPolicy {
  readonly Attempts: number;
  readonly Interval: number;
  readonly Delay: number;
  readonly Mode: "fail" | "delay";
  readonly RenderTemplates: boolean;
}

export interface ReschedulePolicy {
  readonly Attempts: number;
  readonly Interval: number;
  readonly Delay: number;
  readonly DelayFunction: "constant" | "exponential" | "fibonacci";
  readonly MaxDelay: number;
  readonly Unlimited: boolean;
}

export interface DisconnectStrategy {
  readonly LostAfter: number | null;
  readonly StopOnClientAfter: number | null;
  readonly Replace: boolean;
  readonly Reconcile: "best_score" | "keep_original" | "keep_replacement" | "longest_running";
}

export interface UpdateStrategy {
  readonly MaxParallel: number;
  readonly HealthCheck: "checks" | "task_states" | "manual";
  readonly MinHealthyTime: number;
  readonly HealthyDeadline: number;
  readonly ProgressDeadline: number;
  readonly Stagger: number;
  readonly Canary: number;
  readonly AutoRevert: boolean;
  readonly AutoPromote: boolean;
}

export interface MigrateStrategy {
  readonly MaxParallel: number;
  readonly HealthCheck: "checks" | "task_states";
  readonly MinHealthyTime: number;
  readonly HealthyDeadline: number;
}

export interface PeriodicConfig {
  readonly Spec: string;
  readonly Specs: List<string>;
  readonly TimeZone: string;
  readonly ProhibitOverlap: boolean;
  readonly Enabled: boolean;
}

export interface ParameterizedJobConfig {
  readonly Payload: "optional" | "required" | "forbidden";
  readonly MetaRequired: List<string>;
  readonly MetaOptional: List<string>;
}

export interface ScalingPolicy {
  readonly Min: number;
  readonly Max: number | null;
  readonly Enabled: boolean;
  readonly Type: string;
  readonly Policy: JsonObject | null;
}

export interface Resources {
  readonly CPU: number;
  readonly Cores: number;
  readonly MemoryMB: number;
  readonly MemoryMaxMB: number;
  readonly DiskMB: number;
  /** Networks of one task, as older files have them. */
  readonly Networks: List<NetworkResource>;
  readonly Devices: List<RequestedDevice>;
  readonly NUMA: JsonObject | null;
  readonly SecretsMB: number | null;
  readonly IOPS: number | null;
}

export interface RequestedDevice {
  readonly Name: string;
  readonly Count: number;
  readonly Constraints: List<Constraint>;
  readonly Affinities: List<Affinity>;
}

export interface NetworkResource {
  readonly Mode: string;
  readonly Hostname: string;
  readonly DynamicPorts: List<Port>;
  readonly ReservedPorts: List<Port>;
  readonly DNS: {
    readonly Servers: List<string>;
    readonly Searches: List<string>;
    readonly Options: List<string>;
  } | null;
  readonly CNI: JsonObject | null;
  readonly Device: string;
  readonly CIDR: string;
  readonly IP: string;
  readonly MBits: number | null;
}

export interface Port {
  readonly Label: string;
  readonly Value: number;
  readonly To: number;
  readonly HostNetwork: string;
  readonly IgnoreCollision: boolean;
}

export interface VolumeRequest {
  readonly Name: string;
  readonly Type: string;
  readonly Source: string;
  readonly ReadOnly: boolean;
  readonly Sticky: boolean;
  readonly AccessMode: string;
  readonly AttachmentMode: string;
  readonly PerAlloc: boolean;
  readonly MountOptions: JsonObject | null;
}

export interface VolumeMount {
  readonly Volume: string;
  readonly Destination: string;
  readonly ReadOnly: boolean;
  readonly PropagationMode: string;
  readonly SELinuxLabel: string;
}

export interface EphemeralDisk {
  readonly SizeMB: number;
  readonly Sticky: boolean;
  readonly Migrate: boolean;
}

export interface TaskArtifact {
  readonly GetterSource: string;
  readonly RelativeDest: string;
  readonly GetterMode: "any" | "file" | "dir";
  readonly GetterOptions: Texts | null;
  readonly GetterHeaders: Texts | null;
  readonly GetterInsecure: boolean;
  readonly Chown: boolean;
}

export interface Template {
  readonly EmbeddedTmpl: string;
  readonly SourcePath: string;
  readonly DestPath: string;
  readonly ChangeMode: "noop" | "restart" | "signal" | "script";
  readonly ChangeSignal: string;
  readonly ChangeScript: ChangeScript | null;
  readonly Envvars: boolean;
  readonly Once: boolean;
  readonly Splay: number;
  readonly Perms: string;
  readonly Uid: number | null;
  readonly Gid: number | null;
  readonly LeftDelim: string;
  readonly RightDelim: string;
  readonly Wait: { readonly Min: number; readonly Max: number } | null;
  readonly ErrMissingKey: boolean;
  readonly VaultGrace: number;
}

export interface ChangeScript {
  readonly Command: string;
  readonly Args: readonly string[];
  readonly Timeout: number;
  readonly FailOnError: boolean;
  readonly RunOnFirstRender: boolean;
}

export interface LogConfig {
  readonly MaxFiles: number;
  readonly MaxFileSizeMB: number;
  readonly Disabled: boolean;
  readonly Enabled: boolean | null;
}

export interface DispatchPayloadConfig {
  readonly File: string;
}

export interface TaskLifecycle {
  readonly Hook: "prestart" | "poststart" | "poststop";
  readonly Sidecar: boolean;
}

export interface Action {
  readonly Name: string;
  readonly Command: string;
  readonly Args: List<string>;
}

export interface Service {
  readonly Name: string;
  readonly PortLabel: string;
  readonly Provider: "consul" | "nomad";
  readonly Tags: List<string>;
  readonly CanaryTags: List<string>;
  readonly Address: string;
  readonly AddressMode: string;
  readonly TaskName: string;
  readonly EnableTagOverride: boolean;
  readonly OnUpdate: string;
  readonly Cluster: string;
  readonly Kind: string;
  readonly Checks: List<ServiceCheck>;
  readonly CheckRestart: CheckRestart | null;
  readonly Meta: Texts | null;
  readonly CanaryMeta: Texts | null;
  readonly TaggedAddresses: Texts | null;
  readonly Weights: { readonly Passing: number; readonly Warning: number } | null;
  readonly Identity: JsonObject | null;
  readonly Connect: JsonObject | null;
}

export interface ServiceCheck {
  readonly Name: string;
  readonly Type: "http" | "tcp" | "script" | "grpc";
  readonly Interval: number;
  readonly Timeout: number;
  readonly Path: string;
  readonly Method: string;
  readonly Header: Readonly<Record<string, readonly string[]>> | null;
  readonly Body: string;
  readonly Protocol: string;
  readonly PortLabel: string;
  readonly AddressMode: string;
  readonly Advertise: string;
  readonly InitialStatus: string;
  readonly Notes: string;
  readonly TLSServerName: string;
  readonly TLSSkipVerify: boolean;
  readonly Command: string;
  readonly Args: List<string>;
  readonly TaskName: string;
  readonly GRPCService: string;
  readonly GRPCUseTLS: boolean;
  readonly SuccessBeforePassing: number;
  readonly FailuresBeforeCritical: number;
  readonly FailuresBeforeWarning: number;
  readonly Expose: boolean;
  readonly CheckRestart: CheckRestart | null;
  readonly OnUpdate: string;
}

export interface CheckRestart {
  readonly Limit: number;
  readonly Grace: number;
  readonly IgnoreWarnings: boolean;
}
