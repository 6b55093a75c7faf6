/**
 * What templates learn of their task, its node and the cloud: environment, files, services, variables.
 *
 * Source: https://github.com/hashicorp/consul-template/blob/main/docs/templating-language.md
 */
import { createHash } from "node:crypto";
import { networkInterfaces } from "node:os";
import type { ServiceRegistration } from "../../control-link.ts";
import { FunctionError } from "../evaluate.ts";
import type { Value } from "../values.ts";
import { isList, Items, Struct } from "../values.ts";
import type { FunctionTable } from "./arguments.ts";
import { anyText, count, list, ofText, takes, text } from "./arguments.ts";
import { formatTime } from "./go-time.ts";

/** Answers at once with what is known by now; what is not known yet is noted, and asked for after the run. */
export interface TemplateSources {
  readonly env: Readonly<Record<string, string>>;
  readonly project: string;
  nowMs(): number;
  services(name: string): readonly ServiceRegistration[];
  variable(path: string, how: { readonly isRequired: boolean }): Readonly<Record<string, string>> | undefined;
  variablePaths(prefix: string, how: { readonly isRequired: boolean }): readonly string[];
  /** Refuses a path that leaves the task's directory. */
  file(path: string): string;
}

export function cloudFunctions(sources: TemplateSources): FunctionTable {
  const scratch: Scratch = { notes: new Map(), maps: new Map() };
  const environmentOf = (name: string) => (Object.hasOwn(sources.env, name) ? sources.env[name] : undefined);
  return {
    env: ofText(1, (name) => environmentOf(name) ?? ""),
    envOrDefault: ofText(2, (name, otherwise) => environmentOf(name) || otherwise),
    mustEnv: ofText(1, (name) => {
      const value = environmentOf(name);
      if (value === undefined) throw new FunctionError(`the environment has no ${name}`);
      return value;
    }),
    file: ofText(1, (path) => sources.file(path)),
    timestamp: takes(0, 1, ([layout]) =>
      formatTime(sources.nowMs(), layout === undefined ? undefined : text(layout)),
    ),
    sockaddr: ofText(1, socketAddress),
    executeTemplate: takes(1, 2, ([name, dot = null], context) => context.execute(text(name), dot)),
    scratch: takes(0, 0, () => scratchPad(scratch)),
    byTag: takes(1, 1, ([services]) => byTag(list(services))),
    nomadService: takes(1, 3, (args) =>
      args.length === 1
        ? nomadService(sources, text(args[0]))
        : choose(nomadService(sources, text(args[2])), count(args[0]), anyText(args[1])),
    ),
    nomadServices: takes(0, 1, () => {
      throw new FunctionError("nodes are not told the names of all services: name one with nomadService");
    }),
    nomadVar: ofText(1, (place) => {
      const path = ownPath(sources, place);
      return items(sources, path, sources.variable(path, { isRequired: true }) ?? {});
    }),
    nomadVarExists: ofText(
      1,
      (place) => sources.variable(ownPath(sources, place), { isRequired: false }) !== undefined,
    ),
    nomadVarList: takes(0, 1, ([prefix = ""]) => variableList(sources, text(prefix), false)),
    nomadVarListSafe: takes(0, 1, ([prefix = ""]) => variableList(sources, text(prefix), true)),
    ...absent,
  };
}

const ofConsul =
  "key keyOrDefault keyExists keyExistsGet ls safeLs tree safeTree service services node nodes datacenters connect caLeaf caRoots partitions byKey";
const ofVault = "secret secrets pkiCert";

const absent: FunctionTable = Object.fromEntries([
  ...ofConsul.split(" ").map((name) => [name, missing(name, "Consul", "nomadVar and nomadService")] as const),
  ...ofVault.split(" ").map((name) => [name, missing(name, "Vault", "nomadVar")] as const),
]);

function missing(name: string, product: string, instead: string) {
  return () => {
    throw new FunctionError(`${name} needs ${product}, which is not part of this cloud: see ${instead}`);
  };
}

function nomadService(sources: TemplateSources, place: string): readonly Value[] {
  const [, tag, name] = /^(?:([^.@]+)\.)?([^.@]+)(?:@[\w-]+)?$/.exec(place) ?? [];
  if (name === undefined) throw new FunctionError(`${JSON.stringify(place)} is no name of a service`);
  return sources
    .services(name)
    .filter((service) => tag === undefined || service.tags.includes(tag))
    .map(serviceStruct);
}

function serviceStruct(service: ServiceRegistration): Struct {
  return new Struct("service", {
    ID: service.id,
    Name: service.name,
    Namespace: service.project,
    Node: service.nodeId,
    NodeID: service.nodeId,
    Datacenter: service.zone,
    JobID: service.jobId,
    AllocID: service.allocationId,
    Address: service.address,
    Port: BigInt(service.port),
    Tags: service.tags,
  });
}

