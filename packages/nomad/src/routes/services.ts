/** The registry of services. After https://developer.hashicorp.com/nomad/api-docs/services. */
import { createHash } from "node:crypto";
import type { ServiceRegistration } from "@fractus/agent/control-link.ts";
import { deleteService, servicesNamed } from "@fractus/control/commands/services.ts";
import type { Json } from "@fractus/control/state/records.ts";
import type { Call } from "../call.ts";
import { meta } from "../answer.ts";
import { Fault } from "../fault.ts";
import { filterOf } from "../filter.ts";
import { read, remove, type Route } from "../route.ts";
import { serviceShape } from "../shape/nouns.ts";

export const serviceRoutes: readonly Route[] = [
  read("/services", ({ state }) => state.services.modifiedIndex, list),
  read("/service/:name", ({ state }) => state.services.modifiedIndex, show),
  remove("/service/:name/:id", deregister),
];

/** By namespace: the names, each with the tags of all its instances. */
function list(call: Call): Json[] {
  const byNamespace = new Map<string, Map<string, Set<string>>>();
  for (const one of call.state.services.values()) {
    if (!call.lists(one.project)) continue;
    const names = byNamespace.get(one.project) ?? new Map<string, Set<string>>();
    byNamespace.set(one.project, names);
    const tags = names.get(one.name) ?? new Set();
    names.set(one.name, tags);
    for (const tag of one.tags) tags.add(tag);
  }
  const filter = call.query("filter");
  const passes = filter ? filterOf(filter) : () => true;
  return [...byNamespace]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([Namespace, names]) => ({ Namespace, Services: servicesShape(names).filter(passes) }))
    .filter(({ Services }) => Services.length > 0);
}

function servicesShape(names: ReadonlyMap<string, ReadonlySet<string>>): Json[] {
  return [...names]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([ServiceName, tags]) => ({ ServiceName, Tags: [...tags].sort() }));
}

/** All instances; with `choose=2|key`, two of them, the same for the same key as long as they are there. */
function show(call: Call): Json[] {
  const { state } = call;
  const found = servicesNamed(call.control, call.namespace, call.path("name"));
  const choose = call.query("choose");
  const filter = call.query("filter");
  const passes = filter ? filterOf(filter) : () => true;
  return (choose ? chosen(found, choose) : found).map((one) => serviceShape(state, one)).filter(passes);
}

/** Rendezvous hashing: each instance has a number with the key, the highest ones win. */
function chosen(services: readonly ServiceRegistration[], wish: string): ServiceRegistration[] {
  const [, count, key] = /^(\d+)\|(.+)$/s.exec(wish) ?? [];
  if (key === undefined) throw new Fault(400, "choose is to be a number and a key: 2|key");
  const scored = services.map((one) => ({
    one,
    score: createHash("sha256").update(`${key}\n${one.id}`).digest("hex"),
  }));
  return scored
    .sort((a, b) => (a.score < b.score ? 1 : -1))
    .slice(0, Number(count))
    .map(({ one }) => one);
}

async function deregister(call: Call): Promise<Json> {
  const wish = { project: call.namespace, name: call.path("name"), id: call.path("id") };
  return meta(await deleteService(call.control, wish));
}
