/**
 * Keeps a node known to control: *registers* until it is heard, then *beats* within the time it was given. It
 * registers again when control does not know it, and when something about the node is different.
 */
import { Refusal } from "@fractus/core/refusal.ts";
import type { NodeFacts } from "./control-link.ts";
import type { AgentWorld } from "./run/agent-world.ts";
import { retrying } from "./run/retrying.ts";
import { wordsOf } from "./run/task-events.ts";

/** A beat is tried again this soon, so that several fit into the grace that control gives. */
const beatRetryMs = 1000;

export class Presence {
  readonly #world: Pick<AgentWorld, "clock" | "dice" | "log" | "link" | "node">;
  readonly #signal: AbortSignal;
  readonly #registered = new AbortController();
  #heardAtMs: number;
  /** Control has not answered the last beat, and that was said. */
  #isSilent = false;
  #told = "";
  #wake = new AbortController();

  constructor(world: Pick<AgentWorld, "clock" | "dice" | "log" | "link" | "node">, signal: AbortSignal) {
    this.#world = world;
    this.#signal = signal;
    this.#heardAtMs = world.clock.nowMs();
  }

  /** When control last answered. */
  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  /** Aborted, so to say, with the first registration. */
  get registered(): AbortSignal {
    return this.#registered.signal;
  }

  /** The node may be another now, or unknown: it registers if so. */
  refresh(isUnknown = false): void {
    if (isUnknown) this.#told = "";
    if (JSON.stringify(this.#world.node()) !== this.#told) this.#wake.abort();
  }

  /** Until the signal. */
  async keep(): Promise<void> {
    for (;;) {
      let { ttlMs } = await this.#register();
      while (!this.#isDifferent()) {
        await this.#pause(ttlMs / 2);
        if (this.#isDifferent()) break;
        ttlMs = (await this.#beat()) ?? beatRetryMs * 2;
      }
    }
  }

  async #register(): Promise<{ ttlMs: number }> {
    const terms = await retrying(this.#world, this.#signal, async () => {
      const node: NodeFacts = this.#world.node();
      this.#wake = new AbortController();
      const answer = await this.#world.link.register(node);
      this.#told = JSON.stringify(node);
      return answer;
    });
    this.#heardAtMs = this.#world.clock.nowMs();
    this.#registered.abort();
    return terms;
  }

  /** The next time limit, or nothing if control did not answer. */
  async #beat(): Promise<number | undefined> {
    try {
      const { ttlMs } = await this.#world.link.heartbeat(this.#world.node().id);
      this.#heardAtMs = this.#world.clock.nowMs();
      this.#isSilent = false;
      return ttlMs;
    } catch (error) {
      this.#signal.throwIfAborted();
      if (error instanceof Refusal && error.kind === "not-found") this.#told = "";
      else if (!this.#isSilent) this.#world.log(`A heartbeat was not answered: ${wordsOf(error)}`);
      this.#isSilent = true;
      return undefined;
    }
  }

  #isDifferent(): boolean {
    return JSON.stringify(this.#world.node()) !== this.#told;
  }

  async #pause(delayMs: number): Promise<void> {
    const signal = AbortSignal.any([this.#signal, this.#wake.signal]);
    await this.#world.clock.sleep(delayMs, signal).catch(() => undefined);
    this.#signal.throwIfAborted();
  }
}
