import { allocationIndex } from "@fractus/core/allocation.ts";
import type { Allocation } from "@fractus/core/allocation.ts";
import type { Group, Task } from "@fractus/core/job.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { TaskMount, TaskPort, TaskSpec } from "@fractus/drivers/driver.ts";
import type { TaskDirectory } from "@fractus/drivers/task-directory.ts";
import { findUserHere } from "@fractus/drivers/users.ts";
import type { NodeFacts } from "../control-link.ts";

/** What the driver is asked to run. The task is interpolated already. */
export function taskSpec(input: {
  readonly task: Task;
  readonly group: Group;
  readonly allocation: Allocation;
  readonly node: NodeFacts;
  readonly env: Readonly<Record<string, string>>;
  readonly directory: TaskDirectory;
  readonly run: number;
}): TaskSpec {
  const { task, allocation, env, directory } = input;
  const grant = allocation.grant.tasks[task.name] ?? task.resources;
  const mounts = mountsOf(input);
  const ports = portsOf(allocation);
  return {
    id: `${allocation.id}/${task.name}/${input.run}`,
    name: task.name,
    config: task.config,
    env,
    ...(task.user !== undefined && task.user !== "" && { user: task.user }),
    resources: {
      cpuMhz: grant.cpuMhz,
      memoryBytes: grant.memoryBytes,
      ...(grant.memoryMaxBytes !== undefined && { memoryMaxBytes: grant.memoryMaxBytes }),
    },
    logs: task.logs,
    directory,
    ...(mounts.length > 0 && { mounts }),
    ...(ports.length > 0 && { ports }),
  };
}

/** For drivers whose tasks have a network of their own. */
function portsOf({ grant }: Allocation): TaskPort[] {
  return grant.ports.map(({ label, address, port, to }) => ({
    label,
    hostAddress: address,
    hostPort: port,
    containerPort: to > 0 ? to : port,
  }));
}

function mountsOf({ task, group, allocation, node }: Parameters<typeof taskSpec>[0]): TaskMount[] {
  return task.volumeMounts.map((mount) => {
    const volume = group.volumes[mount.volume];
    if (!volume) throw new Refusal("invalid", `The group has no volume ${JSON.stringify(mount.volume)}.`);
    const source = volume.perInstance
      ? `${volume.source}[${allocationIndex(allocation.name)}]`
      : volume.source;
    const onHost = node.hostVolumes[source];
    if (volume.type !== "host" || !onHost)
      throw new Refusal("invalid", `This node has no ${volume.type} volume ${JSON.stringify(source)}.`);
    return {
      source: onHost.path,
      destination: mount.destination,
      readOnly: mount.readOnly || volume.readOnly || onHost.isReadOnly,
    };
  });
}

/** Whom the task's directories belong to: the user it will run as, as far as this machine knows that. */
export function ownerOf(task: Pick<Task, "driver" | "user">): { uid: number; gid: number } {
  const agent = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  if (agent.uid !== 0 || !accountDrivers.has(task.driver)) return agent;
  if (task.user) return findUserHere(task.user);
  return task.driver === "raw_exec" ? agent : findUserHere("nobody");
}

const accountDrivers = new Set(["raw_exec", "exec", "java"]);

/** Drivers whose tasks run in the machine's file system or a copy of it, and so inherit its environment. */
export function inheritsEnvironment(driver: string): boolean {
  return accountDrivers.has(driver);
}

/** Paths as they are for a task with a root file system of its own; absent where it sees the machine's. */
export function pathsInTask(
  driver: string,
): { readonly alloc: string; readonly local: string; readonly secrets: string } | undefined {
  const sharesRoot =
    driver === "raw_exec" || driver === "sim" || (driver === "java" && process.getuid?.() !== 0);
  return sharesRoot ? undefined : { alloc: "/alloc", local: "/local", secrets: "/secrets" };
}
