import { strict as assert } from "node:assert";
import type { Constraint, Operator } from "@fractus/core/job.ts";
import type { Node, NodeStatus } from "@fractus/core/node.ts";
import { MEBIBYTE } from "@fractus/core/resources.ts";
import type { Ask, DistinctProperty, ServerGroup } from "../ask.ts";
import { Cluster } from "../cluster.ts";
import type { Copy, PlaceOptions } from "../placer.ts";
import { askWith, nodeWith, resourcesOf } from "./build.ts";

/** A cluster and what is asked of it. */
export interface Situation {
  readonly cluster: Cluster;
  readonly ask: Ask;
  readonly copies: readonly Copy[];
  readonly options: PlaceOptions;
}

/**
 * Reads a situation from lines such as
 *
 *     node raspi-1 cpu=6000 memory=4096 zone=home drivers=docker,exec! attr.arch=arm64 draining
 *     runs db on raspi-1 memory=1024 port:sql=5432 priority=30
 *     ask  nginx x3 of 5 cpu=100 memory=300 port:http=80 [${attr.arch} = arm64] spread[${attr.rack} r1=70]:50
 *
 * Sizes are in MHz and mebibytes. A `!` after a driver is "unhealthy", after a volume "read-only".
 */
export function readSituation(text: string): Situation {
  const cluster = new Cluster();
  let asked: Omit<Situation, "cluster"> | undefined;
  for (const line of text.split("\n").map((part) => part.trim())) {
    const [verb, ...words] = tokens(line);
    if (verb === "node") cluster.setNode(readNode(words));
    else if (verb === "runs") run(cluster, words);
    else if (verb === "ask") asked = readWish(words);
    else assert.ok(line === "" || line.startsWith("#"), `unknown line: ${line}`);
  }
  assert.ok(asked, "nothing is asked for");
  return { cluster, ...asked };
}

function tokens(line: string): string[] {
  return line.match(/[\w-]*\[[^\]]*\]\S*|\S+/g) ?? [];
}

function readNode([id, ...words]: readonly string[]): Node {
  const options = new Options(words);
  const memory = options.number("memory", 4096) * MEBIBYTE;
  const disk = options.number("disk", 100_000) * MEBIBYTE;
  const networks = options.list("networks", ["default"]);
  const [low, high] = options.text("ports", "20000-31999").split("-").map(Number);
  return nodeWith({
    id,
    zone: options.text("zone", "dc1"),
    pool: options.text("pool", "default"),
    class: options.text("class", ""),
    status: options.text("status", "ready") as NodeStatus,
    isEligible: !options.has("ineligible"),
    ...(options.has("draining") && {
      drain: { startedAtMs: 0, ignoresSystemJobs: false },
      isEligible: false,
    }),
    attributes: options.under("attr."),
    meta: options.under("meta."),
    capacity: {
      cpuMhz: options.number("cpu", 4000),
      cores: options.number("cores", 4),
      memoryBytes: memory,
      diskBytes: disk,
    },
    reserved: {
      cpuMhz: 0,
      cores: 0,
      memoryBytes: 0,
      diskBytes: 0,
      ports: options.list("reserved", []).map(Number),
    },
    mhzPerCore: options.number("mhz", 1000),
    drivers: Object.fromEntries(options.list("drivers", []).map(readDriver)),
    devices: options.list("devices", []).map(readDevice),
    hostVolumes: Object.fromEntries(options.list("volumes", []).map(readVolume)),
    hostNetworks: Object.fromEntries(networks.map((alias, index) => [alias, { address: `10.0.${index}.1` }])),
    networkModes: options.list("modes", ["host", "bridge"]),
    dynamicPorts: { low, high },
    ...(options.has("most") && { maxInstances: options.number("most", 0) }),
  });
}

function readDriver(text: string) {
  const isHealthy = !text.endsWith("!");
  return [text.replace("!", ""), { isDetected: true, isHealthy }] as const;
}

function readVolume(text: string) {
  return [text.replace("!", ""), { path: `/srv/${text}`, isReadOnly: text.endsWith("!") }] as const;
}

function readDevice(text: string) {
  const [name, count] = text.split(":");
  const [vendor, type, model] = name.split("/");
  const ids = Array.from({ length: Number(count) }, (_, index) => `${model}-${index}`);
  return { vendor, type, name: model, ids, attributes: {} };
}

/** `db x2 on raspi-1 …`: instances db, db-2 … in jobs of their own unless `job=` says otherwise. */
function run(cluster: Cluster, [name, ...words]: readonly string[]): void {
  const { ask } = readWish([name, ...words]);
  const node = words[words.indexOf("on") + 1];
  for (let index = 1; index <= ask.count; index++) {
    const row = cluster.settle(cluster.nodes.numberOf(node), ask, 0);
    cluster.instances.name(row, index === 1 ? name : `${name}-${index}`);
  }
}

