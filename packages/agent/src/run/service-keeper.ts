import type { Allocation } from "@fractus/core/allocation.ts";
import type { Group, Service } from "@fractus/core/job.ts";
import { groupOf } from "@fractus/core/job.ts";
import type { CheckResult } from "../agent-access.ts";
import type { Assignment, NodeFacts, ServiceRegistration } from "../control-link.ts";
import type { AgentWorld } from "./agent-world.ts";
import { retrying } from "./retrying.ts";
import { wordsOf } from "./task-events.ts";
import type { CheckedService, ChecksInput, RunningChecks } from "./task-parts.ts";

/** What the services of an allocation depend on. */
export interface ServiceSurroundings {
  readonly world: AgentWorld;
  /** An earlier agent may have registered some. */
  readonly isAdopted: boolean;
  assignment(): Assignment;
  /** All main tasks have been started, and the group is not to end. */
  isGroupUp(): boolean;
  /** The task runs, and is not to end. */
  isTaskUp(task: string): boolean;
  environmentOf(task: string | undefined): Readonly<Record<string, string>>;
  runInTask: ChecksInput["runInTask"];
  taskStartedAtMs: ChecksInput["taskStartedAtMs"];
  /** `checksPassSinceMs` may be another. */
  changed(): void;
  restart(task: string | undefined, reason: string): void;
}

/**
 * Keeps the services of one allocation registered as long as what they lead to is up, and their checks running
 * from then until the allocation ends. Control hears one list at a time, the newest, until it has heard it.
 */
export class ServiceKeeper {
  readonly #around: ServiceSurroundings;
  readonly #closing = new AbortController();
  #checks: RunningChecks | undefined;
  /** What the running checks were begun with, as text. */
  #checked = "";
  #checkedKeys: ReadonlySet<string> = new Set();
  #told: string | undefined;
  #wanted: readonly ServiceRegistration[] = [];
  #telling: Promise<void> | undefined;

  constructor(around: ServiceSurroundings) {
    this.#around = around;
  }

