/**
 * What begins with a text, or holds it anywhere, among everything that the caller may see.
 * After https://developer.hashicorp.com/nomad/api-docs/search.
 */
import type { Json } from "@fractus/control/state/records.ts";
import type { Call } from "../call.ts";
import { Fault } from "../fault.ts";
import { type Route, write } from "../route.ts";
import { policyId, scaledGroups } from "../scaling-policy.ts";
import { bodyOf, type Taken } from "../fields.ts";

export const searchRoutes: readonly Route[] = [write("/search", prefix), write("/search/fuzzy", fuzzy)];

const mostMatches = 20;
const shortest = 2;

const searchRequest = { Prefix: "text", Text: "text", Context: "text", Namespace: "text" } as const;

/** For each kind, where to look. */
const prefixContexts: Readonly<Record<string, (call: Search) => Iterable<string>>> = {
  jobs: (search) => search.inNamespace("jobs").map((record) => record.job.id),
  evals: (search) => search.inNamespace("evaluations").map((one) => one.id),
  allocs: (search) => search.inNamespace("allocations").map((one) => one.id),
  deployment: (search) => search.inNamespace("deployments").map((one) => one.id),
  nodes: (search) => (search.readsNodes ? [...search.call.state.nodes.ids()] : []),
  node_pools: (search) =>
    [...search.call.state.pools.ids()].filter((name) => search.call.acl.allowsPool(name, "read")),
  namespaces: (search) => [...search.call.state.projects.ids()].filter((name) => search.call.acl.sees(name)),
  vars: (search) => search.variables(),
  scaling_policy: (search) =>
    search
      .inNamespace("jobs")
      .flatMap((record) => scaledGroups(record).map((group) => policyId(record, group))),
};

/** One search: where it looks, and what its caller may see. */
class Search {
  readonly call: Call;
  readonly namespace: string;

  constructor(call: Call, request: Taken<typeof searchRequest>) {
    this.call = call;
    this.namespace = request.Namespace || call.namespace;
  }

  get readsNodes(): boolean {
    return this.call.acl.allowsAt("node", "read");
  }

  reaches(project: string): boolean {
    const isAsked = this.namespace === "*" || this.namespace === project;
    return isAsked && this.call.acl.allows(project, "read-job");
  }

  inNamespace<Name extends "jobs" | "evaluations" | "allocations" | "deployments">(table: Name) {
    type Row = ReturnType<Call["state"][Name]["get"]> & {};
    const rows = this.call.state[table].values() as Iterable<Row>;
    return [...rows].filter((row) => this.reaches(projectOf(row)));
  }

  variables(): string[] {
    const { state, acl } = this.call;
    return [...state.variables.values()]
      .filter(
        ({ project, path }) =>
          (this.namespace === "*" || this.namespace === project) && acl.allowsVariable(project, path, "list"),
      )
      .map(({ path }) => path);
  }
}

function projectOf(
  row: { readonly project: string } | { readonly job: { readonly project: string } },
): string {
  return "job" in row ? row.job.project : row.project;
}

function prefix(call: Call): Json {
  const request = bodyOf(call, searchRequest);
  const text = request.Prefix ?? "";
  const search = new Search(call, request);
  const Matches: Record<string, readonly string[]> = {};
  const Truncations: Record<string, boolean> = {};
  for (const name of contextsOf(request.Context, Object.keys(prefixContexts))) {
    const found = [...prefixContexts[name](search)].filter((id) => id.startsWith(text)).sort();
    if (found.length > 0) Matches[name] = found.slice(0, mostMatches);
    Truncations[name] = found.length > mostMatches;
  }
  return { Matches, Truncations, Index: call.state.index, KnownLeader: true, LastContact: 0 };
}

function contextsOf(asked: string | undefined, known: readonly string[]): readonly string[] {
  if (!asked || asked === "all") return known;
  if (!known.includes(asked))
    throw new Fault(400, `There is no context ${JSON.stringify(asked)}: use all, ${known.join(", ")}.`);
  return [asked];
}

/** Something with a name, and what it is part of. */
interface Named {
  readonly ID: string;
  readonly Scope: readonly string[];
}

const fuzzyContexts: Readonly<Record<string, (search: Search) => readonly Named[]>> = {
  jobs: (search) =>
    search.inNamespace("jobs").map(({ job }) => ({ ID: job.name, Scope: [job.project, job.id] })),
  groups: (search) => eachGroup(search).map(({ scope, group }) => ({ ID: group.name, Scope: scope })),
  tasks: (search) => eachTask(search).map(({ scope, task }) => ({ ID: task.name, Scope: scope })),
  images: (search) =>
    eachTask(search).flatMap(({ scope, task }) => named(task.config.image, [...scope, task.name])),
  commands: (search) =>
    eachTask(search).flatMap(({ scope, task }) => named(task.config.command, [...scope, task.name])),
  classes: (search) =>
    eachTask(search).flatMap(({ scope, task }) => named(task.config.class, [...scope, task.name])),
  services: (search) => [
    ...eachGroup(search).flatMap(({ scope, group }) =>
      group.services.map(({ name }) => ({ ID: name, Scope: [...scope, group.name] })),
    ),
    ...eachTask(search).flatMap(({ scope, task }) =>
      task.services.map(({ name }) => ({ ID: name, Scope: [...scope, task.name] })),
    ),
  ],
  allocs: (search) =>
    search.inNamespace("allocations").map((one) => ({ ID: one.name, Scope: [one.project, one.id] })),
  nodes: (search) =>
    search.readsNodes
      ? [...search.call.state.nodes.values()].map((node) => ({ ID: node.name, Scope: [node.id] }))
      : [],
  node_pools: (search) => [...prefixContexts.node_pools(search)].map((ID) => ({ ID, Scope: [] })),
  namespaces: (search) => [...prefixContexts.namespaces(search)].map((ID) => ({ ID, Scope: [] })),
  vars: (search) => search.variables().map((ID) => ({ ID, Scope: [search.namespace] })),
};

function named(value: unknown, Scope: readonly string[]): Named[] {
  return typeof value === "string" && value !== "" ? [{ ID: value, Scope }] : [];
}

function eachGroup(search: Search) {
  return search
    .inNamespace("jobs")
    .flatMap(({ job }) => job.groups.map((group) => ({ group, scope: [job.project, job.id] })));
}

function eachTask(search: Search) {
  return eachGroup(search).flatMap(({ group, scope }) =>
    group.tasks.map((task) => ({ task, scope: [...scope, group.name] })),
  );
}

function fuzzy(call: Call): Json {
  const request = bodyOf(call, searchRequest);
  const text = (request.Text ?? "").toLowerCase();
  if (text.length < shortest)
    throw new Fault(400, `fuzzy search query must be at least ${shortest} characters, got ${text.length}`);
  const search = new Search(call, request);
  const Matches: Record<string, readonly Named[]> = {};
  const Truncations: Record<string, boolean> = {};
  for (const name of contextsOf(request.Context, Object.keys(fuzzyContexts))) {
    const found = fuzzyContexts[name](search)
      .map((one) => ({ one, at: one.ID.toLowerCase().indexOf(text) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at || a.one.ID.length - b.one.ID.length || (a.one.ID < b.one.ID ? -1 : 1));
    if (found.length > 0) Matches[name] = found.slice(0, mostMatches).map(({ one }) => one);
    Truncations[name] = found.length > mostMatches;
  }
  return { Matches, Truncations, Index: call.state.index, KnownLeader: true, LastContact: 0 };
}
