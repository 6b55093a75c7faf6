/** Nodes as the API shows them. After https://developer.hashicorp.com/nomad/api-docs/nodes. */
import type { DriverState, Node } from "@fractus/core/node.ts";
import type { Json, NodeEvent, NodeNotes } from "@fractus/control/state/records.ts";
import type { State } from "@fractus/control/state/state.ts";
import { megabytes, nanoseconds, timeText } from "../units.ts";

/** A whole node. */
export function nodeShape(state: State, node: Node): Json {
  const notes = state.nodeNotes.get(node.id);
  return {
    ...common(state, node),
    HTTPAddr: node.attributes["unique.advertise.address"] ?? "",
    TLSEnabled: false,
    SecretID: "",
    Attributes: node.attributes,
    Meta: node.meta,
    Links: {},
    NodeResources: resourcesShape(node),
    ReservedResources: reservedShape(node),
    Resources: legacyResources(node),
    Reserved: null,
    DrainStrategy: drainShape(node),
    StatusUpdatedAt: Math.floor((notes?.statusChangedAtMs ?? 0) / 1000),
    Events: eventsOf(state, notes),
    HostVolumes: hostVolumes(node),
    GCVolumes: null,
    HostNetworks: Object.fromEntries(
      Object.entries(node.hostNetworks).map(([name, { address }]) => [
        name,
        { Name: name, CIDR: address, Interface: "", ReservedPorts: "" },
      ]),
    ),
    CSIControllerPlugins: null,
    CSINodePlugins: null,
    CgroupParent: "",
    NodeMaxAllocs: node.maxInstances ?? 0,
  };
}

/** A node in a list. */
export function nodeStub(
  state: State,
  node: Node,
  options: { readonly hasResources: boolean; readonly hasOs: boolean },
): Json {
  return {
    ...common(state, node),
    Address: addressOf(node),
    Attributes: options.hasOs
      ? {
          "os.name": node.attributes["os.name"] ?? "",
          "os.version": node.attributes["os.version"] ?? "",
          "kernel.name": node.attributes["kernel.name"] ?? "",
        }
      : null,
    Version: node.attributes["nomad.version"] ?? "",
    HostVolumes: hostVolumes(node),
    ...(options.hasResources && {
      NodeResources: resourcesShape(node),
      ReservedResources: reservedShape(node),
    }),
  };
}

function common(state: State, node: Node): Json {
  const entry = state.nodes.entry(node.id);
  const notes = state.nodeNotes.get(node.id);
  return {
    ID: node.id,
    Name: node.name,
    Datacenter: node.zone,
    NodeClass: node.class,
    NodePool: node.pool,
    Drain: node.drain !== undefined,
    SchedulingEligibility: node.isEligible ? "eligible" : "ineligible",
    Status: node.status,
    StatusDescription: notes?.statusReason ?? "",
    Drivers: driversShape(node, notes),
    LastDrain: lastDrain(notes),
    CreateIndex: entry?.createdIndex ?? 0,
    ModifyIndex: entry?.modifiedIndex ?? 0,
  };
}

function addressOf(node: Node): string {
  return (
    node.attributes["unique.network.ip-address"] ??
    Object.values(node.hostNetworks)[0]?.address ??
    "127.0.0.1"
  );
}

function driversShape(node: Node, notes: NodeNotes | undefined): Json {
  const seenAt = timeText(notes?.statusChangedAtMs ?? 0);
  const entries = Object.entries(node.drivers).map(([name, driver]) => [
    name,
    driverShape(node, name, driver, seenAt),
  ]);
  return Object.fromEntries(entries) as Json;
}

function driverShape(node: Node, name: string, driver: DriverState, seenAt: string): Json {
  const own = Object.entries(node.attributes).filter(
    ([key]) => key === `driver.${name}` || key.startsWith(`driver.${name}.`),
  );
  return {
    Attributes: own.length > 0 ? Object.fromEntries(own) : null,
    Detected: driver.isDetected,
    Healthy: driver.isHealthy,
    HealthDescription: driver.description ?? (driver.isHealthy ? "Healthy" : ""),
    UpdateTime: seenAt,
  };
}

