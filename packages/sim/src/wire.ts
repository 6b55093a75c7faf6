/**
 * The wire between an agent and control. A call over it may be lost before or after it took effect, come late,
 * or come twice. Whoever waits too long gives up while the call is still under way: so calls overtake each other.
 */
import type { ControlLink } from "@fractus/agent/control-link.ts";
import type { Dice } from "@fractus/core/dice.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import { type Life, type SimClock } from "./sim-clock.ts";
import { never } from "./sim-store.ts";

/** How likely each mishap is for one call, from 0 to 1. */
export interface WireQuality {
  readonly lostBefore: number;
  readonly lostAfter: number;
  readonly late: number;
  readonly repeated: number;
}

export const soundWire: WireQuality = { lostBefore: 0, lostAfter: 0, late: 0, repeated: 0 };

const patienceMs = 5_000;
const longestDelayMs = 12_000;

/** Without a reason of our own, each abort would make an exception with a stack. */
const over = new Error("over");

export interface WireOptions {
  readonly clock: SimClock;
  readonly dice: Dice;
  /** Control as it can be reached now. */
  readonly target: () => { readonly link: ControlLink; readonly life: Life } | undefined;
  readonly count: (mishap: "lost before" | "lost after" | "late" | "repeated") => void;
}

/** One node's end of the wire. */
export class Wire {
  readonly #options: WireOptions;
  quality: WireQuality = soundWire;
  #isCut = false;
  #cut = new AbortController();

  constructor(options: WireOptions) {
    this.#options = options;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** Nothing gets through until `join`; calls under way are lost. */
  cut(): void {
    this.#isCut = true;
    this.#cut.abort(over);
  }

  join(): void {
    this.#isCut = false;
    this.#cut = new AbortController();
  }

  /** Calls that are under way fail: whoever was at the other end is gone. */
  hangUp(): void {
    this.#cut.abort(over);
    if (!this.#isCut) this.#cut = new AbortController();
  }

  /** Control as the process at this end sees it; once that is dead, it hears of nothing. */
  linkFor(life: Life): ControlLink {
    const call = <T>(act: (link: ControlLink) => Promise<T>): Promise<T> => this.#call(life, act, patienceMs);
    return {
      register: (node) => call((link) => link.register(node)),
      heartbeat: (nodeId) => call((link) => link.heartbeat(nodeId)),
      assignments: (nodeId, index) =>
        this.#call(life, (link) => link.assignments(nodeId, index), 60_000 + patienceMs),
      report: (nodeId, reports) => call((link) => link.report(nodeId, reports)),
      setServices: (id, services) => call((link) => link.setServices(id, services)),
      services: (project, name) => call((link) => link.services(project, name)),
      variable: (project, path) => call((link) => link.variable(project, path)),
      variablePaths: (project, prefix) => call((link) => link.variablePaths(project, prefix)),
      changed: (index) => this.#call(life, (link) => link.changed(index), 60_000 + patienceMs),
    };
  }

  async #call<T>(life: Life, act: (link: ControlLink) => Promise<T>, waitMs: number): Promise<T> {
    const { clock } = this.#options;
    const done = new AbortController();
    const hungUp = this.#cut.signal;
    const outcome = this.#deliver(act).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    const tooLong = clock
      .sleep(waitMs, done.signal)
      .then(() => ({ error: unavailable("no answer in time") }), never);
    const cut = new Promise<{ error: unknown }>((resolve) => {
      const tell = () => resolve({ error: unavailable("the connection broke") });
      if (hungUp.aborted) tell();
      hungUp.addEventListener("abort", tell, { once: true, signal: done.signal });
    });
    const answer: { value?: T; error?: unknown } = await Promise.race([outcome, tooLong, cut]);
    done.abort(over);
    if (life.isOver) return never();
    if ("error" in answer) {
      if (hungUp.aborted) await clock.sleep(100);
      throw answer.error;
    }
    return answer.value as T;
  }

  async #deliver<T>(act: (link: ControlLink) => Promise<T>): Promise<T> {
    const { clock, dice, count } = this.#options;
    const { lostBefore, lostAfter, late, repeated } = this.quality;
    const roll = dice.roll();
    if (roll < late) {
      count("late");
      await clock.sleep(dice.roll() * longestDelayMs);
    } else if (roll < late + lostBefore) {
      count("lost before");
      return never();
    }
    if (this.#isCut) return never();
    const answer = this.#reach(act);
    if (roll > 1 - repeated) {
      count("repeated");
      await answer.catch(() => undefined);
      await clock.sleep(dice.roll() * longestDelayMs);
      await this.#reach(act).catch(() => undefined);
    } else if (roll > 1 - repeated - lostAfter) {
      count("lost after");
      await answer.catch(() => undefined);
      return never();
    }
    const value = await answer;
    return this.#isCut ? never() : value;
  }

  async #reach<T>(act: (link: ControlLink) => Promise<T>): Promise<T> {
    const target = this.#options.target();
    if (!target) throw unavailable("connection refused");
    const value = await act(target.link);
    return target.life.isOver ? never() : value;
  }
}

function unavailable(why: string): Refusal {
  return new Refusal("unavailable", `Control does not answer: ${why}.`);
}
