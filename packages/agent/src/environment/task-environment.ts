import { isIPv6 } from "node:net";
import type { Allocation, GrantedPort } from "@fractus/core/allocation.ts";
import { allocationIndex } from "@fractus/core/allocation.ts";
import type { Group, Job, Task } from "@fractus/core/job.ts";
import type { TaskDirectory } from "@fractus/drivers/task-directory.ts";
import type { NodeFacts } from "../control-link.ts";
import { interpolate } from "./interpolate.ts";

export interface TaskEnvironmentInput {
  readonly node: NodeFacts;
  readonly job: Job;
  readonly allocation: Allocation;
  readonly group: Group;
  readonly task: Task;
  readonly directory: TaskDirectory;
  /** The same directories as the task sees them, where it has a root file system of its own. */
  readonly paths?: { readonly alloc: string; readonly local: string; readonly secrets: string };
  /** Where the tasks have a network of their own: their side of it. */
  readonly ownNetwork?: { readonly interface: string; readonly address: string };
  /** The cgroup the task's own one is made in. */
  readonly parentCgroup?: string;
  /** The socket by which the task reaches the cloud's API. */
  readonly unixAddress?: string;
}

const bytesPerMebibyte = 1024 * 1024;

/**
 * The NOMAD_* variables and the task's own environment, which may refer to them, to the node and to
 * entries above. The host's environment is not in it: the caller adds that where a driver wants it.
 *
 * Source: https://developer.hashicorp.com/nomad/docs/reference/runtime-environment-settings
 */
export function taskEnvironment(input: TaskEnvironmentInput): Record<string, string> {
  const env: Record<string, string> = {
    ...directories(input),
    ...limits(input),
    ...identity(input),
    ...ports(input),
  };
  for (const [name, value] of meta(input)) {
    const text = interpolate(value, { env, node: input.node });
    env[variableName(`NOMAD_META_${name.toUpperCase()}`)] = text;
    env[variableName(`NOMAD_META_${name}`)] = text;
  }
  for (const [name, value] of Object.entries(input.task.env))
    env[name.replace(/[^A-Za-z0-9_.]/g, "_")] = interpolate(value, { env, node: input.node });
  return env;
}

function directories({ directory, paths }: TaskEnvironmentInput): Record<string, string> {
  return {
    NOMAD_ALLOC_DIR: paths?.alloc ?? directory.shared,
    NOMAD_TASK_DIR: paths?.local ?? directory.local,
    NOMAD_SECRETS_DIR: paths?.secrets ?? directory.secrets,
  };
}

/** Memory in MiB, CPU in MHz, as job files ask for them. */
function limits({
  task,
  allocation,
  parentCgroup,
  unixAddress,
}: TaskEnvironmentInput): Record<string, string> {
  const grant = allocation.grant.tasks[task.name] ?? task.resources;
  const cores = allocation.grant.tasks[task.name]?.cores ?? [];
  return present({
    NOMAD_CPU_LIMIT: String(grant.cpuMhz),
    NOMAD_CPU_CORES: cores.length > 0 ? coreRanges(cores) : undefined,
    NOMAD_MEMORY_LIMIT: mebibytes(grant.memoryBytes),
    NOMAD_MEMORY_MAX_LIMIT: grant.memoryMaxBytes ? mebibytes(grant.memoryMaxBytes) : undefined,
    NOMAD_PARENT_CGROUP: parentCgroup,
    NOMAD_UNIX_ADDR: unixAddress,
  });
}

function identity({ node, job, allocation, group, task }: TaskEnvironmentInput): Record<string, string> {
  const index = allocationIndex(allocation.name);
  return present({
    NOMAD_ALLOC_ID: allocation.id,
    NOMAD_SHORT_ALLOC_ID: allocation.id.slice(0, 8),
    NOMAD_ALLOC_NAME: allocation.name,
    NOMAD_ALLOC_INDEX: index >= 0 ? String(index) : undefined,
    NOMAD_TASK_NAME: task.name,
    NOMAD_GROUP_NAME: group.name,
    NOMAD_JOB_ID: job.id,
    NOMAD_JOB_NAME: job.name,
    NOMAD_JOB_PARENT_ID: job.parentId,
    NOMAD_DC: node.zone,
    NOMAD_REGION: "global",
    NOMAD_NAMESPACE: job.project,
  });
}

/** By label; a port that a task asked for by itself also by `TASK_LABEL`, as job files of 2020 use it. */
function ports({ allocation, group, ownNetwork }: TaskEnvironmentInput): Record<string, string> {
  const env: Record<string, string> = {};
  for (const port of allocation.grant.ports) {
    Object.assign(env, portVariables(port, port.label));
    if (ownNetwork) Object.assign(env, ownPortVariables(port, ownNetwork));
    for (const task of group.tasks) {
      const asked = task.resources.networks.flatMap((network) => network.ports);
      if (asked.some((ask) => ask.label === port.label))
        Object.assign(env, portVariables(port, `${task.name}_${port.label}`));
    }
  }
  return env;
}

function portVariables(port: GrantedPort, label: string): Record<string, string> {
  return {
    [variableName(`NOMAD_IP_${label}`)]: port.address,
    [variableName(`NOMAD_PORT_${label}`)]: String(innerPort(port)),
    [variableName(`NOMAD_HOST_PORT_${label}`)]: String(port.port),
    [variableName(`NOMAD_ADDR_${label}`)]: hostAndPort(port.address, port.port),
  };
}

function ownPortVariables(
  port: GrantedPort,
  network: { readonly interface: string; readonly address: string },
): Record<string, string> {
  return {
    [variableName(`NOMAD_ALLOC_INTERFACE_${port.label}`)]: network.interface,
    [variableName(`NOMAD_ALLOC_IP_${port.label}`)]: network.address,
    [variableName(`NOMAD_ALLOC_ADDR_${port.label}`)]: hostAndPort(network.address, innerPort(port)),
  };
}

/** The port to bind. */
function innerPort(port: GrantedPort): number {
  return port.to > 0 ? port.to : port.port;
}

function hostAndPort(address: string, port: number): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The nearest to the task wins. */
function meta({ job, group, task }: TaskEnvironmentInput): [string, string][] {
  return Object.entries({ ...job.meta, ...group.meta, ...task.meta });
}

/** `0-2,5`, as in a cpuset. */
function coreRanges(cores: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const core of cores.toSorted((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && core <= last[1] + 1) last[1] = core;
    else runs.push([core, core]);
  }
  return runs.map(([low, high]) => (low === high ? `${low}` : `${low}-${high}`)).join(",");
}

function variableName(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, "_");
}

function mebibytes(bytes: number): string {
  return String(Math.floor(bytes / bytesPerMebibyte));
}

function present(entries: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).filter((entry) => entry[1] !== undefined)) as Record<
    string,
    string
  >;
}
