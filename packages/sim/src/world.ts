/**
 * A whole cloud in which nothing is real but the code: control, its store, nodes with their agents, and the wire
 * between them, under virtual time. Everything by chance comes from one seed.
 */
import type { Assignment, ControlLink, NodeFacts } from "@fractus/agent/control-link.ts";
import { type Control, startControl } from "@fractus/control/control.ts";
import type { Terms } from "@fractus/control/context.ts";
import type { Committed } from "@fractus/control/state/ledger.ts";
import { testFacts } from "@fractus/control/testing/cloud.ts";
import type { Deployment } from "@fractus/core/deployment.ts";
import { type Dice, seededDice } from "@fractus/core/dice.ts";
import { between, happens, pick } from "./chance.ts";
import type { Behaviour } from "./job-shapes.ts";
import { SimClock } from "./sim-clock.ts";
import { SimStore } from "./sim-store.ts";
import { type Host, simulatedHost } from "./host.ts";
import { realHost } from "./real-host.ts";
import type { Fate } from "./simulated-agent.ts";
import { soundWire, Wire, type WireQuality } from "./wire.ts";

/** A process: it can be killed, and what it had under way is then never heard of again. */
export interface Process {
  isOver: boolean;
}

export interface ControlProcess extends Process {
  readonly control: Control;
  readonly startedAtMs: number;
}

export interface SimNode {
  readonly host: Host;
  readonly wire: Wire;
  agent: Process | undefined;
  /** What happens on it takes this many times as long. */
  slowness: number;
  isOn: boolean;
  /** Since when machine, agent and wire are well without a break. */
  soundSinceMs: number;
}

/** Something that must not be, in words. */
export interface Violation {
  readonly invariant: string;
  readonly words: string;
}

export interface Watcher {
  /** A control process reads what is in the store. */
  starting?(): void;
  /** It has restored its state, and its loops are about to begin. */
  started?(control: Control): void;
  committed(committed: Committed): void;
}

const mostAtInstant = 2_000;

export class World {
  readonly clock = new SimClock();
  readonly store = new SimStore();
  /** For what happens in the world; parts of it have dice of their own, so that they do not depend on each other. */
  readonly dice: Dice;
  readonly seed: number;
  readonly nodes = new Map<string, SimNode>();
  readonly terms: Partial<Terms>;
  readonly violations: Violation[] = [];
  readonly watchers: Watcher[] = [];
  readonly mishaps = new Map<string, number>();
  readonly trace: (line: string) => void;
  control: ControlProcess | undefined;
  /** No task fails by itself any more. */
  isCalm = false;
  transactions = 0;
  /** Versions of jobs whose deployments have failed; the deployments themselves may be forgotten. */
  readonly failedRollouts = new Set<string>();
  /** Since when control is up, may write and may decide. */
  quietSinceMs = 0;
  #wireQuality: WireQuality = soundWire;
  #controls = 0;
  readonly #startMs: number;
  readonly #isTraced: boolean;
  #instantMs = 0;
  #atInstant = 0;

  constructor(seed: number, trace?: (line: string) => void) {
    this.seed = seed;
    this.#isTraced = trace !== undefined;
    this.dice = seededDice(seed);
    this.#startMs = this.clock.nowMs();
    this.trace = (line) => trace?.(`${((this.clock.nowMs() - this.#startMs) / 1000).toFixed(3)}s ${line}`);
    const isBrief = happens(this.dice, 0.5);
    this.terms = isBrief
      ? {
          collectEveryMs: 60_000,
          evaluationKeptMs: 60_000,
          batchEvaluationKeptMs: 90_000,
          jobKeptMs: 120_000,
          deploymentKeptMs: 60_000,
          nodeKeptMs: 300_000,
        }
      : {};
    const slowDisk = this.#diceFor("disk");
    if (happens(this.dice, 0.3))
      this.store.delayMs = () => (happens(slowDisk, 0.2) ? between(slowDisk, 1, 40) : 0);
  }

  get elapsedMs(): number {
    return this.clock.nowMs() - this.#startMs;
  }

  violate(invariant: string, words: string): void {
    this.violations.push({ invariant, words });
    this.trace(`VIOLATION ${invariant}: ${words}`);
  }

  count(mishap: string): void {
    this.mishaps.set(mishap, (this.mishaps.get(mishap) ?? 0) + 1);
  }

