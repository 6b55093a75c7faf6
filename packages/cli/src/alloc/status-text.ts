/** What `alloc status` prints: the allocation, its tasks, what they use, what happened to them, what keeps them apart. */
import type {
  Allocation,
  AllocationUsage,
  Isolation,
  TaskEvent,
  TaskState,
} from "@fractus/client/types/allocation.ts";
import {
  agoOfNanoseconds,
  bytes,
  instantOfNanoseconds,
  instantOfText,
  pairs,
  paragraphs,
  section,
  shortId,
  sorted,
  table,
} from "../format.ts";
import { placementReasons, scoreTable } from "../placement-failure.ts";

export interface AllocationState {
  readonly allocation: Allocation;
  /** Undefined if the node does not say. */
  readonly usage: AllocationUsage | undefined;
  readonly isolation: Isolation | undefined;
}

export interface Manner {
  readonly isVerbose: boolean;
  readonly isShort: boolean;
  readonly nowMs: number;
}

export function allocationText(state: AllocationState, manner: Manner): string {
  const { allocation } = state;
  const parts = [facts(allocation, manner), addresses(allocation)];
  if (manner.isShort) return paragraphs([...parts, taskTable(allocation)]);
  for (const [name, task] of sorted(allocation.TaskStates)) parts.push(taskText(name, task, state));
  if (manner.isVerbose) parts.push(placementText(allocation, manner));
  return paragraphs(parts);
}

function facts(allocation: Allocation, { isVerbose, nowMs }: Manner): string {
  const id = (text: string) => shortId(text, isVerbose);
  const optional = (key: string, value: string | undefined) => (value ? [[key, value] as const] : []);
  return pairs([
    ["ID", allocation.ID],
    ["Eval ID", id(allocation.EvalID)],
    ["Name", allocation.Name],
    ["Node ID", id(allocation.NodeID)],
    ["Node Name", allocation.NodeName],
    ["Job ID", allocation.JobID],
    ["Job Version", allocation.Job?.Version ?? 0],
    ["Client Status", allocation.ClientStatus],
    ["Client Description", allocation.ClientDescription],
    ["Desired Status", allocation.DesiredStatus],
    ["Desired Description", allocation.DesiredDescription],
    ["Created", agoOfNanoseconds(allocation.CreateTime, nowMs)],
    ["Modified", agoOfNanoseconds(allocation.ModifyTime, nowMs)],
    ...optional("Deployment ID", id(allocation.DeploymentID ?? "")),
    ...optional("Deployment Health", allocation.DeploymentID ? health(allocation) : ""),
    ...optional("Replacement Alloc ID", id(allocation.NextAllocation ?? "")),
    ...optional("Previous Alloc ID", id(allocation.PreviousAllocation ?? "")),
  ]);
}

function health({ DeploymentStatus }: Allocation): string {
  const healthy = DeploymentStatus?.Healthy;
  const isCanary = DeploymentStatus?.Canary ? " (canary)" : "";
  return `${healthy === true ? "healthy" : healthy === false ? "unhealthy" : "unset"}${isCanary}`;
}

/** Ports of the group, and of single tasks as older job files have them; these may be listed in both places. */
function addresses({ AllocatedResources }: Allocation): string | undefined {
  const rows = new Map<string, (string | number)[]>();
  const add = (label: string, address: string, to: number) =>
    rows.set(`${label} ${address}`, [label, address, to > 0 ? to : ""]);
  for (const port of AllocatedResources?.Shared.Ports ?? [])
    add(port.Label, `${port.HostIP}:${port.Value}`, port.To);
  for (const task of Object.values(AllocatedResources?.Tasks ?? {})) {
    for (const { IP, ReservedPorts, DynamicPorts } of task.Networks ?? []) {
      for (const port of [...(ReservedPorts ?? []), ...(DynamicPorts ?? [])])
        add(port.Label, `${IP}:${port.Value}`, port.To);
    }
  }
  if (rows.size === 0) return undefined;
  return section("Allocation Addresses:", table([["Label", "Address", "To"], ...rows.values()]));
}

function taskTable({ TaskStates }: Allocation): string | undefined {
  const rows = sorted(TaskStates).map(([name, task]) => [
    name,
    task.State,
    task.Events?.at(-1)?.Type ?? "",
    task.Restarts,
  ]);
  if (rows.length === 0) return undefined;
  return section("Tasks", table([["Name", "State", "Last Event", "Restarts"], ...rows]));
}

function taskText(name: string, task: TaskState, { allocation, usage, isolation }: AllocationState): string {
  return paragraphs([
    `Task "${name}" is "${task.State}"${task.Failed ? " (failed)" : ""}`,
    resources(name, allocation, usage),
    isolationText(isolation?.[name]),
    section("Task Events:", taskTimes(task)),
    eventTable(task.Events ?? []),
  ]);
}

function resources(
  name: string,
  { AllocatedResources }: Allocation,
  usage: AllocationUsage | undefined,
): string | undefined {
  const granted = AllocatedResources?.Tasks?.[name];
  if (!granted) return undefined;
  const used = usage?.Tasks?.[name]?.ResourceUsage;
  const cpu = used?.CpuStats ? `${Math.round(used.CpuStats.TotalTicks)}/` : "";
  const memory = used?.MemoryStats ? `${bytes(used.MemoryStats.Usage || used.MemoryStats.RSS)}/` : "";
  const rows = [
    [
      `${cpu}${granted.Cpu.CpuShares} MHz`,
      `${memory}${bytes(granted.Memory.MemoryMB * 1024 * 1024)}`,
      `${AllocatedResources?.Shared.DiskMB ?? 0} MiB`,
    ],
  ];
  return section("Task Resources:", table([["CPU", "Memory", "Disk"], ...rows]));
}

function isolationText(aspects: Isolation[string] | undefined): string | undefined {
  if (!aspects || aspects.length === 0) return undefined;
  const rows = aspects.map((each) => [each.Aspect, each.Holds ? "yes" : "no", each.Words]);
  return section("Isolation:", table([["Aspect", "Holds", "How"], ...rows]));
}

function taskTimes(task: TaskState): string {
  return pairs([
    ["Started At", instantOfText(task.StartedAt)],
    ["Finished At", instantOfText(task.FinishedAt)],
    ["Total Restarts", task.Restarts],
    ["Last Restart", instantOfText(task.LastRestart)],
  ]);
}

/** The newest first. */
function eventTable(events: readonly TaskEvent[]): string | undefined {
  if (events.length === 0) return undefined;
  const rows = events
    .toReversed()
    .map((event) => [
      instantOfNanoseconds(event.Time),
      event.Type,
      event.DisplayMessage.replace(/\s+/g, " "),
    ]);
  return section("Recent Events:", table([["Time", "Type", "Description"], ...rows]));
}

function placementText({ Metrics }: Allocation, manner: Manner): string | undefined {
  if (!Metrics) return undefined;
  const reasons = placementReasons(Metrics);
  const scores = scoreTable(Metrics, manner.isVerbose);
  const parts = [...reasons, ...(scores ? [scores] : [])];
  return parts.length > 0 ? section("Placement Metrics", parts.join("\n")) : undefined;
}
