/**
 * The templates of one task: rendered once before the task starts, then followed.
 *
 *     waiting ──▶ rendered ──▶ following ──▶ closed
 *
 * Waiting: a variable is missing, or a template fails over a service without instances. Rendered: all
 * files are written. Following: a template that prints something else than before is written again once
 * its facts have been quiet for `wait.minMs`, at the latest `wait.maxMs` after the first change; after a
 * random part of the splay the caller hears of it. One that fails then keeps its file as it is.
 */
import type { Clock } from "@fractus/core/clock.ts";
import type { Dice } from "@fractus/core/dice.ts";
import type { Template } from "@fractus/core/job.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { TaskDirectories } from "../artifacts/confined.ts";
import type { NodeFacts } from "../control-link.ts";
import { interpolate } from "../environment/interpolate.ts";
import type { Renderer } from "./engine.ts";
import { compileTemplate } from "./engine.ts";
import { parseEnvironment } from "./environment-lines.ts";
import type { FactsLink, LocalFacts } from "./known-facts.ts";
import { KnownFacts } from "./known-facts.ts";
import { readTaskFile, writeTaskFile } from "./task-files.ts";
import { TemplateError } from "./template-error.ts";

export interface TemplatesInput extends TaskDirectories {
  readonly templates: readonly Template[];
  readonly project: string;
  readonly env: Readonly<Record<string, string>>;
  readonly node: NodeFacts;
  readonly link: FactsLink;
  readonly clock: Clock;
  readonly dice: Dice;
  readonly signal: AbortSignal;
  /** Hears why nothing goes on: a variable that is not there yet, or a template that fails on new facts. */
  onWaiting(what: string): void;
  /** Files were rewritten, and their splay is over. */
  onChange(changes: readonly Template[]): void;
}

export interface RunningTemplates {
  /** What the environment templates say at this moment; a later template wins. */
  readonly environment: Readonly<Record<string, string>>;
  close(): void;
}

/** Questions lead to further questions only so often. */
const maxPasses = 50;
const retryMs = 1000;

/**
 * Resolves when all templates are written. Where that changes a file that was there already, because the
 * task has outlived its agent, the caller hears of it as of any later change. Refuses with `invalid` what will never work: a mistake in a
 * template, a place outside of the task's directories. Rejects with the signal's reason when that is
 * aborted, which also ends the following.
 */
export async function startTemplates(input: TemplatesInput): Promise<RunningTemplates> {
  const following = new Following(
    input,
    input.templates.map((template) => compile(template, input)),
  );
  const changed = await following.renderFirst();
  following.follow(changed);
  return following;
}

interface Compiled {
  readonly template: Template;
  readonly destination: string;
  readonly render: Renderer;
}

function compile(template: Template, input: TemplatesInput): Compiled {
  const scope = { env: input.env, node: input.node };
  const destination = interpolate(template.destination, scope);
  const source = template.source ? interpolate(template.source, scope) : undefined;
  const text = source === undefined ? (template.data ?? "") : readTaskFile(source, input);
  const render = refusing(() =>
    compileTemplate(
      { name: source ?? destination, text },
      {
        delimiters: { left: template.leftDelimiter || "{{", right: template.rightDelimiter || "}}" },
        failsOnMissingKey: template.failsOnMissingKey,
      },
    ),
  );
  return { template, destination, render };
}

interface Rendered extends Compiled {
  /** What its file holds. */
  text: string;
  pairs: Readonly<Record<string, string>>;
  /** When its facts began to differ from the file, and when they last did. */
  pending?: { readonly sinceMs: number; readonly lastMs: number; readonly text: string };
}

class Following implements RunningTemplates {
  #input: TemplatesInput;
  #compiled: readonly Compiled[];
  #rendered: Rendered[] = [];
  #closing = new AbortController();
  #signal: AbortSignal;
  #index = 0;
  #isFollowed = false;
  #said = "";

  constructor(input: TemplatesInput, compiled: readonly Compiled[]) {
    this.#input = input;
    this.#compiled = compiled;
    this.#signal = AbortSignal.any([input.signal, this.#closing.signal]);
  }

