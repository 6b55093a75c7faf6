/** One seed from its beginning to its end: a cloud is disturbed step by step, then left in peace. */
import { seededDice } from "@fractus/core/dice.ts";
import { between, happens, pickWeighted } from "./chance.ts";
import { unsettled } from "./calm.ts";
import { causeFault, endFaults } from "./faults.ts";
import { checkInvariants } from "./invariants.ts";
import { lawful } from "./lawful.ts";
import { settle } from "./sim-clock.ts";
import { Witness } from "./witness.ts";
import { attend, foundProjects, Person, tidyUp } from "./work.ts";
import { type Violation, World } from "./world.ts";

export interface SeedOptions {
  readonly seed: number;
  /** How often something is asked for or goes wrong before the calm. */
  readonly steps: number;
  readonly trace?: (line: string) => void;
  /** For experiments: breaks something in the world before it begins. */
  readonly sabotage?: (world: World) => void;
}

export interface SeedOutcome {
  readonly seed: number;
  readonly steps: number;
  readonly transactions: number;
  readonly acknowledgements: number;
  /** Virtual time that has passed. */
  readonly elapsedMs: number;
  /** By kind: faults, mishaps of messages, and what people asked for. */
  readonly mishaps: ReadonlyMap<string, number>;
  readonly asked: ReadonlyMap<string, number>;
  /** The step and what it broke; absent if nothing. */
  readonly failure?: { readonly step: number; readonly violations: readonly Violation[] };
}

const calmMinutes = 45;
const silentMinutes = 5;

export async function runSeed({ seed, steps, trace, sabotage }: SeedOptions): Promise<SeedOutcome> {
  const world = new World(seed, trace);
  const witness = new Witness(world);
  world.watchers.push(witness, lawful(world));
  sabotage?.(world);
  const person = new Person(world, seededDice(seed ^ 0x5eed), witness);
  const course = new Course(world, person, witness);
  await course.begin();
  let step = 0;
  while (step < steps && world.violations.length === 0) {
    step++;
    await course.step();
  }
  if (world.violations.length === 0) await course.calm();
  const { transactions, elapsedMs, mishaps, violations } = world;
  world.killControl();
  return {
    seed,
    steps: step,
    transactions,
    acknowledgements: witness.acknowledgements,
    elapsedMs,
    mishaps,
    asked: person.asked,
    ...(violations.length > 0 && { failure: { step, violations } }),
  };
}

class Course {
  readonly #world: World;
  readonly #person: Person;
  readonly #witness: Witness;

  constructor(world: World, person: Person, witness: Witness) {
    this.#world = world;
    this.#person = person;
    this.#witness = witness;
  }

  async begin(): Promise<void> {
    await this.#world.startControl();
    foundProjects(this.#person);
    for (let left = between(this.#world.dice, 2, 6); left > 0; left--) this.#world.addNode();
    await this.#pass(between(this.#world.dice, 0, 5_000));
  }

  /** Somebody asks for something or something goes wrong; then a little time passes, or more. */
  async step(): Promise<void> {
    const { dice } = this.#world;
    if (happens(dice, 0.3)) causeFault(this.#world, dice);
    else for (let left = between(dice, 1, 3); left > 0; left--) this.#person.ask();
    const longestMs = pickWeighted(dice, [
      [4, 100],
      [4, 5_000],
      [2, 60_000],
    ]);
    await this.#pass(between(dice, 0, longestMs));
    if (!this.#world.control && happens(dice, 0.6)) await this.#world.startControl();
  }

  async calm(): Promise<void> {
    const world = this.#world;
    endFaults(world);
    if (!world.control) await world.startControl();
    tidyUp(this.#person);
    let open = ["nothing was looked at"];
    for (let minute = 0; minute < calmMinutes && open.length > 0; minute++) {
      attend(this.#person, minute);
      await this.#pass(60_000);
      if (world.violations.length > 0) return;
      open = unsettled(world);
    }
    if (open.length > 0) world.violate("counts converge once faults end", open.slice(0, 5).join("; "));
    else await this.#keepSilence();
  }

  /** When everything is as it is wanted, nothing happens any more, apart from what is over being forgotten. */
  async #keepSilence(): Promise<void> {
    const world = this.#world;
    const heard: string[] = [];
    world.watchers.push({
      committed({ kind, changes }) {
        if (kind !== "collect") heard.push(`${kind}: ${changes.map(({ table }) => table).join(" ")}`);
      },
    });
    await this.#pass(silentMinutes * 60_000);
    if (heard.length > 0) world.violate("then nothing changes any more", heard.slice(0, 5).join("; "));
  }

  async #pass(ms: number): Promise<void> {
    await settle();
    await this.#world.clock.advance(ms);
    this.#witness.check();
    checkInvariants(this.#world);
  }
}
