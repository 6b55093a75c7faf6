/** What is there at one moment: as the cloud tells it, and as the machine shows it. */
import type { Client } from "@fractus/client/client.ts";
import type { AllocationStub } from "@fractus/client/types/allocation.ts";
import type { Evaluation } from "@fractus/client/types/evaluation.ts";
import type { Job, JobStub } from "@fractus/client/types/job.ts";
import type { NodeStub } from "@fractus/client/types/node.ts";
import { taskProcesses, type TaskProcess } from "./processes.ts";

export interface Scene {
  readonly jobs: readonly JobStub[];
  /** Those that want copies. */
  readonly wanted: readonly Job[];
  readonly allocations: readonly AllocationStub[];
  readonly evaluations: readonly Evaluation[];
  readonly nodes: readonly NodeStub[];
  readonly processes: readonly TaskProcess[];
}

export async function look(client: Client, folder: string): Promise<Scene> {
  const [jobs, allocations, evaluations, nodes] = await Promise.all([
    client.jobs.list(),
    client.allocations.list(),
    client.evaluations.list(),
    client.nodes.list(),
  ]);
  const active = jobs.filter((one) => !one.Stop && !one.ParameterizedJob && !isDone(one));
  const wanted = await Promise.all(active.map((one) => client.jobs.get(one.ID)));
  return { jobs, wanted, allocations, evaluations, nodes, processes: taskProcesses(folder) };
}

/** A batch job whose copies have all come to their end. */
function isDone({ Type, Status }: JobStub): boolean {
  return Type === "batch" && Status === "dead";
}

export function isLive(one: AllocationStub): boolean {
  return one.DesiredStatus === "run" && ["pending", "running", "unknown"].includes(one.ClientStatus);
}

/** The running tasks: by allocation, the process. */
export function tasksOf({ processes }: Pick<Scene, "processes">): Map<string, TaskProcess> {
  return new Map(processes.filter((one) => one.isTask).map((one) => [one.allocation, one]));
}
