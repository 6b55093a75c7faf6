import { Refusal } from "@fractus/core/refusal.ts";
import type { ControlLink, ServiceRegistration } from "../control-link.ts";
import type { TemplateSources } from "./functions/cloud.ts";
import { FunctionError } from "./evaluate.ts";

export type FactsLink = Pick<ControlLink, "services" | "variable" | "variablePaths" | "changed">;

/** Where facts come from that need no asking. */
export interface LocalFacts {
  readonly project: string;
  readonly env: Readonly<Record<string, string>>;
  nowMs(): number;
  readFile(path: string): string;
}

/**
 * What is known of the cloud during one round of rendering. A template that needs more gets an empty
 * answer, what it asked is noted, and it is run again when the answers are there: as consul-template
 * does it, since templates cannot wait.
 */
export class KnownFacts implements TemplateSources {
  readonly env: Readonly<Record<string, string>>;
  readonly project: string;
  #local: LocalFacts;
  #link: FactsLink;
  #answers = new Map<string, unknown>();
  #questions = new Map<string, () => Promise<unknown>>();
  #absent = new Set<string>();
  #emptyServices = new Set<string>();
  #usesCloud = false;

  constructor(local: LocalFacts, link: FactsLink) {
    this.env = local.env;
    this.project = local.project;
    this.#local = local;
    this.#link = link;
  }

  /** Something asked for services or variables, so what is rendered may change. */
  get usesCloud(): boolean {
    return this.#usesCloud;
  }

  /** Questions came up that have no answer yet: what the template printed is of no account. */
  get hasQuestions(): boolean {
    return this.#questions.size > 0;
  }

  /** Variables that a template cannot do without and that are not there. */
  get absent(): readonly string[] {
    return [...this.#absent];
  }

  /** Services without an instance. That is no mistake, unless the template fails for it. */
  get emptyServices(): readonly string[] {
    return [...this.#emptyServices];
  }

  /** To be called before a template is run. */
  begin(): void {
    this.#questions.clear();
    this.#absent.clear();
    this.#emptyServices.clear();
  }

  async answerQuestions(): Promise<void> {
    const asked = [...this.#questions];
    const answers = await Promise.all(asked.map(([, ask]) => ask()));
    for (const [index, [key]] of asked.entries()) this.#answers.set(key, answers[index]);
    this.#questions.clear();
  }

  nowMs(): number {
    return this.#local.nowMs();
  }

  file(path: string): string {
    try {
      return this.#local.readFile(path);
    } catch (error) {
      if (error instanceof Refusal) throw new FunctionError(error.message);
      throw error;
    }
  }

  services(name: string): readonly ServiceRegistration[] {
    const found = this.#ask(`service ${name}`, () => this.#link.services(this.project, name));
    if (found?.length === 0) this.#emptyServices.add(`service ${name} has no instance yet`);
    return found ?? [];
  }

  variable(
    path: string,
    how: { readonly isRequired: boolean },
  ): Readonly<Record<string, string>> | undefined {
    const key = `variable ${path}`;
    const found = this.#ask(key, () => this.#link.variable(this.project, path));
    if (found === undefined && how.isRequired && this.#answers.has(key))
      this.#absent.add(`variable ${path} is not there yet`);
    return found;
  }

  variablePaths(prefix: string, how: { readonly isRequired: boolean }): readonly string[] {
    const found = this.#ask(`variables ${prefix}`, () => this.#link.variablePaths(this.project, prefix));
    if (found?.length === 0 && how.isRequired)
      this.#absent.add(`there is no variable below ${JSON.stringify(prefix)} yet`);
    return found ?? [];
  }

  #ask<T>(key: string, ask: () => Promise<T>): T | undefined {
    this.#usesCloud = true;
    if (this.#answers.has(key)) return this.#answers.get(key) as T;
    this.#questions.set(key, ask);
    return undefined;
  }
}
