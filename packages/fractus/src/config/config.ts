/** Where settings come from: the command line, then the environment, then the configuration file, then defaults. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { suggest } from "@fractus/hcl/suggest.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import { readConfigFile, type ConfigFile } from "./read-file.ts";
import { flagOf, type Origin, type SettingName, type Settings, type SettingSpec, specs } from "./settings.ts";

const names = Object.keys(specs) as SettingName[];

/** The environment of this process. */
export const environment: Readonly<Record<string, string | undefined>> = process.env;

/**
 * What is in force, with the origin of each value.
 *
 * @throws Refusal invalid, naming the flag, the variable or the line that is not understood
 */
export function readSettings(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = environment,
): Settings {
  refuseUnknownVariables(env);
  const flags = readFlags(argv);
  const file = readFile(flags, env);
  const origins = Object.fromEntries(names.map((name) => [name, originOf(name, { flags, env, file })]));
  return settingsFrom(origins as Record<SettingName, Origin>, file);
}

type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** Variables that have a meaning elsewhere: where clients find the cloud, and what CI demands. */
const otherVariables = new Set(["FRACTUS_ADDR", "FRACTUS_TOKEN", "FRACTUS_REQUIRE_ALL", "FRACTUS_CONFIG"]);

function refuseUnknownVariables(env: Readonly<Record<string, string | undefined>>): void {
  const known = new Set(names.map((name) => `FRACTUS_${name.toUpperCase()}`));
  for (const name of Object.keys(env)) {
    if (!name.startsWith("FRACTUS_") || known.has(name) || otherVariables.has(name)) continue;
    const near = suggest(name, known);
    throw new Refusal(
      "invalid",
      `The environment variable ${name} means nothing here.${near ? ` Did you mean ${near}?` : ""}`,
    );
  }
}

function readFlags(argv: readonly string[]): Flags {
  const options: Record<string, { type: "string" | "boolean" }> = { config: { type: "string" } };
  for (const name of names) {
    const flag = flagOf(name).slice(2);
    options[flag] = { type: specs[name].kind === "switch" ? "boolean" : "string" };
  }
  try {
    return parseArgs({ args: [...argv], options, allowNegative: true }).values;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const [, unknown] = /'(--[^ ']+)/.exec(text) ?? [];
    const near = unknown && suggest(unknown, names.map(flagOf));
    throw new Refusal("invalid", `${text.split(". ")[0]}.${near ? ` Did you mean ${near}?` : ""}`, {
      cause: error,
    });
  }
}