function readWish([name, ...words]: readonly string[]): Omit<Situation, "cluster"> {
  const options = new Options(words);
  const copies = Number(words.find((word) => /^x\d+$/.test(word))?.slice(1) ?? 1);
  const copy = {
    ...(options.has("was") && { previousNode: options.text("was", "") }),
    failedOn: options.list("failed", []),
  };
  return {
    ask: readAsk(name, options, copies),
    copies: Array.from({ length: copies }, () => copy),
    options: { algorithm: options.has("evenly") ? "spread" : "binpack", mayEvict: options.has("evict") },
  };
}

function readAsk(name: string, options: Options, copies: number): Ask {
  const job = options.text("job", name);
  return askWith({
    name,
    job,
    group: options.has("server") ? "" : options.text("task-group", name),
    count: options.after("of", copies),
    priority: options.number("priority", 50),
    resources: resourcesOf({
      cpu: options.number("cpu", options.has("vcpus") ? 0 : 100),
      memory: options.number("memory", 300),
      disk: options.number("disk", 0),
      cores: options.number("cores", 0),
      millis: options.number("vcpus", 0) * 1000,
    }),
    ports: options.labelled("port:").map(readPort),
    devices: options.list("device", []).map(readDeviceAsk),
    zones: options.list("zones", ["*"]),
    ...(options.has("pool") && { pool: options.text("pool", "") }),
    constraints: options.bracketed("").map(({ inside }) => readConstraint(inside)),
    affinities: options
      .bracketed("affinity")
      .map(({ inside, after }) => ({ ...readConstraint(inside), weight: after ?? 50 })),
    spreads: options.bracketed("spread").map(({ inside, after }) => readSpread(inside, after ?? 50)),
    drivers: options.list("driver", []),
    networkModes: options.list("mode", []),
    volumes: options.list("volume", []).map((source) => ({ type: "host", source, readOnly: false })),
    ...(options.has("distinct_hosts") && {
      distinctHosts: options.text("distinct_hosts", "group") as "group",
    }),
    distinctProperties: options.bracketed("distinct").map(({ inside, after }): DistinctProperty => ({
      attribute: inside,
      limit: after ?? 1,
      scope: "group",
    })),
    ...(options.has("together") && { serverGroup: readServerGroup(options.text("together", "")) }),
    ...readHints(options),
  });
}

function readPort(text: string) {
  const [label, value] = text.split("=");
  const [port, hostNetwork] = (value ?? "").split("@");
  return { label, ...(port && { static: Number(port) }), ...(hostNetwork && { hostNetwork }) };
}

function readDeviceAsk(text: string) {
  const [name, count] = text.split(":");
  return { name, count: Number(count ?? 1), constraints: [], affinities: [] };
}

function readConstraint(text: string): Constraint {
  const [attribute, operator, ...value] = text.split(" ");
  return { attribute, operator: operator as Operator, value: value.join(" ") };
}

function readSpread(text: string, weight: number) {
  const [attribute, ...targets] = text.split(" ");
  return {
    attribute,
    weight,
    targets: targets.map((target) => {
      const [value, percent] = target.split("=");
      return { value, percent: Number(percent) };
    }),
  };
}

function readServerGroup(text: string): ServerGroup {
  const [policy, id] = text.split(":");
  return { policy: policy as ServerGroup["policy"], id };
}

function readHints(options: Options): Partial<Ask> {
  const hints = {
    ...(options.has("only") && { only: options.list("only", []) }),
    ...(options.has("except") && { except: options.list("except", []) }),
    ...(options.has("with") && { sameNodeAs: options.list("with", []) }),
    ...(options.has("without") && { otherNodeThan: options.list("without", []) }),
  };
  return Object.keys(hints).length > 0 ? { hints } : {};
}

/** Words of a line: `key=value`, `label:rest`, `name[inside]:number`, or a word by itself. */
class Options {
  readonly #words: readonly string[];

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  has(key: string): boolean {
    return this.#words.some((word) => word === key || word.startsWith(`${key}=`));
  }

  text(key: string, otherwise: string): string {
    const word = this.#words.find((candidate) => candidate.startsWith(`${key}=`));
    return word === undefined ? otherwise : word.slice(key.length + 1);
  }

  number(key: string, otherwise: number): number {
    return Number(this.text(key, String(otherwise)));
  }

  /** The number that follows a word. */
  after(word: string, otherwise: number): number {
    const at = this.#words.indexOf(word);
    return at < 0 ? otherwise : Number(this.#words[at + 1]);
  }

  list(key: string, otherwise: readonly string[]): readonly string[] {
    return this.has(key) ? this.text(key, "").split(",") : otherwise;
  }

  under(prefix: string): Record<string, string> {
    return Object.fromEntries(
      this.labelled(prefix).map((word) => {
        const at = word.indexOf("=");
        return [word.slice(0, at), word.slice(at + 1)];
      }),
    );
  }

  labelled(prefix: string): string[] {
    return this.#words.filter((word) => word.startsWith(prefix)).map((word) => word.slice(prefix.length));
  }

  bracketed(name: string): { readonly inside: string; readonly after: number | undefined }[] {
    return this.#words.flatMap((word) => {
      const match = /^([\w-]*)\[([^\]]*)\](?::(-?\d+))?$/.exec(word);
      if (match?.[1] !== name) return [];
      return [{ inside: match[2], after: match[3] === undefined ? undefined : Number(match[3]) }];
    });
  }
}
