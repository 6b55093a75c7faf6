import type { Template } from "@fractus/core/job.ts";
import type { AgentWorld } from "./agent-world.ts";
import { wordsOf } from "./task-events.ts";
import type { ArtifactPlace, RunningTemplates } from "./task-parts.ts";

/** What templates are rendered from and where to, as it is when they are. */
export interface TemplateScene {
  readonly templates: readonly Template[];
  readonly project: string;
  readonly place: ArtifactPlace;
  readonly env: Readonly<Record<string, string>>;
  onWaiting(what: string): void;
  onChange(changes: readonly Template[]): void;
}

/** The templates of one task over its runs: rendered before the first, followed from then on until closed. */
export class TaskTemplates {
  readonly #world: AgentWorld;
  readonly #scene: () => TemplateScene;
  #rendering: Promise<void> | undefined;
  #running: RunningTemplates | undefined;

  constructor(world: AgentWorld, scene: () => TemplateScene) {
    this.#world = world;
    this.#scene = scene;
  }

  /** What they give to the environment, as far as they are rendered. */
  get environment(): Readonly<Record<string, string>> {
    return this.#running?.environment ?? {};
  }

  /** Resolves when all are rendered. Harmless if they are; one that failed is tried again. */
  async render(signal: AbortSignal): Promise<void> {
    if (this.#scene().templates.length === 0) return;
    this.#rendering ??= this.#start(signal);
    try {
      await this.#rendering;
    } catch (error) {
      this.#rendering = undefined;
      throw error;
    }
  }

  /**
   * For a task that was adopted: it does not wait for what its templates may lack by now. What they print may have
   * changed while no agent was there: then that is a change like any other.
   */
  follow(signal: AbortSignal): void {
    if (this.#rendering) return;
    const before = this.#texts();
    const compare = () => {
      const { templates, onChange } = this.#scene();
      const after = this.#texts();
      const changes = templates.filter((_, i) => before[i] !== after[i]);
      if (changes.length > 0) onChange(changes);
    };
    this.render(signal)
      .then(compare)
      .catch((error: unknown) => {
        if (!signal.aborted) this.#world.log(`Templates are not followed: ${wordsOf(error)}`);
      });
  }

  /** They may be rendered anew. */
  close(): void {
    this.#running?.close();
    this.#running = undefined;
    this.#rendering = undefined;
  }

  async #start(signal: AbortSignal): Promise<void> {
    const { link, clock, dice, parts, node } = this.#world;
    const { place, ...scene } = this.#scene();
    const input = { ...scene, ...place, node: node(), link, clock, dice, signal };
    this.#running = await parts.startTemplates(input);
  }

  #texts(): (string | undefined)[] {
    const { parts, node } = this.#world;
    const { templates, env, place } = this.#scene();
    const scope = { env, node: node() };
    return templates.map(({ destination }) =>
      parts.readTaskFile(parts.interpolateAll(destination, scope), place),
    );
  }
}
