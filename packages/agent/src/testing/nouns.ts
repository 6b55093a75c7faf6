/** Jobs and allocations of which a test says only what matters to it. */
import type { Allocation, GrantedPort } from "@fractus/core/allocation.ts";
import type { Group, Job, Service, ServiceCheck, Task } from "@fractus/core/job.ts";

const MEBIBYTE = 1024 * 1024;

export function someTask(more: Partial<Task> = {}): Task {
  return {
    name: "web",
    driver: "sim",
    config: {},
    env: {},
    constraints: [],
    affinities: [],
    services: [],
    resources: { cpuMhz: 100, cores: 0, memoryBytes: 64 * MEBIBYTE, networks: [], devices: [] },
    meta: {},
    killTimeoutMs: 5000,
    logs: { maxFiles: 10, maxFileBytes: 10 * MEBIBYTE, disabled: false },
    artifacts: [],
    templates: [],
    volumeMounts: [],
    leader: false,
    ...more,
  };
}

export function someGroup(tasks: readonly Task[], more: Partial<Group> = {}): Group {
  return {
    name: "front",
    count: 1,
    constraints: [],
    affinities: [],
    spreads: [],
    tasks,
    networks: [],
    services: [],
    volumes: {},
    ephemeralDisk: { sizeBytes: MEBIBYTE, sticky: false, migrate: false },
    restart: { attempts: 2, intervalMs: 1_800_000, delayMs: 15_000, mode: "fail" },
    meta: {},
    ...more,
  };
}

export function someJob(group: Group, more: Partial<Job> = {}): Job {
  return {
    project: "default",
    id: "shop",
    name: "shop",
    type: "service",
    priority: 50,
    allAtOnce: false,
    zones: ["*"],
    pool: "default",
    constraints: [],
    affinities: [],
    spreads: [],
    groups: [group],
    meta: {},
    stopped: false,
    dispatched: false,
    status: "running",
    stable: false,
    version: 0,
    createdIndex: 1,
    specIndex: 1,
    submittedAtMs: 0,
    ...more,
  };
}

export function someAllocation(id: string, more: Partial<Allocation> = {}): Allocation {
  return {
    id,
    project: "default",
    name: "shop.front[0]",
    nodeId: "node",
    desired: "run",
    status: "pending",
    grant: {
      cpuMhz: 100,
      memoryBytes: 64 * MEBIBYTE,
      diskBytes: MEBIBYTE,
      cores: [],
      ports: [],
      devices: [],
      tasks: {},
    },
    createdAtMs: 0,
    modifiedAtMs: 0,
    jobId: "shop",
    jobVersion: 0,
    specIndex: 1,
    group: "front",
    evaluationId: "e1",
    transition: {},
    tasks: {},
    reschedules: [],
    ...more,
  };
}

export function withPorts(allocation: Allocation, ports: Readonly<Record<string, number>>): Allocation {
  const granted: GrantedPort[] = Object.entries(ports).map(([label, port]) => ({
    label,
    port,
    to: 0,
    hostNetwork: "default",
    address: "127.0.0.1",
  }));
  return { ...allocation, grant: { ...allocation.grant, ports: granted } };
}

export function someService(name: string, more: Partial<Service> = {}): Service {
  return { name, provider: "nomad", tags: [], checks: [], ...more };
}

export function someCheck(more: Partial<ServiceCheck> = {}): ServiceCheck {
  return { name: "alive", type: "tcp", intervalMs: 1000, timeoutMs: 500, ...more };
}
