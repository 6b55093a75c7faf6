/** Allocations as the API shows them. After https://developer.hashicorp.com/nomad/api-docs/allocations. */
import {
  type Allocation,
  type DeploymentHealth,
  type Grant,
  type GrantedPort,
  type TaskEvent,
  type TaskState,
} from "@fractus/core/allocation.ts";
import { groupOf, type Group, type Job } from "@fractus/core/job.ts";
import type { Json } from "@fractus/control/state/records.ts";
import { jobId, type State } from "@fractus/control/state/state.ts";
import { megabytes, nanoseconds, timeOrNull, timeText, zeroTime } from "../units.ts";
import { emptyMetric } from "./metric.ts";
import { versionShape } from "./job.ts";

/** A whole allocation, its job included. */
export function allocationShape(state: State, one: Allocation): Json {
  const record = state.versions.get(`${jobId(one.project, one.jobId)}\n${one.jobVersion}`);
  return { ...bareAllocation(state, one), Job: record ? versionShape(state, record) : null };
}

/** The same without its job, as events carry it. */
export function bareAllocation(state: State, one: Allocation): Json {
  const job = versionOf(state, one);
  const group = job && groupOf(job, one.group);
  return {
    ...common(state, one),
    Job: null,
    Resources: null,
    SharedResources: null,
    TaskResources: null,
    AllocatedResources: grantShape(one.grant, group),
    Metrics: metricsOf(one),
    DesiredTransition: {
      Migrate: one.transition.migrate ?? null,
      Reschedule: one.transition.reschedule ?? null,
      ForceReschedule: one.transition.forceReschedule ?? null,
      NoShutdownDelay: null,
      MigrateDisablePlacement: one.transition.withoutReplacement ?? null,
    },
    DeploymentID: one.deploymentId ?? "",
    PreviousAllocation: one.previousId ?? "",
    NextAllocation: one.nextId ?? "",
    NetworkStatus: networkStatus(one.grant),
    PreemptedAllocations: preempted(state, one),
    PreemptedByAllocation: one.preemptedBy ?? "",
    SignedIdentities: null,
    AllocModifyIndex: indexesOf(state, one).ModifyIndex,
  };
}

/** An allocation in a list. */
export function allocationStub(
  state: State,
  one: Allocation,
  options: { readonly hasResources?: boolean; readonly hasTaskStates?: boolean } = {},
): Json {
  const job = versionOf(state, one) ?? state.jobs.get(jobId(one.project, one.jobId))?.job;
  const { TaskStates, ...rest } = common(state, one);
  return {
    ...rest,
    JobType: job?.type ?? "",
    JobVersion: one.jobVersion,
    ...(options.hasResources && {
      AllocatedResources: grantShape(one.grant, job && groupOf(job, one.group)),
    }),
    TaskStates: options.hasTaskStates === false ? null : TaskStates,
    PreemptedAllocations: null,
    PreemptedByAllocation: one.preemptedBy ?? "",
  };
}

function versionOf(state: State, one: Allocation): Job | undefined {
  return state.versions.get(`${jobId(one.project, one.jobId)}\n${one.jobVersion}`)?.job;
}

function common(state: State, one: Allocation) {
  return {
    ID: one.id,
    Namespace: one.project,
    EvalID: one.evaluationId,
    Name: one.name,
    NodeID: one.nodeId,
    NodeName: state.nodes.get(one.nodeId)?.name ?? "",
    JobID: one.jobId,
    TaskGroup: one.group,
    DesiredStatus: one.desired,
    DesiredDescription: one.desiredReason ?? "",
    ClientStatus: one.status,
    ClientDescription: one.statusReason ?? descriptions[one.status],
    TaskStates: taskStates(one),
    DeploymentStatus: one.health ? healthShape(one.health, indexesOf(state, one).ModifyIndex) : null,
    FollowupEvalID: one.followUpEvaluationId ?? "",
    RescheduleTracker: trackerOf(one),
    ...indexesOf(state, one),
    CreateTime: nanoseconds(one.createdAtMs),
    ModifyTime: nanoseconds(one.modifiedAtMs),
  };
}

/** What is said of a status that comes without words of its own. */
const descriptions: Readonly<Record<Allocation["status"], string>> = {
  pending: "No tasks have started",
  running: "Tasks are running",
  complete: "All tasks have completed",
  failed: "Failed tasks",
  lost: "alloc is lost",
  unknown: "alloc is unknown",
};

function indexesOf(state: State, one: Allocation) {
  const entry = state.allocations.entry(one.id);
  return { CreateIndex: entry?.createdIndex ?? 0, ModifyIndex: entry?.modifiedIndex ?? 0 };
}

function taskStates(one: Allocation): Json | null {
  const entries = Object.entries(one.tasks);
  if (entries.length === 0) return null;
  return Object.fromEntries(entries.map(([name, task]) => [name, taskShape(task)]));
}

function taskShape(task: TaskState): Json {
  return {
    State: task.status,
    Failed: task.failed,
    Restarts: task.restarts,
    LastRestart: timeOrNull(task.lastRestartAtMs),
    StartedAt: timeOrNull(task.startedAtMs),
    FinishedAt: timeOrNull(task.finishedAtMs),
    Events: (task.events ?? []).map(eventShape),
    Paused: "",
    TaskHandle: null,
  };
}

