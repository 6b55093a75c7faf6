/**
 * The rules of a policy, from their text: HCL, or the same in JSON.
 *
 *     namespace "web-*" {
 *       policy       = "read"
 *       capabilities = ["alloc-exec"]
 *       variables { path "nomad/jobs/web/*" { capabilities = ["read"] } }
 *     }
 *     node { policy = "write" }
 *
 * Source: https://developer.hashicorp.com/nomad/docs/other-specifications/acl-policy
 */
import { Refusal } from "@fractus/core/refusal.ts";
import { hasErrors, positionAt } from "@fractus/hcl/diagnostic.ts";
import { evaluate } from "@fractus/hcl/evaluate.ts";
import { parseAny } from "@fractus/hcl/parse-any.ts";
import type { Body } from "@fractus/hcl/syntax.ts";
import type { Value } from "@fractus/hcl/value.ts";
import {
  type Level,
  namespaceCapabilities,
  type NamespaceCapability,
  namespaceShorthands,
  submitting,
  variableCapabilities,
  type VariableCapability,
  type VolumeCapability,
  volumeShorthands,
} from "./capabilities.ts";

/** What one policy says. Names of namespaces, pools and volumes may hold `*`, as paths of variables may. */
export interface PolicyRules {
  readonly namespaces: readonly NamespaceRule[];
  readonly nodePools: readonly { readonly pattern: string; readonly level: Level }[];
  readonly hostVolumes: readonly {
    readonly pattern: string;
    readonly capabilities: readonly VolumeCapability[];
  }[];
  readonly node?: Level;
  readonly agent?: Level;
  readonly operator?: Level;
  readonly quota?: Level;
  readonly plugin?: Level;
}

export interface NamespaceRule {
  readonly pattern: string;
  readonly capabilities: readonly NamespaceCapability[];
  readonly variables: readonly VariableRule[];
}

export interface VariableRule {
  readonly pattern: string;
  readonly capabilities: readonly VariableCapability[];
}

const mostBytes = 256 * 1024;

/**
 * Reads the rules of a policy.
 *
 * @throws Refusal invalid, with the place of what is wrong
 */