/** The file that was named, or `fractus.hcl` in the data directory if it is there. */
function readFile(flags: Flags, env: Readonly<Record<string, string | undefined>>): ConfigFile | undefined {
  const named = (flags.config as string | undefined) ?? env.FRACTUS_CONFIG;
  const data = (flags.data as string | undefined) ?? env.FRACTUS_DATA ?? ".fractus";
  const path = named ?? join(data, "fractus.hcl");
  if (named === undefined && !existsSync(path)) return undefined;
  try {
    return readConfigFile(path, readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal("invalid", `The configuration file ${path} cannot be read.`, { cause: error });
  }
}

function originOf(
  name: SettingName,
  from: {
    readonly flags: Flags;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly file: ConfigFile | undefined;
  },
): Origin {
  const spec: SettingSpec = specs[name];
  const flag = flagOf(name);
  const given = from.flags[flag.slice(2)];
  if (given !== undefined) return { value: checked(spec, given, flag), origin: flag };
  const variable = `FRACTUS_${name.toUpperCase()}`;
  const text = from.env[variable];
  if (text !== undefined) return { value: checked(spec, text, variable), origin: variable };
  const written = from.file?.values.get(name);
  if (written)
    return { value: checked(spec, written.value, `${written.origin}: ${name}`), origin: written.origin };
  return { value: spec.fallback(), origin: "default" };
}

function checked({ kind }: SettingSpec, value: unknown, where: string): string | number | boolean {
  if (kind === "switch") {
    if (typeof value === "boolean") return value;
    if (value === "true" || value === "yes" || value === "1") return true;
    if (value === "false" || value === "no" || value === "0") return false;
    throw new Refusal("invalid", `${where} takes true or false, not ${shown(value)}.`);
  }
  if (kind === "text" || kind === "path") {
    if (typeof value === "string" && value !== "") return value;
    throw new Refusal("invalid", `${where} takes a text, not ${shown(value)}.`);
  }
  const high = kind === "port" ? 65_535 : kind === "count" ? 256 : 1e9;
  const number = typeof value === "number" ? value : /^\d+$/.test(String(value)) ? Number(value) : Number.NaN;
  if (Number.isInteger(number) && number >= 0 && number <= high) return number;
  throw new Refusal("invalid", `${where} takes a whole number from 0 to ${high}, not ${shown(value)}.`);
}

function shown(value: unknown): string {
  return JSON.stringify(value);
}

function settingsFrom(
  origins: Readonly<Record<SettingName, Origin>>,
  file: ConfigFile | undefined,
): Settings {
  const text = (name: SettingName) => origins[name].value as string | undefined;
  const number = (name: SettingName) => origins[name].value as number;
  const flag = (name: SettingName) => origins[name].value as boolean | undefined;
  const count = number("nodes");
  if (count < 1)
    throw new Refusal("invalid", `${origins.nodes.origin} takes a whole number of nodes, at least 1.`);
  const nodes = file?.nodes ?? [];
  const [joinPort, name, store, isolate] = [
    origins.join_port.value as number | undefined,
    text("name"),
    text("store"),
    flag("isolate"),
  ];
  return {
    dataDirectory: resolve(text("data")!),
    host: text("host")!,
    httpPort: number("http_port"),
    port: number("port"),
    amqpPort: number("amqp_port"),
    dnsPort: number("dns_port"),
    zone: text("zone")!,
    pool: text("pool")!,
    class: text("class")!,
    nodes: nodes.length > 0 && origins.nodes.origin === "default" ? nodes : count,
    runsFractals: flag("fractals")!,
    workers: number("workers"),
    demo: flag("demo")!,
    localArtifacts: flag("local_artifacts")!,
    acl: flag("acl")!,
    hostVolumes: file?.hostVolumes ?? [],
    origins,
    ...(joinPort !== undefined && { joinPort }),
    ...(name !== undefined && { name }),
    ...(store !== undefined && { store }),
    ...(isolate !== undefined && { isolate }),
  };
}

/** The settings for `fractus up --help`. */
export function settingsHelp(): string {
  const lines = names.map((name) => {
    const spec: SettingSpec = specs[name];
    const fallback = spec.shown ?? String(spec.fallback());
    const [flag, value] =
      spec.kind === "switch"
        ? [spec.fallback() === true ? flagOf(name).replace("--", "--no-") : flagOf(name), ""]
        : [flagOf(name), spec.kind === "text" || spec.kind === "path" ? " TEXT" : " N"];
    return `  ${`${flag}${value}`.padEnd(22)}${spec.doc}${spec.kind === "switch" ? "" : ` [${fallback}]`}`;
  });
  return [
    ...lines,
    `  ${"--config FILE".padEnd(22)}a file with the same settings [fractus.hcl in the data directory]`,
  ].join("\n");
}

/** Every setting with its value and where that came from, as lines of text. */
export function settingsTable(settings: Settings): string[] {
  const width = Math.max(...names.map((name) => name.length));
  return names.map((name) => {
    const { value, origin } = settings.origins[name];
    const words = value === undefined ? ((specs[name] as SettingSpec).shown ?? "") : JSON.stringify(value);
    return `${name.padEnd(width)} = ${words}   # ${origin}`;
  });
}