  get environment(): Readonly<Record<string, string>> {
    return Object.assign({}, ...this.#rendered.map(({ pairs }) => pairs)) as Record<string, string>;
  }

  close(): void {
    this.#closing.abort(new Refusal("unavailable", "The templates are not followed any more."));
  }

  /** Resolves with those whose file was there and is now another one. */
  async renderFirst(): Promise<readonly Template[]> {
    for (;;) {
      this.#signal.throwIfAborted();
      const facts = this.#newFacts();
      const outcome = await this.#attempt(() => this.#renderAll(facts));
      if (typeof outcome !== "string") {
        const changed = outcome.filter((rendered) => this.#differsFromFile(rendered));
        this.#rendered = outcome.map((rendered) => this.#write(rendered));
        this.#isFollowed = facts.usesCloud;
        this.#said = "";
        return changed.map(({ template }) => template);
      }
      this.#say(outcome);
      await this.#nextChange();
    }
  }

  follow(changed: readonly Template[]): void {
    this.#loop(changed).catch((error: unknown) => {
      if (!this.#signal.aborted) this.#say(`The templates are not followed any more: ${messageOf(error)}`);
    });
  }

  #differsFromFile({ template, destination, text }: Rendered): boolean {
    if (template.once) return false;
    try {
      return readTaskFile(destination, this.#input) !== text;
    } catch (error) {
      if (error instanceof Refusal) return false;
      throw error;
    }
  }

  /** All texts, or why there are not all of them yet. */
  async #renderAll(facts: KnownFacts): Promise<Rendered[] | string> {
    const results: Rendered[] = [];
    for (const compiled of this.#compiled) {
      const outcome = await renderOne(compiled, facts);
      if ("waitsFor" in outcome) return outcome.waitsFor;
      const pairs = compiled.template.isEnvironment ? environmentOf(compiled, outcome.text) : {};
      results.push({ ...compiled, text: outcome.text, pairs });
    }
    return results;
  }