export function parsePolicyRules(text: string): PolicyRules {
  if (text.length > mostBytes) throw invalid(`the rules are longer than ${mostBytes} characters`);
  const parts = /^\s*\{/.test(text) ? partsOfJson(text) : partsOfHcl(text);
  if (parts.length === 0) throw invalid("the rules say nothing");
  return rulesOf(parts);
}

/** A block of the rules: `type "label" { … }`. */
interface Part {
  readonly type: string;
  readonly label: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly parts: readonly Part[];
  /** Such as ` at 3:5`. */
  readonly place: string;
}

function partsOfHcl(text: string): Part[] {
  const { body, diagnostics } = parseAny(text, { fileName: "policy" });
  const [fault] = diagnostics.filter((one) => hasErrors([one]));
  if (fault) throw invalid(`${fault.detail}${placeOf(text, fault.range.start)}`);
  if (body.attributes.length > 0) {
    const [{ name, start }] = body.attributes;
    throw invalid(`"${name}" stands outside of a block${placeOf(text, start)}`);
  }
  return partsOfBody(text, body);
}

function partsOfBody(text: string, body: Body): Part[] {
  return body.blocks.map((block) => ({
    type: block.type,
    label: block.labels[0]?.text,
    fields: Object.fromEntries(
      block.body.attributes.map(({ name, expression }) => {
        const { value, diagnostics } = evaluate(expression, { variables: new Map(), functions: new Map() });
        const [fault] = diagnostics;
        if (fault) throw invalid(`${fault.detail}${placeOf(text, fault.range.start)}`);
        return [name, plain(value)];
      }),
    ),
    parts: partsOfBody(text, block.body),
    place: placeOf(text, block.start),
  }));
}

function placeOf(text: string, offset: number): string {
  const { line, column } = positionAt(text, offset);
  return ` at ${line}:${column}`;
}

function plain(value: Value): unknown {
  switch (value.kind) {
    case "string":
    case "bool":
      return value.value;
    case "list":
    case "tuple":
    case "set":
      return value.items.map(plain);
    default:
      return undefined;
  }
}

/** `{"namespace": {"default": {"policy": "read"}}, "node": {"policy": "write"}}`. */
function partsOfJson(text: string): Part[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
  return partsOfObject(json as Record<string, unknown>);
}

const labelled: ReadonlySet<string> = new Set(["namespace", "node_pool", "host_volume", "path"]);

function partsOfObject(json: Readonly<Record<string, unknown>>): Part[] {
  return Object.entries(json).flatMap(([type, value]) => {
    if (!isObject(value)) return [];
    if (!labelled.has(type)) return [partOf(type, undefined, value)];
    return Object.entries(value).flatMap(([label, body]) =>
      isObject(body) ? partOf(type, label, body) : [],
    );
  });
}

function partOf(type: string, label: string | undefined, value: Readonly<Record<string, unknown>>): Part {
  const fields = Object.fromEntries(Object.entries(value).filter(([, field]) => !isObject(field)));
  return { type, label, fields, parts: partsOfObject(value), place: "" };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function rulesOf(parts: readonly Part[]): PolicyRules {
  const levels: Partial<Record<"node" | "agent" | "operator" | "quota" | "plugin", Level>> = {};
  const namespaces: NamespaceRule[] = [];
  const nodePools: PolicyRules["nodePools"][number][] = [];
  const hostVolumes: PolicyRules["hostVolumes"][number][] = [];
  for (const part of parts) {
    switch (part.type) {
      case "namespace":
        namespaces.push(namespaceRule(part));
        break;
      case "node_pool":
        nodePools.push({ pattern: labelOf(part), level: levelOf(part) });
        break;
      case "host_volume":
        hostVolumes.push({ pattern: labelOf(part), capabilities: volumeCapabilities(part) });
        break;
      case "node":
      case "agent":
      case "operator":
      case "quota":
      case "plugin":
        levels[part.type] = levelOf(part);
        break;
      default:
        throw invalid(`there is no block "${part.type}" in a policy${part.place}`);
    }
  }
  return { namespaces, nodePools, hostVolumes, ...levels };
}

function labelOf({ type, label, place }: Part): string {
  if (label === undefined) throw invalid(`"${type}" needs a name${place}`);
  return label;
}

function levelOf(part: Part): Level {
  refuseOthers(part, ["policy", "capabilities"]);
  const level = part.fields.policy;
  if (level === "deny" || level === "read" || level === "write") return level;
  if (level === "list" && part.type === "plugin") return level;
  throw invalid(`"${part.type}" takes policy = "deny", "read" or "write"${part.place}`);
}

function namespaceRule(part: Part): NamespaceRule {
  refuseOthers(part, ["policy", "capabilities"]);
  const pattern = labelOf(part);
  const short = shorthandOf(part, namespaceShorthands);
  const named = wordsOf(part, namespaceCapabilities);
  const all = new Set([...short, ...named]);
  if (all.has("submit-job")) for (const one of submitting) all.add(one);
  const variables = part.parts.flatMap((one) => {
    if (one.type === "variables") return one.parts.map(variableRule);
    throw invalid(`there is no block "${one.type}" in a namespace${one.place}`);
  });
  return { pattern, capabilities: [...all], variables };
}

function variableRule(part: Part): VariableRule {
  if (part.type !== "path") throw invalid(`"variables" holds blocks "path" only${part.place}`);
  refuseOthers(part, ["capabilities"]);
  const named = new Set(wordsOf(part, variableCapabilities));
  if (named.has("read") || named.has("write")) named.add("list");
  return { pattern: labelOf(part), capabilities: [...named] };
}

function volumeCapabilities(part: Part): VolumeCapability[] {
  refuseOthers(part, ["policy", "capabilities"]);
  const short = shorthandOf(part, volumeShorthands);
  return [...short, ...wordsOf(part, ["mount-readonly", "mount-readwrite", "deny"] as const)];
}

/** What `policy = "read"` and the like stand for; nothing where there is none. */
function shorthandOf<Word>(part: Part, known: Readonly<Record<string, readonly Word[]>>): readonly Word[] {
  const { policy } = part.fields;
  if (policy === undefined || policy === "") return [];
  if (typeof policy === "string" && Object.hasOwn(known, policy)) return known[policy];
  throw invalid(`${JSON.stringify(policy)} is no policy of a ${part.type.replace("_", " ")}${part.place}`);
}

function wordsOf<Word extends string>(part: Part, known: readonly Word[]): Word[] {
  const { capabilities } = part.fields;
  if (capabilities === undefined) return [];
  if (!Array.isArray(capabilities)) throw invalid(`capabilities is a list${part.place}`);
  return (capabilities as unknown[]).map((word) => {
    const found = known.find((one) => one === word);
    if (found === undefined) throw invalid(`there is no capability ${JSON.stringify(word)}${part.place}`);
    return found;
  });
}

function refuseOthers(part: Part, known: readonly string[]): void {
  const other = Object.keys(part.fields).find((name) => !known.includes(name));
  if (other !== undefined) throw invalid(`"${part.type}" knows no "${other}"${part.place}`);
}

function invalid(message: string): Refusal {
  return new Refusal("invalid", `The rules of the policy cannot be used: ${message}.`);
}
