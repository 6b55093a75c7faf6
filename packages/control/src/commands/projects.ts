/** Projects, which job files call namespaces, and pools of nodes. */
import { Refusal } from "@fractus/core/refusal.ts";
import type { Context } from "../context.ts";
import type { NodePool, Project } from "../state/records.ts";

export const builtInPools: readonly NodePool[] = [
  { name: "all", description: "Node pool with all nodes in the cluster.", meta: {} },
  { name: "default", description: "Default node pool.", meta: {} },
];

export const defaultProject: Project = { name: "default", description: "Default shared namespace", meta: {} };

/** @throws Refusal invalid for a name that is none */
export function putProject(context: Context, project: Project): Promise<number> {
  refuseBadName(project.name, "namespace");
  return context.ledger.transact("project", (draft) => {
    draft.put("projects", project);
    return draft.index;
  });
}

/** @throws Refusal not-found; invalid for the default one; conflict while something is in it */
export function deleteProject(context: Context, name: string): Promise<number> {
  return context.ledger.transact("project", (draft) => {
    if (!draft.state.projects.get(name)) throw new Refusal("not-found", `namespace "${name}" not found`);
    if (name === defaultProject.name) throw new Refusal("invalid", "can not delete default namespace");
    const jobs = draft.state.jobs.by("project", name).filter(({ job }) => job.status !== "dead");
    if (jobs.length > 0)
      throw new Refusal(
        "conflict",
        `namespace "${name}" has non-terminal jobs in it: ${jobs.map(({ job }) => job.id).join(", ")}`,
      );
    if (draft.state.variables.idsBy("project", name).size > 0)
      throw new Refusal("conflict", `namespace "${name}" has variables in it`);
    draft.remove("projects", name);
    return draft.index;
  });
}

/** @throws Refusal invalid for a name that is none, or that is built in */
export function putPool(context: Context, pool: NodePool): Promise<number> {
  refuseBadName(pool.name, "node pool");
  if (builtInPools.some((one) => one.name === pool.name))
    throw new Refusal("invalid", `modifying node pool "${pool.name}" is not allowed`);
  return context.ledger.transact("pool", (draft) => {
    draft.put("pools", pool);
    return draft.index;
  });
}

/** @throws Refusal not-found; invalid for a built-in one; conflict while nodes or jobs are in it */
export function deletePool(context: Context, name: string): Promise<number> {
  return context.ledger.transact("pool", (draft) => {
    if (builtInPools.some((one) => one.name === name))
      throw new Refusal("invalid", `deleting node pool "${name}" is not allowed`);
    if (!draft.state.pools.get(name)) throw new Refusal("not-found", `node pool "${name}" not found`);
    for (const node of draft.state.nodes.values())
      if (node.pool === name) throw new Refusal("conflict", `node pool "${name}" has nodes`);
    for (const { job } of draft.state.jobs.values()) {
      if (job.pool === name && job.status !== "dead")
        throw new Refusal("conflict", `node pool "${name}" has jobs: ${job.id}`);
    }
    draft.remove("pools", name);
    return draft.index;
  });
}

function refuseBadName(name: string, noun: string): void {
  if (!/^[a-zA-Z0-9-_]{1,128}$/.test(name))
    throw new Refusal(
      "invalid",
      `invalid ${noun} name "${name}": use letters, digits, - and _, at most 128 of them`,
    );
}
