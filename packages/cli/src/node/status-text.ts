/** What `node status` prints (CL-220). */
import type { AllocationStub } from "@fractus/client/types/allocation.ts";
import type { HostStats, Node, NodeStub } from "@fractus/client/types/node.ts";
import { allocationTable } from "../job/status-text.ts";
import { bytes, instantOfText, pairs, paragraphs, section, shortId, sorted, span, table } from "../format.ts";

export interface Manner {
  readonly isVerbose: boolean;
  readonly isShort: boolean;
  readonly nowMs: number;
}

/** @param running how many allocations run on each node, by its ID, if that is asked for */
export function nodeTable(
  nodes: readonly NodeStub[],
  { isVerbose, running }: { readonly isVerbose: boolean; readonly running?: ReadonlyMap<string, number> },
): string {
  const hasPools = nodes.some((node) => node.NodePool && node.NodePool !== "default");
  const heading = [
    "ID",
    ...(hasPools ? ["Node Pool"] : []),
    "DC",
    "Name",
    "Class",
    ...(isVerbose ? ["Address", "Version"] : []),
    "Drain",
    "Eligibility",
    "Status",
    ...(running ? ["Running Allocs"] : []),
  ];
  const rows = nodes.map((node) => [
    shortId(node.ID, isVerbose),
    ...(hasPools ? [node.NodePool] : []),
    node.Datacenter,
    node.Name,
    node.NodeClass,
    ...(isVerbose ? [node.Address, node.Version] : []),
    String(node.Drain),
    node.SchedulingEligibility,
    node.Status,
    ...(running ? [running.get(node.ID) ?? 0] : []),
  ]);
  return table([heading, ...rows]);
}

export interface NodeState {
  readonly node: Node;
  readonly allocations: readonly AllocationStub[];
  /** Undefined if the node does not say. */
  readonly stats: HostStats | undefined;
}

export function nodeText(state: NodeState, manner: Manner): string {
  const { node, allocations } = state;
  const list =
    allocations.length > 0
      ? section("Allocations", allocationTable(allocations, manner))
      : "No allocations placed";
  if (manner.isShort) return paragraphs([facts(state), list]);
  return paragraphs([
    facts(state),
    drivers(node, manner),
    events(node),
    allocated(state),
    hostUse(state),
    list,
    ...(manner.isVerbose ? [dictionary("Attributes", node.Attributes), dictionary("Meta", node.Meta)] : []),
  ]);
}

function facts({ node, stats }: NodeState): string {
  const drain = node.DrainStrategy
    ? `true; deadline ${instantOfText(node.DrainStrategy.ForceDeadline)}`
    : "false";
  return pairs([
    ["ID", node.ID],
    ["Name", node.Name],
    ["Node Pool", node.NodePool],
    ["Class", node.NodeClass],
    ["DC", node.Datacenter],
    ["Drain", node.DrainStrategy ? drain : String(node.Drain)],
    ["Eligibility", node.SchedulingEligibility],
    ["Status", node.StatusDescription ? `${node.Status} (${node.StatusDescription})` : node.Status],
    [
      "Host Volumes",
      Object.keys(node.HostVolumes ?? {})
        .sort()
        .join(","),
    ],
    ...(stats ? [["Uptime", span(stats.Uptime * 1000)] as const] : []),
  ]);
}

function drivers({ Drivers }: Node, { isVerbose }: Manner): string | undefined {
  const found = sorted(Drivers).filter(([, driver]) => isVerbose || driver.Detected);
  if (found.length === 0) return undefined;
  const rows = found.map(([name, driver]) => [
    name,
    String(driver.Detected),
    String(driver.Healthy),
    driver.HealthDescription,
  ]);
  return section("Drivers", table([["Driver", "Detected", "Healthy", "Message"], ...rows]));
}

/** The newest first. */
function events({ Events }: Node): string | undefined {
  const rows = (Events ?? [])
    .toReversed()
    .map((event) => [instantOfText(event.Timestamp), event.Subsystem, event.Message]);
  return rows.length > 0
    ? section("Node Events", table([["Time", "Subsystem", "Message"], ...rows]))
    : undefined;
}

interface Sized {
  readonly AllocatedResources?: {
    readonly Tasks: Readonly<
      Record<string, { Cpu: { CpuShares: number }; Memory: { MemoryMB: number } }>
    > | null;
    readonly Shared: { readonly DiskMB: number };
  } | null;
}

/** What allocations that have not ended were given, of what there is to give. */
function allocated({ node, allocations }: NodeState): string | undefined {
  if (!node.NodeResources) return undefined;
  const held = { cpu: 0, memory: 0, disk: 0 };
  for (const allocation of allocations) {
    if (["complete", "failed", "lost"].includes(allocation.ClientStatus)) continue;
    const resources = (allocation as Sized).AllocatedResources;
    held.disk += resources?.Shared.DiskMB ?? 0;
    for (const task of Object.values(resources?.Tasks ?? {})) {
      held.cpu += task.Cpu.CpuShares;
      held.memory += task.Memory.MemoryMB;
    }
  }
  const total = node.NodeResources;
  const kept = node.ReservedResources;
  const mebibyte = 1024 * 1024;
  const row = [
    `${held.cpu}/${total.Cpu.CpuShares - (kept?.Cpu.CpuShares ?? 0)} MHz`,
    `${bytes(held.memory * mebibyte)}/${bytes((total.Memory.MemoryMB - (kept?.Memory.MemoryMB ?? 0)) * mebibyte)}`,
    `${bytes(held.disk * mebibyte)}/${bytes((total.Disk.DiskMB - (kept?.Disk.DiskMB ?? 0)) * mebibyte)}`,
  ];
  return section("Allocated Resources", table([["CPU", "Memory", "Disk"], row]));
}

function hostUse({ stats }: NodeState): string | undefined {
  if (!stats?.Memory) return undefined;
  const row = [
    `${Math.round(stats.CPUTicksConsumed)} MHz`,
    `${bytes(stats.Memory.Used)}/${bytes(stats.Memory.Total)}`,
  ];
  return section("Host Resource Utilization", table([["CPU", "Memory"], row]));
}

function dictionary(title: string, entries: Readonly<Record<string, string>> | null): string | undefined {
  const list = sorted(entries);
  return list.length > 0 ? section(title, pairs(list)) : undefined;
}
