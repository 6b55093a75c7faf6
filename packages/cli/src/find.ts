/**
 * Objects by their ID, or by as much of it as tells them apart: the server lists what begins with it.
 * IDs in words of a person are cut short everywhere, so every command takes them so.
 */
import type { Allocation, AllocationStub } from "@fractus/client/types/allocation.ts";
import type { Deployment } from "@fractus/client/types/deployment.ts";
import type { Evaluation } from "@fractus/client/types/evaluation.ts";
import type { Job, JobStub } from "@fractus/client/types/job.ts";
import type { Node, NodeStub } from "@fractus/client/types/node.ts";
import type { Context } from "./context.ts";
import { Failure } from "./failure.ts";
import { indented, shortId, table } from "./format.ts";

/** The one item with the ID, or else the only one that begins with it. */
function choose<T>(
  items: readonly T[],
  wanted: string,
  show: { readonly what: string; readonly idOf: (item: T) => string; readonly words: (item: T) => string },
): T {
  const exact = items.find((item) => show.idOf(item) === wanted);
  if (exact) return exact;
  if (items.length === 1) return items[0];
  if (items.length === 0)
    throw new Failure(`Error: there is no ${show.what} whose ID is or begins with "${wanted}".`);
  const rows = items.slice(0, 20).map((item) => [show.idOf(item), show.words(item)]);
  const list = indented(table([["ID", "Status"], ...rows]), 2);
  throw new Failure(`Error: "${wanted}" is the beginning of ${items.length} ${show.what}s:\n${list}`);
}

/** Lists by prefix want whole pairs of hexadecimal digits from some servers; hyphens and odd lengths are cut here. */
function uuidPrefix(text: string): string {
  return text.length === 36 || text.length % 2 === 0 ? text : text.slice(0, -1);
}

async function byUuid<T>(
  wanted: string,
  list: (prefix: string) => Promise<readonly T[]>,
  show: { readonly what: string; readonly idOf: (item: T) => string; readonly words: (item: T) => string },
): Promise<T> {
  if (!/^[0-9a-f-]+$/i.test(wanted)) return choose([], wanted, show);
  const found = (await list(uuidPrefix(wanted))) ?? [];
  return choose(
    found.filter((item) => show.idOf(item).startsWith(wanted)),
    wanted,
    show,
  );
}

export async function findJobStub({ client }: Context, wanted: string): Promise<JobStub> {
  const list = (await client.jobs.list({ prefix: wanted })) ?? [];
  return choose(list, wanted, {
    what: "job",
    idOf: (job) => job.ID,
    words: (job) => (job.Stop ? `${job.Status} (stopped)` : job.Status),
  });
}

export async function findJob(context: Context, wanted: string): Promise<Job> {
  const { ID, Namespace } = await findJobStub(context, wanted);
  return context.client.jobs.get(ID, inNamespace(Namespace));
}

/** A query for an object whose namespace is known. */
export function inNamespace(namespace: string | undefined): { readonly namespace?: string } {
  return namespace ? { namespace } : {};
}

export function findAllocationStub({ client }: Context, wanted: string): Promise<AllocationStub> {
  return byUuid(wanted, (prefix) => client.allocations.list({ prefix }), {
    what: "allocation",
    idOf: (allocation) => allocation.ID,
    words: (allocation) => `${allocation.ClientStatus} ${allocation.Name}`,
  });
}

export async function findAllocation(context: Context, wanted: string): Promise<Allocation> {
  const { ID, Namespace } = await findAllocationStub(context, wanted);
  return context.client.allocations.get(ID, inNamespace(Namespace));
}

/** By ID or, as no other node begins so, by name. */
export async function findNodeStub({ client }: Context, wanted: string): Promise<NodeStub> {
  const show = {
    what: "node",
    idOf: (node: NodeStub) => node.ID,
    words: (node: NodeStub) => `${node.Status} ${node.Name}`,
  };
  const list = await client.nodes.list();
  const byName = list.filter((node) => node.Name === wanted);
  if (byName.length === 1) return byName[0];
  return choose(
    list.filter((node) => node.ID.startsWith(wanted)),
    wanted,
    show,
  );
}

export async function findNode(context: Context, wanted: string): Promise<Node> {
  return context.client.nodes.get((await findNodeStub(context, wanted)).ID);
}

export function findEvaluation({ client }: Context, wanted: string): Promise<Evaluation> {
  return byUuid(wanted, (prefix) => client.evaluations.list({}, { prefix }), {
    what: "evaluation",
    idOf: (evaluation) => evaluation.ID,
    words: (evaluation) => `${evaluation.Status} ${evaluation.TriggeredBy}`,
  });
}

export function findDeployment({ client }: Context, wanted: string): Promise<Deployment> {
  return byUuid(wanted, (prefix) => client.deployments.list({ prefix }), {
    what: "deployment",
    idOf: (deployment) => deployment.ID,
    words: (deployment) => `${deployment.Status} ${deployment.JobID}`,
  });
}

/** The only task of an allocation, or the one that is named; the leader or the only running main one of several. */
export function taskOf(allocation: Allocation, named: string | undefined): string {
  const tasks = tasksOf(allocation);
  if (named !== undefined) {
    if (tasks.includes(named) || tasks.length === 0) return named;
    throw new Failure(
      `Error: allocation ${shortId(allocation.ID)} has no task "${named}"; it has ${tasks.join(", ")}.`,
    );
  }
  if (tasks.length === 1) return tasks[0];
  throw new Failure(
    `Error: allocation ${shortId(allocation.ID)} has several tasks; say which with -task: ${tasks.join(", ")}.`,
  );
}

/** In the order of the job file. */
export function tasksOf(allocation: Allocation): readonly string[] {
  const group = (allocation.Job?.TaskGroups ?? []).find((each) => each.Name === allocation.TaskGroup);
  const declared = (group?.Tasks ?? []).map((task) => task.Name);
  return declared.length > 0 ? declared : Object.keys(allocation.TaskStates ?? {}).sort();
}
