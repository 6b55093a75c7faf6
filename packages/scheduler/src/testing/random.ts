import { type Dice, rollInteger } from "@fractus/core/dice.ts";
import type { Affinity, Constraint, PortAsk, Spread } from "@fractus/core/job.ts";
import type { Node } from "@fractus/core/node.ts";
import { MEBIBYTE } from "@fractus/core/resources.ts";
import type { Ask, Footprint, ServerGroup } from "../ask.ts";
import { askWith, nodeWith, resourcesOf } from "./build.ts";

/** Small clusters and asks of all kinds, with few different values, so that much of it coincides. */
export class Chance {
  readonly #dice: Dice;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  integer(low: number, high: number): number {
    return rollInteger(this.#dice, { low, high });
  }

  of<T>(...options: readonly T[]): T {
    return options[this.integer(0, options.length - 1)];
  }

  /** True once in so many times. */
  once(inSoMany: number): boolean {
    return this.integer(1, inSoMany) === 1;
  }

  nodes(): Node[] {
    return Array.from({ length: this.integer(1, 12) }, (_, index) => this.node(`n${index}`));
  }

  node(id: string): Node {
    return nodeWith({
      id,
      zone: this.of("dc1", "dc2"),
      class: this.of("small", "large"),
      pool: this.of("default", "default", "gpu"),
      status: this.once(12) ? "down" : "ready",
      isEligible: !this.once(12),
      capacity: {
        cpuMhz: this.of(1000, 2000, 4000),
        cores: this.of(0, 2),
        memoryBytes: this.of(1024, 2048, 4096) * MEBIBYTE,
        diskBytes: this.of(1000, 10_000) * MEBIBYTE,
      },
      reserved: {
        cpuMhz: this.of(0, 0, 100),
        cores: 0,
        memoryBytes: this.of(0, 0, 256) * MEBIBYTE,
        diskBytes: 0,
        ports: this.once(4) ? [80] : [],
      },
      mhzPerCore: this.of(500, 1000),
      attributes: {
        ...(!this.once(4) && { rack: this.of("r1", "r2", "r3") }),
        "kernel.version": this.of("4.9", "5.10"),
        "unique.hostname": id,
      },
      drivers: { docker: { isDetected: !this.once(6), isHealthy: !this.once(6) } },
      devices: this.once(2) ? [] : [device("t4", this.integer(1, 3)), device("a100", this.integer(1, 2))],
      hostVolumes: this.once(2) ? {} : { data: { path: "/data", isReadOnly: this.once(3) } },
      hostNetworks: {
        default: { address: "10.0.0.1" },
        ...(this.once(2) && { public: { address: "192.0.2.1" } }),
      },
      dynamicPorts: { low: 20_000, high: 20_000 + this.of(1, 3, 100) },
      ...(this.once(6) && { maxInstances: this.integer(1, 4) }),
    });
  }

  /** What somebody else runs, or an earlier copy of the ask. */
  footprint(): Footprint {
    const job = this.of("a", "b", "c");
    return {
      job,
      group: this.of("web", "db"),
      priority: this.of(20, 45, 50),
      resources: resourcesOf({
        cpu: this.of(100, 250, 500),
        memory: this.of(64, 256, 512),
        disk: this.of(0, 300),
        cores: this.once(8) ? 1 : 0,
      }),
      ports: this.ports(),
      devices: this.once(5) ? [{ name: "gpu", count: 1, constraints: [], affinities: [] }] : [],
      ...(this.once(4) && { serverGroup: this.serverGroup() }),
    };
  }

  ask(): Ask {
    return {
      ...askWith({ name: "ask" }),
      ...this.footprint(),
      group: this.once(5) ? "" : "web",
      count: this.integer(1, 6),
      priority: 60,
      zones: this.of(["*"], ["dc1"], ["dc*"], ["dc2", "dc3"]),
      ...(this.once(3) && { pool: "default" }),
      constraints: this.some(constraints, 5),
      affinities: this.some(affinities, 4),
      spreads: this.some(spreads, 4),
      drivers: this.once(3) ? ["docker"] : [],
      volumes: this.once(6) ? [{ type: "host", source: "data", readOnly: this.once(2) }] : [],
      ...(this.once(6) && { distinctHosts: this.of("job", "group") }),
      distinctProperties: this.once(6)
        ? [{ attribute: "${attr.rack}", limit: this.integer(1, 2), scope: this.of("job", "group") }]
        : [],
      devices: this.once(4) ? [deviceAsk(this.integer(1, 2), this.once(2))] : [],
      ...(this.once(6) && { hints: this.hints() }),
    };
  }

  hints(): NonNullable<Ask["hints"]> {
    return this.of<NonNullable<Ask["hints"]>>(
      { only: ["n0", "n1", "n2"] },
      { except: ["n0"] },
      { sameNodeAs: ["i0", "i1"] },
      { otherNodeThan: ["i0", "i1"] },
    );
  }

  ports(): PortAsk[] {
    const ports: PortAsk[] = [];
    if (this.once(3)) ports.push({ label: "http" });
    if (this.once(6)) ports.push({ label: "fixed", static: this.of(80, 20_001) });
    if (this.once(8)) ports.push({ label: "shared", static: 80, ignoreCollision: true });
    if (this.once(8)) ports.push({ label: "outside", hostNetwork: "public" });
    return ports;
  }

  serverGroup(): ServerGroup {
    const policy = this.of<ServerGroup["policy"]>(
      "affinity",
      "anti-affinity",
      "soft-affinity",
      "soft-anti-affinity",
    );
    return { id: this.of("g1", "g2"), policy };
  }

  some<T>(options: readonly T[], rarity: number): T[] {
    return options.filter(() => this.once(rarity));
  }
}

const constraints: readonly Constraint[] = [
  { attribute: "${attr.kernel.version}", operator: "version", value: ">= 5" },
  { attribute: "${node.class}", operator: "!=", value: "small" },
  { attribute: "${attr.unique.hostname}", operator: "regexp", value: "^n[0-5]$" },
];

const affinities: readonly Affinity[] = [
  { attribute: "${node.datacenter}", operator: "=", value: "dc1", weight: 100 },
  { attribute: "${node.class}", operator: "=", value: "large", weight: -50 },
  { attribute: "${node.unique.id}", operator: "=", value: "n3", weight: 30 },
];

const spreads: readonly Spread[] = [
  { attribute: "${attr.rack}", weight: 50, targets: [] },
  { attribute: "${node.datacenter}", weight: 100, targets: [{ value: "dc1", percent: 70 }] },
  {
    attribute: "${attr.rack}",
    weight: 30,
    targets: [
      { value: "r1", percent: 0 },
      { value: "r2", percent: 100 },
    ],
  },
  { attribute: "${node.unique.name}", weight: 20, targets: [] },
];

function device(name: string, count: number) {
  const ids = Array.from({ length: count }, (_, index) => `${name}-${index}`);
  return { vendor: "nvidia", type: "gpu", name, ids, attributes: {} };
}

function deviceAsk(count: number, isPicky: boolean) {
  const affinity: Affinity = { attribute: "${device.model}", operator: "=", value: "a100", weight: 50 };
  return { name: "nvidia/gpu", count, constraints: [], affinities: isPicky ? [affinity] : [] };
}
