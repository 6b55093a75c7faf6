/** What comes about once nothing goes wrong any more: exactly what is wanted runs, where the cloud says. */
import type { AllocationStub } from "@fractus/client/types/allocation.ts";
import type { Job } from "@fractus/client/types/job.ts";
import { isLive, type Scene } from "./scene.ts";

/** What is not yet as it is wanted, in words; empty when everything is. */
export function unsettled(scene: Scene, directoryOf: (node: string) => string): string[] {
  return [
    ...scene.nodes
      .filter((one) => one.Status !== "ready" || one.SchedulingEligibility !== "eligible")
      .map((one) => `node ${one.Name} is ${one.Status} and ${one.SchedulingEligibility}`),
    ...scene.evaluations
      .filter((one) => one.Status === "pending")
      .map((one) => `an evaluation of ${one.JobID} is pending`),
    ...scene.wanted.flatMap((job) => unsettledJob(scene, job)),
    ...unwanted(scene),
    ...scene.allocations.filter(isLive).flatMap((one) => unsettledCopy(scene, one, directoryOf)),
    ...strayProcesses(scene),
  ];
}

function unsettledJob({ allocations, evaluations }: Scene, job: Job): string[] {
  const group = job.TaskGroups![0];
  const count = group.Count ?? 1;
  const own = allocations.filter((one) => one.JobID === job.ID);
  const live = own.filter(isLive);
  const outdated = live.filter((one) => one.JobVersion !== job.Version);
  const isBlocked = evaluations.some((one) => one.JobID === job.ID && one.Status === "blocked");
  if (job.Type === "batch" && !isBlocked) return [`batch job ${job.ID} is not done`];
  const isRight = live.length === count || (isBlocked && live.length < count);
  return [
    ...(isRight ? [] : [`job ${job.ID} has ${live.length} copies of ${count}`]),
    ...(outdated.length > 0 && !isBlocked ? [`job ${job.ID} has copies of an older version`] : []),
  ];
}

/** Copies of jobs that nobody wants any more. */
function unwanted({ jobs, allocations }: Scene): string[] {
  const wanting = new Set(jobs.filter((one) => !one.Stop).map((one) => one.ID));
  return allocations
    .filter((one) => isLive(one) && !wanting.has(one.JobID))
    .map((one) => `${inWords(one)} of a job that is not wanted is ${one.ClientStatus}`);
}

function unsettledCopy(
  { processes }: Scene,
  one: AllocationStub,
  directoryOf: (node: string) => string,
): string[] {
  if (one.ClientStatus !== "running") return [`${inWords(one)} is ${one.ClientStatus}`];
  const tasks = processes.filter(({ allocation, isTask }) => isTask && allocation === one.ID);
  if (tasks.length === 0) return [`${inWords(one)} is said to run and has no process`];
  const elsewhere = tasks.filter(({ directory }) => !directory.startsWith(`${directoryOf(one.NodeName)}/`));
  return elsewhere.map(({ directory }) => `${inWords(one)} is on ${one.NodeName} and runs in ${directory}`);
}

function strayProcesses({ allocations, processes }: Scene): string[] {
  const live = new Set(allocations.filter(isLive).map((one) => one.ID));
  const known = new Map(allocations.map((one) => [one.ID, one]));
  return processes
    .filter(({ allocation }) => !live.has(allocation))
    .map(({ pid, allocation, directory }) => {
      const one = known.get(allocation);
      const words = one
        ? `${inWords(one)} is ${one.ClientStatus}, desired ${one.DesiredStatus}`
        : `allocation ${allocation} is unknown`;
      return `${words}, and process ${pid} of it runs in ${directory}`;
    });
}

export function inWords({ Name, ID, NodeName }: AllocationStub): string {
  return `${Name} ${ID.slice(0, 8)} on ${NodeName}`;
}
