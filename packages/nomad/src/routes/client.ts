/** What the agent of a node is asked: figures, signals, restarts. After https://developer.hashicorp.com/nomad/api-docs/client. */
import type { HostStats, TaskUse } from "@fractus/agent/agent-access.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import { nodeOf } from "@fractus/control/commands/nodes.ts";
import type { Json } from "@fractus/control/state/records.ts";
import { meta } from "../answer.ts";
import type { Call } from "../call.ts";
import { Fault } from "../fault.ts";
import { ask, type Route, write } from "../route.ts";
import { nanoseconds } from "../units.ts";
import { bodyOf } from "../fields.ts";

export const clientRoutes: readonly Route[] = [
  ask("/client/stats", hostStats),
  ask("/client/gc", collectNode),
  ask("/client/metadata", metadata),
  write("/client/metadata", changeMetadata),
  ask("/client/allocation/:id/stats", allocationStats),
  write("/client/allocation/:id/restart", restart),
  write("/client/allocation/:id/signal", signal),
  ask("/client/allocation/:id/gc", collectAllocation),
  ask("/client/allocation/:id/exec", () => {
    throw new Fault(400, "exec is a websocket: ask for an upgrade of the connection.");
  }),
];

/** The node that is named, or the only one there is. @throws Refusal invalid, not-found */
function askedNode(call: Call): string {
  const named = call.query("node_id");
  if (named) return nodeOf(call.state, named).id;
  const [only, ...others] = call.control.agents.keys();
  if (only === undefined || others.length > 0) throw new Refusal("invalid", "Name the node with node_id.");
  return only;
}

async function hostStats(call: Call): Promise<Json> {
  const nodeId = askedNode(call);
  const stats = await call.agent(nodeId).hostStats();
  return hostShape(stats, call.state.nodes.get(nodeId)?.capacity.cpuMhz ?? 0);
}

function hostShape(stats: HostStats, totalMhz: number): Json {
  const { memory, cpu, disks } = stats;
  const busy = cpu.length === 0 ? 0 : cpu.reduce((sum, core) => sum + 100 - core.idle, 0) / cpu.length;
  const diskStats = disks.map((disk) => ({
    Device: disk.device,
    Mountpoint: disk.mount,
    Size: disk.sizeBytes,
    Used: disk.usedBytes,
    Available: disk.availableBytes,
    UsedPercent: disk.sizeBytes > 0 ? (disk.usedBytes / disk.sizeBytes) * 100 : 0,
    InodesUsedPercent: 0,
  }));
  return {
    Memory: {
      Total: memory.totalBytes,
      Available: memory.availableBytes,
      Used: memory.totalBytes - memory.availableBytes,
      Free: memory.freeBytes,
    },
    CPU: cpu.map((core) => ({
      CPU: core.name,
      User: core.user,
      System: core.system,
      Idle: core.idle,
      TotalPercent: 100 - core.idle,
      Total: 100 - core.idle,
    })),
    DiskStats: diskStats,
    AllocDirStats: diskStats[0] ?? null,
    DeviceStats: [],
    Uptime: Math.floor(stats.uptimeMs / 1000),
    CPUTicksConsumed: (busy / 100) * totalMhz,
    Timestamp: nanoseconds(stats.measuredAtMs),
  };
}

async function allocationStats(call: Call): Promise<Json> {
  const allocation = call.allocation();
  const stats = await call.agentOf(allocation).allocationStats(allocation.id);
  const mhz = call.state.nodes.get(allocation.nodeId)?.mhzPerCore ?? 0;
  const asked = call.query("task");
  const entries = Object.entries(stats.tasks).filter(([name]) => !asked || name === asked);
  const Timestamp = nanoseconds(stats.measuredAtMs);
  return {
    ResourceUsage: usageShape(
      entries.map(([, use]) => use),
      mhz,
    ),
    Tasks: Object.fromEntries(
      entries.map(([name, use]) => [name, { ResourceUsage: usageShape([use], mhz), Timestamp, Pids: null }]),
    ),
    Timestamp,
  };
}

function usageShape(uses: readonly TaskUse[], mhzPerCore: number): Json {
  const sum = (of: (use: TaskUse) => number) => uses.reduce((total, use) => total + of(use), 0);
  const percent = sum((use) => use.cpuPercent);
  const memory = sum((use) => use.memoryBytes);
  return {
    CpuStats: {
      SystemMode: sum((use) => use.systemCpuMs),
      UserMode: sum((use) => use.userCpuMs),
      TotalTicks: (percent / 100) * mhzPerCore,
      ThrottledPeriods: 0,
      ThrottledTime: 0,
      Percent: percent,
      Measured: ["System Mode", "User Mode", "Percent"],
    },
    MemoryStats: {
      RSS: memory,
      Cache: 0,
      Swap: 0,
      Usage: memory,
      MaxUsage: 0,
      KernelUsage: 0,
      KernelMaxUsage: 0,
      Measured: ["RSS"],
    },
    DeviceStats: [],
  };
}

async function restart(call: Call): Promise<Json> {
  const { TaskName: task, AllTasks: evenEnded } = bodyOf(call, { TaskName: "text", AllTasks: "flag" });
  const allocation = call.allocation();
  if (task && evenEnded)
    throw new Fault(400, "Cannot restart a task and all of them: name one or say AllTasks.");
  await call
    .agentOf(allocation)
    .restart(allocation.id, { ...(task && { task }), ...(evenEnded && { evenEnded: true }) });
  return meta(call.state.index);
}

async function signal(call: Call): Promise<Json> {
  const { Signal: name, Task: task } = bodyOf(call, { Signal: "text", Task: "text" });
  const allocation = call.allocation();
  await call.agentOf(allocation).signal(allocation.id, { signal: name || "SIGKILL", ...(task && { task }) });
  return meta(call.state.index);
}

async function collectNode(call: Call): Promise<Json> {
  await call.agent(askedNode(call)).collectGarbage();
  return meta(call.state.index);
}

async function collectAllocation(call: Call): Promise<Json> {
  const allocation = call.allocation();
  await call.agentOf(allocation).collectGarbage(allocation.id);
  return meta(call.state.index);
}

function metadata(call: Call): Json {
  const nodeId = askedNode(call);
  return metadataShape(nodeOf(call.state, nodeId).meta);
}

async function changeMetadata(call: Call): Promise<Json> {
  const { Meta: changes, NodeID: named } = bodyOf(call, { Meta: "changes", NodeID: "text" });
  if (!changes || Object.keys(changes).length === 0) throw new Fault(400, "missing required Meta object");
  for (const key of Object.keys(changes))
    if (!/^[A-Za-z_][A-Za-z0-9_.]*$/.test(key))
      throw new Fault(400, `invalid meta key ${JSON.stringify(key)}`);
  const nodeId = named ? nodeOf(call.state, named).id : askedNode(call);
  return metadataShape(await call.agent(nodeId).changeMeta(changes));
}

function metadataShape(present: Readonly<Record<string, string>>): Json {
  return { Meta: present, Dynamic: null, Static: null };
}