  /** What went wrong on the way to control is a reason to wait, not to fail. */
  async #attempt<T>(work: () => Promise<T>): Promise<T | string> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Refusal) || error.kind === "invalid") throw error;
      await this.#input.clock.sleep(retryMs, this.#signal);
      return `control does not answer: ${error.message}`;
    }
  }

  async #loop(changed: readonly Template[]): Promise<void> {
    await this.#tell(changed);
    const isFollowed = this.#isFollowed && this.#compiled.some(({ template }) => !template.once);
    while (isFollowed) {
      await this.#nextWake();
      this.#signal.throwIfAborted();
      await this.#lookAgain();
      await this.#writeDue();
    }
  }

  /** Notes which templates would now print something else than is in their files. */
  async #lookAgain(): Promise<void> {
    const facts = this.#newFacts();
    const nowMs = this.#input.clock.nowMs();
    for (const rendered of this.#rendered.filter(({ template }) => !template.once)) {
      const outcome = await this.#renderAgain(rendered, facts);
      if (outcome === undefined) continue;
      if (outcome === rendered.text) rendered.pending = undefined;
      else if (outcome !== rendered.pending?.text)
        rendered.pending = { sinceMs: rendered.pending?.sinceMs ?? nowMs, lastMs: nowMs, text: outcome };
    }
  }

  /** The text, or undefined while there is none: the file stays as it is. */
  async #renderAgain(rendered: Rendered, facts: KnownFacts): Promise<string | undefined> {
    try {
      const outcome = await renderOne(rendered, facts);
      if ("text" in outcome) return outcome.text;
      this.#say(outcome.waitsFor);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#say(error.message);
    }
    return undefined;
  }

  async #writeDue(): Promise<void> {
    const nowMs = this.#input.clock.nowMs();
    const due = this.#rendered.filter((rendered) => (dueMs(rendered) ?? Infinity) <= nowMs);
    const written = due.filter((rendered) => this.#rewrite(rendered));
    await this.#tell(written.map(({ template }) => template));
  }

  async #tell(templates: readonly Template[]): Promise<void> {
    if (templates.length === 0) return;
    const splayMs = Math.max(...templates.map((template) => template.splayMs ?? 0));
    if (splayMs > 0) await this.#input.clock.sleep(this.#input.dice.roll() * splayMs, this.#signal);
    this.#said = "";
    this.#input.onChange(templates);
  }

  /** Whether the file now holds what was pending. */
  #rewrite(rendered: Rendered): boolean {
    const text = rendered.pending?.text ?? rendered.text;
    rendered.pending = undefined;
    try {
      const pairs = rendered.template.isEnvironment ? environmentOf(rendered, text) : {};
      this.#write({ ...rendered, text });
      Object.assign(rendered, { text, pairs });
      return true;
    } catch (error) {
      this.#say(messageOf(error));
      return false;
    }
  }

  #write<T extends Rendered>(rendered: T): T {
    const { permissions, uid, gid } = rendered.template;
    const { taskDirectory, allocationDirectory } = this.#input;
    const how = { permissions, uid, gid, taskDirectory, allocationDirectory };
    writeTaskFile(rendered.destination, rendered.text, how);
    return rendered;
  }

  /** Until facts may have changed, or a pending text is due. */
  async #nextWake(): Promise<void> {
    const nextMs = Math.min(...this.#rendered.map((rendered) => dueMs(rendered) ?? Infinity));
    if (nextMs === Infinity) return this.#nextChange();
    const either = new AbortController();
    const signal = AbortSignal.any([this.#signal, either.signal]);
    const delayMs = Math.max(nextMs - this.#input.clock.nowMs(), 0);
    const ends = [this.#nextChange(signal), this.#input.clock.sleep(delayMs, signal)];
    try {
      await Promise.race(ends);
    } finally {
      either.abort();
      await Promise.allSettled(ends);
    }
  }

  async #nextChange(signal = this.#signal): Promise<void> {
    try {
      const index = await this.#input.link.changed(this.#index, signal);
      // One that answers at once without a change must not make this a busy loop.
      if (index === this.#index) await this.#input.clock.sleep(retryMs, signal);
      this.#index = index;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Refusal)) throw error;
      await this.#input.clock.sleep(retryMs, signal);
    }
  }

  #newFacts(): KnownFacts {
    const { project, env, node, clock, link } = this.#input;
    const local: LocalFacts = {
      project,
      env: { ...nodeEnvironment(node), ...env },
      nowMs: () => clock.nowMs(),
      readFile: (path) => readTaskFile(path, this.#input),
    };
    return new KnownFacts(local, link);
  }

  /** Once for each new reason. */
  #say(what: string): void {
    if (what === this.#said) return;
    this.#said = what;
    this.#input.onWaiting(what);
  }
}

/** Runs a template until it has all the answers it asks for. */
async function renderOne(
  { render }: Compiled,
  facts: KnownFacts,
): Promise<{ readonly text: string } | { readonly waitsFor: string }> {
  for (let pass = 0; pass < maxPasses; pass++) {
    facts.begin();
    const result = attemptRender(render, facts);
    if (facts.hasQuestions) {
      await facts.answerQuestions();
      continue;
    }
    if (facts.absent.length > 0) return { waitsFor: facts.absent.join(", ") };
    if (typeof result === "string") return { text: result };
    if (facts.emptyServices.length > 0)
      return { waitsFor: `${facts.emptyServices.join(", ")} (${result.message})` };
    throw new Refusal("invalid", `The template fails: ${result.message}.`, { cause: result });
  }
  throw new Refusal("invalid", `The template asks for ever more services or variables.`);
}

function attemptRender(render: Renderer, facts: KnownFacts): string | TemplateError {
  try {
    return render(facts);
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
}

function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new Refusal("invalid", `The template is not understood: ${error.message}.`, { cause: error });
  }
}

function environmentOf({ destination }: Compiled, text: string): Readonly<Record<string, string>> {
  const outcome = parseEnvironment(text);
  if ("pairs" in outcome) return outcome.pairs;
  throw new Refusal(
    "invalid",
    `Line ${outcome.badLine} of the environment template ${destination} is not KEY=value.`,
  );
}

/** When a pending text is to be written. */
function dueMs({ pending, template }: Rendered): number | undefined {
  if (!pending) return undefined;
  const { minMs, maxMs } = template.wait ?? { minMs: 0, maxMs: 0 };
  return Math.min(pending.lastMs + minMs, pending.sinceMs + Math.max(maxMs, minMs));
}

/** Templates may ask for properties of the node as if they were variables: `env "attr.kernel.name"`. */
function nodeEnvironment(node: NodeFacts): Record<string, string> {
  const prefixed = (prefix: string, entries: Readonly<Record<string, string>>) =>
    Object.entries(entries).map(([name, value]) => [`${prefix}.${name}`, value] as const);
  return {
    ...Object.fromEntries([...prefixed("attr", node.attributes), ...prefixed("meta", node.meta)]),
    "node.unique.id": node.id,
    "node.unique.name": node.name,
    "node.datacenter": node.zone,
    "node.class": node.class,
    "node.pool": node.pool,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