function eventShape(event: TaskEvent): Json {
  const { details } = event;
  const number = (name: string) => Number(details[name] ?? 0) || 0;
  return {
    Type: event.type,
    Time: nanoseconds(event.atMs),
    DisplayMessage: event.message,
    Message: details.message ?? details.exit_message ?? "",
    Details: details,
    FailsTask: details.fails_task === "true",
    RestartReason: details.restart_reason ?? "",
    SetupError: details.setup_error ?? "",
    DriverError: details.driver_error ?? "",
    DriverMessage: details.driver_message ?? "",
    ExitCode: number("exit_code"),
    Signal: number("signal"),
    KillReason: details.kill_reason ?? "",
    KillTimeout: number("kill_timeout"),
    KillError: details.kill_error ?? "",
    StartDelay: number("start_delay"),
    DownloadError: details.download_error ?? "",
    ValidationError: details.validation_error ?? "",
    DiskLimit: number("disk_limit"),
    FailedSibling: details.failed_sibling ?? "",
    VaultError: "",
    TaskSignalReason: details.task_signal_reason ?? "",
    TaskSignal: details.task_signal ?? "",
    GenericSource: "",
  };
}

function healthShape(health: DeploymentHealth, index: number): Json {
  return {
    Healthy: health.isHealthy ?? null,
    Timestamp: health.decidedAtMs === undefined ? zeroTime : timeText(health.decidedAtMs),
    Canary: health.isCanary,
    ModifyIndex: index,
  };
}

function trackerOf({ reschedules }: Allocation): Json | null {
  if (reschedules.length === 0) return null;
  const Events = reschedules.map((event) => ({
    RescheduleTime: nanoseconds(event.atMs),
    PrevAllocID: event.previousId,
    PrevNodeID: event.previousNodeId,
    Delay: nanoseconds(event.delayMs),
  }));
  return { Events, LastReschedule: "ok" };
}

/** What was set aside on the node. */
export function grantShape(grant: Grant, group: Group | undefined): Json {
  const groupLabels = new Set(
    (group?.networks ?? []).flatMap(({ ports }) => ports.map(({ label }) => label)),
  );
  const tasks = Object.entries(grant.tasks).map(([name, task]) => {
    const asked = group?.tasks.find((one) => one.name === name)?.resources.networks ?? [];
    const labels = new Set(asked.flatMap(({ ports }) => ports.map(({ label }) => label)));
    const own = grant.ports.filter(({ label }) => labels.has(label) && !groupLabels.has(label));
    const shape = {
      Cpu: { CpuShares: task.cpuMhz, ReservedCores: task.cores.length > 0 ? task.cores : null },
      Memory: {
        MemoryMB: megabytes(task.memoryBytes),
        MemoryMaxMB: megabytes(task.memoryMaxBytes ?? 0),
      },
      Networks: own.length > 0 ? [networkShape(own, asked)] : null,
      Devices: null,
    };
    return [name, shape] as const;
  });
  const shared = group ? grant.ports.filter(({ label }) => groupLabels.has(label)) : grant.ports;
  const networks = group?.networks ?? [];
  return {
    Tasks: Object.fromEntries(tasks),
    TaskLifecycles: Object.fromEntries(
      (group?.tasks ?? []).map(({ name, lifecycle }) => [
        name,
        lifecycle ? { Hook: lifecycle.hook, Sidecar: lifecycle.sidecar } : null,
      ]),
    ),
    Shared: {
      DiskMB: megabytes(grant.diskBytes),
      Networks: networks.length > 0 ? [networkShape(shared, networks)] : null,
      Ports:
        grant.ports.length === 0
          ? null
          : grant.ports.map((port) => ({
              Label: port.label,
              Value: port.port,
              To: port.to === port.port ? 0 : port.to,
              HostIP: port.address,
              IgnoreCollision: false,
            })),
    },
  };
}

function networkShape(ports: readonly GrantedPort[], asked: Group["networks"]): Json {
  const isStatic = (label: string) =>
    asked.some((network) => network.ports.some((port) => port.label === label && port.static !== undefined));
  const shape = (port: GrantedPort) => ({
    Label: port.label,
    Value: port.port,
    To: port.to === port.port ? 0 : port.to,
    HostNetwork: port.hostNetwork,
    IgnoreCollision: false,
  });
  const fixed = ports.filter(({ label }) => isStatic(label)).map(shape);
  const dynamic = ports.filter(({ label }) => !isStatic(label)).map(shape);
  return {
    Mode: asked[0]?.mode ?? "host",
    Device: "",
    CIDR: "",
    IP: ports[0]?.address ?? "",
    Hostname: asked[0]?.hostname ?? "",
    MBits: asked[0]?.megabits ?? 0,
    DNS: null,
    ReservedPorts: fixed.length > 0 ? fixed : null,
    DynamicPorts: dynamic.length > 0 ? dynamic : null,
  };
}

function networkStatus(grant: Grant): Json | null {
  const [port] = grant.ports;
  return port ? { InterfaceName: "", Address: port.address, AddressIPv6: "", DNS: null } : null;
}

function metricsOf(one: Allocation): Json {
  if (one.score === undefined) return emptyMetric;
  const { score, nodeId } = one;
  return { ...emptyMetric, ScoreMetaData: [{ NodeID: nodeId, Scores: {}, NormScore: score }] };
}

function preempted(state: State, one: Allocation): string[] | null {
  const victims = state.allocations.by("node", one.nodeId);
  const ids = victims.filter((victim) => victim.preemptedBy === one.id).map((victim) => victim.id);
  return ids.length > 0 ? ids : null;
}