  /** Starts control on what is in the store. False if it could not start: then it is tried again later. */
  async startControl(): Promise<boolean> {
    const life: Process = { isOver: false };
    const clock = this.clock.of(life);
    const dice = this.#diceFor(`control ${this.#controls++}`);
    const die = () => this.killControl(life, "at a write");
    let control: Control | undefined;
    let isRefused = false;
    for (const watcher of this.watchers) watcher.starting?.();
    startControl({
      store: this.store.openFor(life, clock, die),
      clock,
      dice,
      newSecret: () => String(dice.roll()),
      terms: this.terms,
      log: (line, fields) => this.#hearControl(line, fields),
    }).then(
      (started) => {
        control = started;
        for (const one of started.state.deployments.values()) this.#noteRollout(one);
        for (const watcher of this.watchers) watcher.started?.(started);
        started.ledger.listen((committed) => this.#hearTransaction(life, committed));
      },
      (error: unknown) => {
        isRefused = true;
        this.trace(`control did not start: ${String(error)}`);
      },
    );
    for (let waitedMs = 0; !control && !isRefused && !life.isOver && waitedMs < 1000; waitedMs += 10)
      await this.clock.advance(10);
    if (!control || life.isOver) {
      life.isOver = true;
      return false;
    }
    const process: ControlProcess = Object.assign(life, { control, startedAtMs: this.clock.nowMs() });
    this.control = process;
    this.quietSinceMs = this.clock.nowMs();
    this.trace(`control is up at index ${control.state.index}`);
    return true;
  }

  #hearTransaction(life: Process, committed: Committed): void {
    if (life.isOver) return;
    this.transactions++;
    this.#limitHaste(life);
    if (this.#isTraced)
      this.trace(`  #${committed.index} ${committed.kind}: ${committed.changes.map(inShort).join(", ")}`);
    for (const change of committed.changes)
      if (change.table === "deployments" && change.value) this.#noteRollout(change.value);
    for (const watcher of this.watchers) watcher.committed(committed);
  }

  /** Whoever answers each other without any time passing would never come to an end. */
  #limitHaste(life: Process): void {
    const nowMs = this.clock.nowMs();
    if (nowMs !== this.#instantMs) this.#atInstant = 0;
    this.#instantMs = nowMs;
    if (++this.#atInstant < mostAtInstant) return;
    this.violate("nobody turns in circles", `${mostAtInstant} transactions without any time passing`);
    this.killControl(life);
  }

  #noteRollout({ project, jobId, jobVersion, status }: Deployment): void {
    if (status === "failed") this.failedRollouts.add(`${project}\n${jobId}\n${jobVersion}`);
  }

  /** What control says has gone wrong is a bug, unless the disk is to blame. */
  #hearControl(line: string, fields: Readonly<Record<string, unknown>> | undefined): void {
    const text = `${line} ${JSON.stringify(fields)}`;
    this.trace(`control says: ${text.slice(0, 300)}`);
    if (!text.includes("could not be written to disk") && !line.includes("could not go back"))
      this.violate("control has no inner errors", text);
  }

  /** Control dies: it writes nothing more, and nobody gets an answer. */
  killControl(life: Process | undefined = this.control, how = ""): void {
    if (!life || life.isOver) return;
    life.isOver = true;
    this.trace(`control dies ${how}`);
    if (this.control === life) this.control = undefined;
    for (const { wire } of this.nodes.values()) wire.hangUp();
  }