function resourcesShape(node: Node): Json {
  const { capacity, dynamicPorts, hostNetworks, devices } = node;
  return {
    Cpu: {
      CpuShares: capacity.cpuMhz,
      TotalCpuCores: capacity.cores,
      ReservableCpuCores: Array.from({ length: capacity.cores }, (_, index) => index),
    },
    Memory: { MemoryMB: megabytes(capacity.memoryBytes) },
    Disk: { DiskMB: megabytes(capacity.diskBytes) },
    Networks: Object.values(hostNetworks).map(({ address }) => ({
      Mode: "host",
      Device: "",
      CIDR: "",
      IP: address,
      Hostname: "",
      MBits: 0,
      DNS: null,
      ReservedPorts: null,
      DynamicPorts: null,
    })),
    Devices:
      devices.length === 0
        ? null
        : devices.map((device) => ({
            Vendor: device.vendor,
            Type: device.type,
            Name: device.name,
            Instances: device.ids.map((ID) => ({ ID, Healthy: true, HealthDescription: "", Locality: null })),
            Attributes: device.attributes,
          })),
    MinDynamicPort: dynamicPorts.low,
    MaxDynamicPort: dynamicPorts.high,
  };
}

function reservedShape({ reserved }: Node): Json {
  return {
    Cpu: { CpuShares: reserved.cpuMhz, ReservedCpuCores: null },
    Memory: { MemoryMB: megabytes(reserved.memoryBytes) },
    Disk: { DiskMB: megabytes(reserved.diskBytes) },
    Networks: { ReservedHostPorts: reserved.ports.join(",") },
  };
}

/** The form in which resources were told before `NodeResources`. */
function legacyResources({ capacity }: Node): Json {
  return {
    CPU: capacity.cpuMhz,
    Cores: capacity.cores,
    MemoryMB: megabytes(capacity.memoryBytes),
    DiskMB: megabytes(capacity.diskBytes),
    IOPS: 0,
    Networks: null,
    Devices: null,
  };
}

function drainShape({ drain }: Node): Json | null {
  if (!drain) return null;
  const { startedAtMs, forceAtMs, ignoresSystemJobs } = drain;
  return {
    Deadline:
      forceAtMs === undefined ? 0 : nanoseconds(forceAtMs <= startedAtMs ? -1 : forceAtMs - startedAtMs),
    IgnoreSystemJobs: ignoresSystemJobs,
    ForceDeadline: timeText(forceAtMs),
    StartedAt: timeText(startedAtMs),
  };
}

function lastDrain(notes: NodeNotes | undefined): Json | null {
  const drain = notes?.lastDrain;
  if (!drain) return null;
  return {
    StartedAt: timeText(drain.startedAtMs),
    UpdatedAt: timeText(drain.updatedAtMs),
    Status: drain.status,
    AccessorID: drain.accessorId,
    Meta: drain.meta,
  };
}

function eventsOf(state: State, notes: NodeNotes | undefined): Json[] {
  const createdIndex = notes ? (state.nodeNotes.entry(notes.nodeId)?.createdIndex ?? 0) : 0;
  return (notes?.events ?? []).map((event: NodeEvent) => ({
    Message: event.message,
    Subsystem: event.subsystem,
    Details: Object.keys(event.details).length > 0 ? event.details : null,
    Timestamp: timeText(event.atMs),
    CreateIndex: createdIndex,
  }));
}

function hostVolumes({ hostVolumes: volumes }: Node): Json | null {
  const entries = Object.entries(volumes).map(([name, { path, isReadOnly }]) => [
    name,
    { Name: name, Path: path, ReadOnly: isReadOnly, ID: "" },
  ]);
  return entries.length > 0 ? (Object.fromEntries(entries) as Json) : null;
}
