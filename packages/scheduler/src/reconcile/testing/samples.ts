/** Jobs, groups and allocations for tests: complete records, of which a test says only what matters to it. */
import type { Allocation, Grant } from "@fractus/core/allocation.ts";
import { allocationName } from "@fractus/core/allocation.ts";
import type { Deployment } from "@fractus/core/deployment.ts";
import type { Group, Job, ReschedulePolicy, Task, UpdatePolicy } from "@fractus/core/job.ts";

const mebibyte = 1024 ** 2;

export function sampleTask(change: Partial<Task> = {}): Task {
  return {
    name: "main",
    driver: "process",
    config: { command: "serve" },
    env: {},
    constraints: [],
    affinities: [],
    services: [],
    resources: { cpuMhz: 100, cores: 0, memoryBytes: 300 * mebibyte, networks: [], devices: [] },
    meta: {},
    killTimeoutMs: 5_000,
    logs: { maxFiles: 10, maxFileBytes: 10 * mebibyte, disabled: false },
    artifacts: [],
    templates: [],
    volumeMounts: [],
    leader: false,
    ...change,
  };
}

export function sampleGroup(change: Partial<Group> = {}): Group {
  return {
    name: "web",
    count: 1,
    constraints: [],
    affinities: [],
    spreads: [],
    tasks: [sampleTask()],
    networks: [],
    services: [],
    volumes: {},
    ephemeralDisk: { sizeBytes: 300 * mebibyte, sticky: false, migrate: false },
    restart: { attempts: 2, intervalMs: 1_800_000, delayMs: 15_000, mode: "fail" },
    meta: {},
    ...change,
  };
}

export function sampleJob(change: Partial<Job> = {}): Job {
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
    groups: [sampleGroup()],
    meta: {},
    stopped: false,
    dispatched: false,
    status: "pending",
    stable: false,
    version: 0,
    createdIndex: 1,
    specIndex: 1,
    submittedAtMs: 0,
    ...change,
  };
}

export const sampleUpdate: UpdatePolicy = {
  maxParallel: 1,
  healthCheck: "checks",
  minHealthyMs: 10_000,
  healthyDeadlineMs: 300_000,
  progressDeadlineMs: 600_000,
  staggerMs: 30_000,
  canaries: 0,
  autoRevert: false,
  autoPromote: false,
};

export const sampleReschedule: ReschedulePolicy = {
  attempts: 0,
  intervalMs: 0,
  unlimited: true,
  delayMs: 30_000,
  delayFunction: "exponential",
  maxDelayMs: 3_600_000,
};

export const sampleGrant: Grant = {
  cpuMhz: 100,
  memoryBytes: 300 * mebibyte,
  diskBytes: 300 * mebibyte,
  cores: [],
  ports: [],
  devices: [],
  tasks: {},
};

export function sampleAllocation(change: Partial<Allocation> & { readonly index?: number } = {}): Allocation {
  const { index = 0, ...rest } = change;
  const group = rest.group ?? "web";
  const jobId = rest.jobId ?? "shop";
  return {
    id: `${group}${index}`,
    project: "default",
    name: allocationName({ jobId, group, index }),
    nodeId: "n1",
    desired: "run",
    status: "running",
    grant: sampleGrant,
    createdAtMs: 0,
    modifiedAtMs: 0,
    jobId,
    jobVersion: 0,
    specIndex: 1,
    group,
    evaluationId: "e0",
    transition: {},
    tasks: { main: { status: "running", failed: false, restarts: 0, startedAtMs: 0 } },
    reschedules: [],
    ...rest,
  };
}

export function sampleDeployment(change: Partial<Deployment> = {}): Deployment {
  return {
    id: "d1",
    project: "default",
    jobId: "shop",
    jobVersion: 0,
    jobCreatedIndex: 1,
    specIndex: 1,
    status: "running",
    statusReason: "Deployment is running",
    groups: {},
    createdAtMs: 0,
    modifiedAtMs: 0,
    ...change,
  };
}