  /** A new machine joins, with its agent. */
  addNode(): SimNode {
    const number = this.nodes.size;
    const facts = randomFacts(this.dice, `node-${number}`);
    const count = (mishap: string) => this.count(`message ${mishap}`);
    const target = () =>
      this.control && { link: this.control.control.link as ControlLink, life: this.control };
    const wire = new Wire({ clock: this.clock, dice: this.#diceFor(`wire ${number}`), target, count });
    wire.quality = this.#wireQuality;
    const fates = this.#diceFor(`fates ${number}`);
    const node: SimNode = {
      host: this.#hostFor(number, facts, (assignment) => this.#fate(fates, node, assignment)),
      wire,
      agent: undefined,
      slowness: 1,
      isOn: true,
      soundSinceMs: this.clock.nowMs(),
    };
    this.nodes.set(facts.id, node);
    this.startAgent(node);
    return node;
  }

  startAgent(node: SimNode): void {
    const life: Process = { isOver: false };
    node.agent = life;
    this.disturb(node);
    node.host.startAgent({ life, link: node.wire.linkFor(life), clock: this.clock.of(life) });
  }

  /** In one of four clouds, half of the nodes have the real agent. */
  #hostFor(number: number, facts: NodeFacts, fateOf: (assignment: Assignment) => Fate): Host {
    const dice = this.#diceFor(`host ${number}`);
    const options = { facts, clock: this.clock, fateOf };
    if (this.seed % 4 > 0 || happens(dice, 0.5)) return simulatedHost(options);
    return realHost({ ...options, dice, log: (line) => this.#hearAgent(facts.name, line) });
  }

  #hearAgent(name: string, line: string): void {
    this.trace(`${name} says: ${line.slice(0, 300)}`);
    if (line.startsWith("A loop of the agent has ended")) this.violate("an agent has no inner errors", line);
  }

  /** Tasks go on without it. */
  killAgent(node: SimNode): void {
    if (node.agent) node.agent.isOver = true;
    node.agent = undefined;
    this.disturb(node);
  }

  killMachine(node: SimNode, losesDisk: boolean): void {
    this.killAgent(node);
    node.isOn = false;
    node.host.turnOff(losesDisk);
  }

  startMachine(node: SimNode): void {
    node.isOn = true;
    this.startAgent(node);
  }

  /** From now on the node counts as sound anew. */
  disturb(node: SimNode): void {
    node.soundSinceMs = this.clock.nowMs();
  }

  set wireQuality(quality: WireQuality) {
    this.#wireQuality = quality;
    for (const node of this.nodes.values()) {
      node.wire.quality = quality;
      this.disturb(node);
    }
  }

  get wireQuality(): WireQuality {
    return this.#wireQuality;
  }

  #fate(dice: Dice, node: SimNode, { allocation, job }: Assignment): Fate {
    const config = job.groups.find(({ name }) => name === allocation.group)?.tasks[0].config;
    const behaviour = (config?.behaviour ?? "steady") as Behaviour;
    const isBatch = job.type === "batch" || job.type === "sysbatch";
    const fails = !this.isCalm && (behaviour === "fails" || (behaviour === "flaky" && happens(dice, 0.5)));
    const ends =
      fails || (isBatch ? behaviour !== "steady" || this.isCalm : behaviour === "ends" && !this.isCalm);
    const slow = node.slowness;
    return {
      startsAfterMs: between(dice, 10, 800) * slow,
      fails,
      stopTakesMs: between(dice, 10, 4_000) * slow,
      ...((ends || isBatch) && { endsAfterMs: lifeMs(dice, ends) * Math.min(slow, 4) }),
      ...((behaviour !== "sick" || this.isCalm) && { healthyAfterMs: between(dice, 100, 3_000) * slow }),
    };
  }

  /** Dice of their own for a part of the world. */
  #diceFor(part: string): Dice {
    let mixed = this.seed | 0;
    for (const letter of part) mixed = (Math.imul(mixed, 31) + letter.codePointAt(0)!) | 0;
    return seededDice(mixed);
  }
}

/** However slow its node is, a task that ends is over before the calm is. */
function lifeMs(dice: Dice, isShort: boolean): number {
  return between(dice, 100, isShort ? 20_000 : 300_000);
}

function inShort({ table, id, value }: Committed["changes"][number]): string {
  const one = value as { status?: string; desired?: string; jobId?: string; name?: string } | undefined;
  const words =
    one && [one.name ?? one.jobId, one.desired, one.status].filter((word) => typeof word === "string");
  return `${one ? "" : "-"}${table} ${id.replaceAll("\n", "/").slice(0, 20)} ${words?.join(" ") ?? ""}`.trim();
}

function randomFacts(dice: Dice, name: string): NodeFacts {
  const facts = testFacts(`id-${name}`, name);
  const cores = pick(dice, [2, 4, 8]);
  return {
    ...facts,
    zone: pick(dice, ["dc1", "dc2"]),
    class: pick(dice, ["large", "small", ""]),
    capacity: { ...facts.capacity, cores, cpuMhz: cores * 1000, memoryBytes: cores * 2 * 1024 ** 3 },
    dynamicPorts: { low: 20_000, high: 20_000 + between(dice, 3, 12) },
  };
}
