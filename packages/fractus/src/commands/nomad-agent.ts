/**
 * `nomad agent -server -config /etc/nomad/nomad.conf.json`: the cloud under the flags and with the configuration
 * files of Nomad, as far as they mean something here. Whatever else is in a file is an error that names it.
 *
 * Source: https://developer.hashicorp.com/nomad/docs/configuration and https://developer.hashicorp.com/nomad/commands/agent
 */
import { readFileSync } from "node:fs";
import { hasErrors, renderDiagnostic } from "@fractus/hcl/diagnostic.ts";
import { evaluate } from "@fractus/hcl/evaluate.ts";
import { plain } from "@fractus/hcl/job/from-value.ts";
import { isJsonObject, type Json, type JsonObject } from "@fractus/hcl/job/json.ts";
import { parseBody } from "@fractus/hcl/parse.ts";
import type { Body } from "@fractus/hcl/syntax.ts";
import { Refusal } from "@fractus/core/refusal.ts";

/** The settings of `fractus up` that mean the same. @throws Refusal invalid, naming the flag or the line's name */
export function settingsOfAgent(argv: readonly string[]): string[] {
  const settings = ["--no-fractals"];
  const words = [...argv];
  while (words.length > 0) {
    const [flag, value] = splitFlag(words.shift()!);
    if (flag === "dev" || flag === "server" || flag === "client") continue;
    const known = flag === "config" ? undefined : valueFlags[flag];
    if (flag !== "config" && known === undefined) {
      throw new Refusal("invalid", `The flag -${flag} of the agent means nothing here.`);
    }
    const given = value ?? words.shift();
    if (given === undefined) throw new Refusal("invalid", `-${flag} needs a value.`);
    settings.push(...(known === undefined ? settingsOfFile(given) : [known, given]));
  }
  return settings;
}

const valueFlags: Readonly<Record<string, string>> = {
  bind: "--host",
  "data-dir": "--data",
  dc: "--zone",
  node: "--name",
  "node-class": "--class",
  "node-pool": "--pool",
};

function splitFlag(word: string): [string, string | undefined] {
  const [, flag, value] = /^--?([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  if (flag === undefined) throw new Refusal("invalid", `"${word}" is no flag of the agent.`);
  return [flag, value];
}

const attributes: Readonly<Record<string, string>> = {
  bind_addr: "--host",
  data_dir: "--data",
  datacenter: "--zone",
  name: "--name",
  "ports.http": "--http-port",
  "client.node_class": "--class",
  "client.node_pool": "--pool",
};

/** There is one server, which is also a client, and one region: these say what is so anyway. */
const withoutEffect = new Set([
  "region",
  "log_level",
  "disable_update_check",
  "server.enabled",
  "server.bootstrap_expect",
  "client.enabled",
  "ports.rpc",
  "ports.serf",
]);

function settingsOfFile(path: string): string[] {
  const settings: string[] = [];
  for (const [name, value] of flatten(readConfig(path))) {
    if (name === "server.bootstrap_expect" && value !== 1) {
      throw new Refusal(
        "invalid",
        `${path}: bootstrap_expect = ${JSON.stringify(value)}: there is one server here.`,
      );
    }
    if (withoutEffect.has(name)) continue;
    if (!Object.hasOwn(attributes, name))
      throw new Refusal("invalid", `${path}: "${name}" means nothing here.`);
    settings.push(attributes[name], typeof value === "string" ? value : JSON.stringify(value));
  }
  return settings;
}

function readConfig(path: string): JsonObject {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new Refusal("invalid", `The configuration file ${path} cannot be read.`, { cause });
  }
  if (!/^\s*\{/.test(text)) return readHcl(path, text);
  try {
    const value = JSON.parse(text) as Json;
    if (isJsonObject(value)) return value;
  } catch (cause) {
    throw new Refusal("invalid", `${path} is no JSON: ${(cause as Error).message}`, { cause });
  }
  throw new Refusal("invalid", `${path} holds no object.`);
}

function readHcl(path: string, text: string): JsonObject {
  const { body, diagnostics } = parseBody(text, { fileName: path });
  if (hasErrors(diagnostics))
    throw new Refusal("invalid", renderDiagnostic({ name: path, text }, diagnostics[0]));
  return objectOf(body);
}

function objectOf(body: Body): JsonObject {
  const scope = { variables: new Map(), functions: new Map() };
  const own = body.attributes.map(({ name, expression }) => [
    name,
    plain(evaluate(expression, scope).value) ?? null,
  ]);
  const blocks = body.blocks.map((block) => [block.type, objectOf(block.body)]);
  return Object.fromEntries([...own, ...blocks]) as JsonObject;
}

/** `ports.http = 4646`. In JSON a block may also stand in a list of one. */
function flatten(value: JsonObject, above = ""): [string, Json][] {
  return Object.entries(value).flatMap(([name, each]): [string, Json][] => {
    const [only] = Array.isArray(each) && each.length === 1 ? (each as readonly Json[]) : [each];
    return isJsonObject(only) ? flatten(only, `${above}${name}.`) : [[`${above}${name}`, only]];
  });
}
