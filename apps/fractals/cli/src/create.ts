import { randomInt } from "node:crypto";
import type { Fractal, FractalRequest } from "@fractals/client/fractal.ts";
import {
  colourings,
  kinds,
  palettes,
  type Colouring,
  type Kind,
  type Palette,
} from "@fractals/kernel/picture.ts";
import { InvalidArgumentError, Option } from "commander";
import type { Context } from "./program.ts";
import { progressBar } from "./progress-bar.ts";
import { choices, choose, randomRequest, type Choice, type ChoiceName } from "./random-request.ts";
import { waitFor } from "./wait-for.ts";

export interface CreateFlags extends Readonly<Record<string, unknown>> {
  readonly kind?: Kind;
  readonly palette?: Palette;
  readonly colouring?: Colouring;
  readonly samples?: number;
  readonly power?: number;
  readonly cx?: number;
  readonly cy?: number;
  readonly seed?: number;
  readonly wait?: true;
  readonly watch?: true;
}

const atOnce = 1000;

/** The tutorial's flags, `--X`, `--min-X` and `--max-X`, and those of what came since. */
export function createOptions(): Option[] {
  const chosen = Object.entries(choices).flatMap(([name, { low, high, help }]) => [
    new Option(`--${name} <n>`, help).argParser(number),
    new Option(`--min-${name} <n>`, `chosen at random from here`).argParser(number).default(low),
    new Option(`--max-${name} <n>`, `to here`).argParser(number).default(high),
  ]);
  return [
    ...chosen,
    new Option("--kind <kind>", "the formula").choices(kinds),
    new Option("--cx <n>", "real part of a Julia set's constant; chosen at random otherwise").argParser(
      number,
    ),
    new Option("--cy <n>", "imaginary part").argParser(number),
    new Option("--power <n>", "exponent of a multibrot, n of Newton's z^n - 1").argParser(number),
    new Option("--palette <palette>", "the colours").choices(palettes),
    new Option("--colouring <colouring>", "how counts become colours").choices(colourings),
    new Option("--samples <n>", "supersampling, 1 to 4").argParser(number),
    new Option("--seed <n>", "from which the API derives what is random").argParser(number),
    new Option("--wait", "return when all are drawn"),
    new Option("--watch", "the same, with a progress bar"),
  ];
}

/** Requests the fractals and, if asked to, waits for them; the exit code is 1 when one fails. */
export async function createFractals(
  { api, log, flags: global, print }: Context,
  flags: CreateFlags,
): Promise<void> {
  const given = givenChoices(flags);
  const roll = () => randomInt(2 ** 32) / 2 ** 32;
  const tasks = choose("tasks", given.tasks, roll);
  log.info(`generating ${tasks} task(s)`);
  const requests = Array.from({ length: tasks }, () => randomRequest(given, fixedFields(flags), roll));
  const created: Fractal[] = [];
  for (let at = 0; at < requests.length; at += atOnce)
    created.push(...(await api.createMany(requests.slice(at, at + atOnce))));

  const ended = flags.wait || flags.watch ? await watched(api, created, flags.watch === true) : created;
  const failed = ended.filter((fractal) => fractal.status === "failed");
  if (global.json) print(JSON.stringify(ended, null, 2));
  else if (!global.verbose && !global.debug) for (const { uuid } of ended) print(uuid);
  for (const { uuid, error } of failed) log.error(`fractal ${uuid} failed: ${error}`);
  if (failed.length > 0) process.exitCode = 1;
}

async function watched(api: Context["api"], created: readonly Fractal[], bar: boolean): Promise<Fractal[]> {
  const progress = bar ? progressBar(process.stderr, created.length) : undefined;
  const ended = await waitFor(
    api,
    created.map(({ uuid }) => uuid),
    (count) => progress?.show(count),
  );
  progress?.end();
  return ended;
}

function givenChoices(flags: CreateFlags): Record<ChoiceName, Choice> {
  const entries = (Object.keys(choices) as ChoiceName[]).map((name) => {
    const capital = name.charAt(0).toUpperCase() + name.slice(1);
    const [exact, low, high] = [flags[name], flags[`min${capital}`], flags[`max${capital}`]] as [
      number | undefined,
      number,
      number,
    ];
    return [name, { exact, low, high }];
  });
  return Object.fromEntries(entries) as Record<ChoiceName, Choice>;
}

function fixedFields(flags: CreateFlags): FractalRequest {
  const { kind, palette, colouring, samples, power, cx, cy, seed } = flags;
  const fields = { kind, palette, colouring, samples, power, cx, cy, seed };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("It must be a number.");
  return value;
}
