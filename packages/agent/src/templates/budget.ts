import { TemplateError } from "./template-error.ts";
import type { Value } from "./values.ts";
import { isList, isMap, weightOf } from "./values.ts";

/** A template may print 2 Mi characters, and so long may be any text on the way. */
const maxCharacters = 2 * 1024 * 1024;
/** A second or two of work. */
const maxSteps = 10_000_000;
/** A list may hold the same list twice, which again … so values have a limit as well. */
const maxWeight = 500_000;
/** Milliseconds for all regular expressions together, which may take exponentially long otherwise. */
const maxExpressionMs = 250;

/** What one run of a template may use up. All of its methods throw when that is too much. */
export class Budget {
  #name: string;
  #steps = maxSteps;
  #characters = maxCharacters;
  #expressionMs = maxExpressionMs;

  /** @param name of the template, for the message */
  constructor(name: string) {
    this.#name = name;
  }

  spend(steps: number): void {
    this.#steps -= steps;
    if (this.#steps < 0) throw this.#exceeded("works for too long");
  }

  /** For a value that came about. */
  pay(value: Value): void {
    if (typeof value === "string") this.checkLength(value.length);
    const length = isList(value) ? value.length : isMap(value) ? value.size : 0;
    this.spend(1 + length);
    const weight = weightOf(value);
    if (weight > maxWeight) throw this.#exceeded(`makes a value of more than ${maxWeight} parts`);
    if (typeof value === "string") this.spend(weight);
  }

  /** For a value that is looked at from top to bottom. */
  visit(value: Value): void {
    this.spend(weightOf(value));
  }

  /** To be asked before a text of this length is made. */
  checkLength(characters: number): void {
    if (characters > maxCharacters)
      throw this.#exceeded(`makes text of more than ${maxCharacters} characters`);
  }

  addOutput(characters: number): void {
    this.#characters -= characters;
    if (this.#characters < 0) throw this.#exceeded(`prints more than ${maxCharacters} characters`);
  }

  /** What is left for regular expressions, at least 1. */
  get expressionMs(): number {
    if (this.#expressionMs < 1) throw this.#exceeded("spends too much time in regular expressions");
    return Math.floor(this.#expressionMs);
  }

  spendExpression(milliseconds: number): void {
    this.#expressionMs -= milliseconds;
  }

  #exceeded(what: string): TemplateError {
    return new TemplateError(`${this.#name}: the template ${what}`);
  }
}