  /** Something may have changed: tasks, job or checks. */
  refresh(): void {
    if (this.#closing.signal.aborted) return;
    const up = this.#services().filter((each) => this.#isUp(each));
    this.#watch(up);
    this.#wanted = up.map((each) => this.#registration(each));
    this.#tell();
  }

  /** Resolves when control has taken note of what is wanted now, or after a moment: who ends does not wait for ever. */
  async settle(limitMs: number): Promise<void> {
    if (!this.#telling) return;
    const over = new AbortController();
    const limit = this.#around.world.clock.sleep(limitMs, over.signal).catch(() => undefined);
    await Promise.race([this.#telling, limit]);
    over.abort();
  }

  results(): readonly CheckResult[] {
    return this.#checks?.results() ?? [];
  }

  /** Since when all checks of the allocation pass, those among them that have yet to begin. */
  passSinceMs(): number | undefined {
    const withChecks = this.#services().filter(({ service }) => service.checks.length > 0);
    if (withChecks.some((each) => !this.#checkedKeys.has(keyOf(each)))) return undefined;
    return this.#checks?.passSinceMs();
  }

  /** The checks end; what is registered stays. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("the agent lets go"));
    await this.#checks?.close();
    await this.#telling;
  }

  #services(): PlacedService[] {
    const { assignment, environmentOf, world } = this.#around;
    const { job, allocation } = assignment();
    const group = groupOf(job, allocation.group);
    if (!group) return [];
    const scoped = (service: Service, task: string | undefined) =>
      world.parts.interpolateAll(service, { env: environmentOf(task), node: world.node() });
    return servicesOf(group).map(({ service, task }) => {
      const placed = scoped(service, task);
      return {
        service: placed,
        ...(task !== undefined && { task }),
        ...addressOf(placed, allocation, world.node()),
      };
    });
  }

  #isUp({ task }: PlacedService): boolean {
    return task === undefined ? this.#around.isGroupUp() : this.#around.isTaskUp(task);
  }

  /** Checks begin when their service is up for the first time and go on while its task is restarted. */
  #watch(up: readonly PlacedService[]): void {
    const { world, assignment, runInTask, taskStartedAtMs } = this.#around;
    if (!this.#around.isGroupUp() && up.length === 0) return this.#unwatch();
    const checked = this.#services().filter(
      (each) =>
        each.service.checks.length > 0 &&
        (up.some((other) => sameService(other, each)) || this.#checkedKeys.has(keyOf(each))),
    );
    const text = checked.map((each) => `${keyOf(each)} ${JSON.stringify(each)}`).join("\n");
    if (text === this.#checked) return;
    this.#unwatch();
    this.#checked = text;
    this.#checkedKeys = new Set(checked.map(keyOf));
    if (checked.length === 0) return;
    const { allocation } = assignment();
    this.#checks = world.parts.startChecks({
      services: checked,
      addressOfPort: (label) => portOf(label, allocation, world.node()),
      group: allocation.group,
      clock: world.clock,
      dice: world.dice,
      runInTask,
      taskStartedAtMs,
      onResult: () => {
        this.refresh();
        this.#around.changed();
      },
      onRestart: (task, reason) => this.#around.restart(task, reason),
    });
  }

  #unwatch(): void {
    const checks = this.#checks;
    this.#checks = undefined;
    this.#checked = "";
    this.#checkedKeys = new Set();
    checks
      ?.close()
      .catch((error: unknown) => this.#around.world.log(`Checks did not end: ${wordsOf(error)}`));
  }

  #registration({ service, task, address, port }: PlacedService): ServiceRegistration {
    const { allocation, job } = this.#around.assignment();
    const node = this.#around.world.node();
    const isCanary = allocation.health?.isCanary ?? false;
    return {
      id: `_nomad-task-${allocation.id}-${task ?? `group-${allocation.group}`}-${service.name}-${service.portLabel ?? ""}`,
      name: service.name,
      project: job.project,
      nodeId: node.id,
      zone: node.zone,
      jobId: job.id,
      allocationId: allocation.id,
      tags: isCanary ? (service.canaryTags ?? service.tags) : service.tags,
      meta: (isCanary ? service.canaryMeta : undefined) ?? service.meta ?? {},
      address,
      port,
      isHealthy: service.checks.length === 0 || (this.#checks?.healthyServices().has(service.name) ?? false),
    };
  }

  #tell(): void {
    const told = this.#told ?? (this.#around.isAdopted ? undefined : "[]");
    const isToldAlready = JSON.stringify(this.#wanted) === told;
    if (this.#telling || isToldAlready) return;
    this.#telling = this.#tellUntilTold().catch((error: unknown) => {
      this.#telling = undefined;
      if (!this.#closing.signal.aborted)
        this.#around.world.log(`Services could not be told: ${wordsOf(error)}`);
    });
  }

  /** It ends in the same moment in which it sees that the newest was told. */
  async #tellUntilTold(): Promise<void> {
    const { world, assignment } = this.#around;
    const { signal } = this.#closing;
    for (let text = ""; text !== this.#told || text !== JSON.stringify(this.#wanted);) {
      await retrying(world, signal, async () => {
        text = JSON.stringify(this.#wanted);
        await world.link.setServices(assignment().allocation.id, this.#wanted);
      });
      this.#told = text;
    }
    this.#telling = undefined;
  }
}

type PlacedService = CheckedService;

/** Those of the group, and those of its tasks with their task. */
export function servicesOf(group: Group): { readonly service: Service; readonly task?: string }[] {
  return [
    ...group.services.map((service) => ({ service, ...(service.taskName && { task: service.taskName }) })),
    ...group.tasks.flatMap(({ name, services }) => services.map((service) => ({ service, task: name }))),
  ];
}

function keyOf({ service, task }: PlacedService): string {
  return JSON.stringify([task ?? "", service.name, service.portLabel ?? ""]);
}

function sameService(one: PlacedService, other: PlacedService): boolean {
  return keyOf(one) === keyOf(other);
}

/** Where a service is reached: at the port it names, or at the node without one. */
function addressOf(
  service: Service,
  allocation: Allocation,
  node: NodeFacts,
): { readonly address: string; readonly port: number } {
  const granted = allocation.grant.ports.find(({ label }) => label === service.portLabel);
  const isInside = service.addressMode === "alloc" || service.addressMode === "driver";
  const found = service.portLabel ? portOf(service.portLabel, allocation, node) : undefined;
  return {
    address: service.address ?? found?.address ?? nodeAddress(node),
    port: isInside && granted && granted.to > 0 ? granted.to : (found?.port ?? 0),
  };
}

/** A port by its label, or a number that was written in place of one. */
function portOf(
  label: string,
  { grant }: Allocation,
  node: NodeFacts,
): { readonly address: string; readonly port: number } | undefined {
  const granted = grant.ports.find((port) => port.label === label);
  if (granted) return { address: granted.address, port: granted.port };
  return /^\d+$/.test(label) ? { address: nodeAddress(node), port: Number(label) } : undefined;
}

function nodeAddress(node: NodeFacts): string {
  return node.hostNetworks.default?.address ?? node.attributes["unique.network.ip-address"] ?? "127.0.0.1";
}