/** So many of the services, the same for the same key as long as they exist: rendezvous hashing. */
function choose(services: readonly Value[], wanted: number, key: string): readonly Value[] {
  const rank = (service: Value) =>
    createHash("sha256")
      .update(`${key}\0${service instanceof Struct ? anyText(service.fields.get("ID") ?? null) : ""}`)
      .digest("hex");
  return services
    .map((service) => [rank(service), service] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, Math.max(wanted, 0))
    .map(([, service]) => service);
}

/** `path` or `path@namespace`, of the own namespace alone. */
function ownPath(sources: TemplateSources, place: string): string {
  const [path, namespace = sources.project] = place.split("@");
  if (namespace.split(".")[0] !== sources.project)
    throw new FunctionError(`variables of another namespace cannot be read: ${place}`);
  return path.replace(/^\/+|\/+$/g, "");
}

function items(sources: TemplateSources, path: string, entries: Readonly<Record<string, string>>): Items {
  const parent = variableMeta(sources, path);
  const sorted = Object.entries(entries).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const wrapped = sorted.map(
    ([key, value]) => [key, new Struct("item", { Key: key, Value: value, Parent: parent }, value)] as const,
  );
  return new Items(wrapped, {
    Parent: parent,
    Metadata: parent,
    Keys: sorted.map(([key]) => key),
    Values: sorted.map(([, value]) => value),
    Tuples: sorted.map(([key, value]) => new Struct("tuple", { K: key, V: value })),
  });
}

function variableList(sources: TemplateSources, prefix: string, isRequired: boolean): readonly Value[] {
  const paths = sources.variablePaths(ownPath(sources, prefix), { isRequired });
  return paths.map((path) => variableMeta(sources, path));
}

function variableMeta(sources: TemplateSources, path: string): Struct {
  return new Struct("variable", { Namespace: sources.project, Path: path }, path);
}

function byTag(services: readonly Value[]): Value {
  const groups = new Map<string, Value[]>();
  for (const service of services) {
    const tags = service instanceof Struct ? service.fields.get("Tags") : undefined;
    if (tags === undefined || !isList(tags)) throw new FunctionError("needs a list of services");
    for (const tag of tags) groups.set(anyText(tag), [...(groups.get(anyText(tag)) ?? []), service]);
  }
  return groups;
}

/** Notes that live as long as the template runs: `scratch.Set "a" 1`, `scratch.Get "a"`. */
function scratchPad({ notes, maps }: Scratch): Struct {
  const submap = (name: Value): Map<string, Value> => {
    const inner = maps.get(text(name)) ?? new Map<string, Value>();
    maps.set(text(name), inner);
    return inner;
  };
  const set = (into: Map<string, Value>, [key, value]: readonly Value[], onlyNew: boolean): Value => {
    if (!onlyNew || !into.has(text(key))) into.set(text(key), value);
    return "";
  };
  /** What is handed out is a copy, so that no value ever changes or comes to hold itself. */
  const get = (name: string): Value => (maps.has(name) ? new Map(maps.get(name)) : (notes.get(name) ?? null));
  const exactly = (count: number, call: (args: readonly Value[]) => Value) => (args: readonly Value[]) => {
    if (args.length !== count) throw new FunctionError(`needs ${count} arguments, not ${args.length}`);
    return call(args);
  };
  return new Struct("scratch", {
    Key: exactly(1, ([name]) => notes.has(text(name)) || maps.has(text(name))),
    Get: exactly(1, ([name]) => get(text(name))),
    Set: exactly(2, (args) => set(notes, args, false)),
    SetX: exactly(2, (args) => set(notes, args, true)),
    MapSet: exactly(3, ([name, ...args]) => set(submap(name), args, false)),
    MapSetX: exactly(3, ([name, ...args]) => set(submap(name), args, true)),
    MapValues: exactly(1, ([name]) =>
      [...submap(name)].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value),
    ),
  });
}

interface Scratch {
  readonly notes: Map<string, Value>;
  readonly maps: Map<string, Map<string, Value>>;
}

/** The forms of go-sockaddr templates that job files use. */
function socketAddress(expression: string): string {
  const [, name, argument] = /^\s*(\w+)(?:\s+"([^"]*)")?\s*$/.exec(expression) ?? [];
  const all = Object.entries(networkInterfaces()).flatMap(([label, addresses]) =>
    (addresses ?? [])
      .filter((address) => address.family === "IPv4")
      .map((address) => ({ ...address, label })),
  );
  const outside = all.filter((address) => !address.internal);
  const isPrivate = (address: string) =>
    /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(address);
  switch (name) {
    case "GetPrivateIP":
      return outside.find(({ address }) => isPrivate(address))?.address ?? "";
    case "GetPublicIP":
      return outside.find(({ address }) => !isPrivate(address))?.address ?? "";
    case "GetInterfaceIP":
      return all.find(({ label }) => label === argument)?.address ?? "";
  }
  throw new FunctionError(
    `${JSON.stringify(expression)} is not understood: GetPrivateIP, GetPublicIP and GetInterfaceIP "NAME" are`,
  );
}
