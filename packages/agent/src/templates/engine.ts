import { Budget } from "./budget.ts";
import { evaluate } from "./evaluate.ts";
import type { TemplateSources } from "./functions/cloud.ts";
import { cloudFunctions } from "./functions/cloud.ts";
import { encodingFunctions } from "./functions/encodings.ts";
import { numberFunctions } from "./functions/numbers.ts";
import { sprigFunctions } from "./functions/sprig.ts";
import { standardFunctions } from "./functions/standard.ts";
import { textFunctions } from "./functions/text.ts";
import type { Delimiters } from "./lexer.ts";
import { defaultDelimiters, parseTemplate } from "./parse-template.ts";
import type { TemplateText } from "./template-error.ts";
import { TemplateError } from "./template-error.ts";

export interface RenderOptions {
  readonly delimiters?: Delimiters;
  /** A map without the key that is asked for is an error, instead of printing `<no value>`. */
  readonly failsOnMissingKey?: boolean;
}

/** What a template prints, given what is known by now. */
export type Renderer = (sources: TemplateSources) => string;

const pureFunctions = {
  ...standardFunctions,
  ...textFunctions,
  ...numberFunctions,
  ...encodingFunctions,
  ...sprigFunctions,
};

/**
 * Parses a template in the language of consul-template: a subset of Go's text/template with functions
 * for services, variables, text and numbers. Neither parsing nor rendering throws anything but
 * `TemplateError`, and both end soon whatever the text is.
 *
 * Source: https://github.com/hashicorp/consul-template/blob/main/docs/templating-language.md
 */
export function compileTemplate(source: TemplateText, options: RenderOptions = {}): Renderer {
  const names = functionsFor(emptySources);
  const template = withinStack(source, () =>
    parseTemplate(source, {
      delimiters: options.delimiters ?? defaultDelimiters,
      hasFunction: (name) => names.has(name),
    }),
  );
  return (sources) =>
    withinStack(source, () =>
      evaluate(template, {
        functions: functionsFor(sources),
        budget: new Budget(source.name),
        failsOnMissingKey: options.failsOnMissingKey ?? false,
      }),
    );
}

/** Each depth is bounded, but their product may still be more than the stack holds. */
function withinStack<T>(source: TemplateText, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new TemplateError(`${source.name}: the template is nested too deeply`);
  }
}

function functionsFor(sources: TemplateSources) {
  return new Map(Object.entries({ ...pureFunctions, ...cloudFunctions(sources) }));
}

/** Knows nothing. */
const emptySources: TemplateSources = {
  env: {},
  project: "",
  nowMs: () => 0,
  services: () => [],
  variable: () => undefined,
  variablePaths: () => [],
  file: () => "",
};
