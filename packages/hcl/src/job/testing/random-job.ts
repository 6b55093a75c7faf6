import type { Json, JsonObject } from "../json.ts";
import { identity } from "../schema/credentials.ts";
import type { AttributeField, BlockField, BlockSchema } from "../schema/block.ts";
import { job as jobSchema } from "../schema/job.ts";
import { constraint, affinity } from "../schema/placement.ts";
import { network } from "../schema/resources.ts";
import { task } from "../schema/task.ts";
import { groupScaling, taskScaling } from "../schema/scaling.ts";

/** Numbers from a seed: equal seeds give equal sequences. Each lies in [0, 1). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A job as decoding would give it, with any fields that the schema has and awkward texts in them. */
export function randomJob(seed: number): JsonObject {
  const random = randomFrom(seed);
  const job = new JobMaker(random).block(jobSchema);
  const { ID: id } = job;
  return { ...job, Name: random() < 0.5 ? id : "Other name" };
}

const texts = [
  "a", "local/x.conf", "", "true", "3", "with \"quotes\" and \\ signs", "${attr.cpu.arch}", "x-${NOMAD_PORT_http}-y", "${upper(\"x\")}",
  "$${x}", "$$${x}", "%{if}", "%%{", "$", "${", "${var.x}", "${local.x}", "tab\tand\u0001", "two\nlines", "heredoc\n${node.class} %{ x }\nEOF\n",
  "{{ range service \"a\" }}\n{{ end }}\n", "ünïcödé 日本", "${meta.a-b.c}", "\r\n", " trailing ",
]; // prettier-ignore
const keys = ["a", "KEY", "with-dash", "with.dot", "1st", "__proto__", "", "for", "dynamic"];

class JobMaker {
  readonly #random: () => number;
  #names = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  block(schema: BlockSchema): JsonObject {
    if (schema.free) return this.#free(schema.free);
    const json: JsonObject = {};
    if (schema.label) json[schema.label.json] = `n${++this.#names} "é`;
    for (const field of Object.values(schema.fields)) {
      const isWanted = field.required || this.#random() < 0.25;
      if (
        field.kind === "attribute" &&
        isWanted &&
        field.operator === undefined &&
        field.json !== schema.label?.json
      ) {
        json[field.json] = this.#attribute(field);
      } else if (field.kind === "block" && isWanted && !field.folded) this.#place(field, json);
    }
    return this.#lawful(schema, json);
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)];
  }

  #attribute(field: AttributeField): Json {
    const count = Math.floor(this.#random() * 3);
    switch (field.type) {
      case "string":
        return this.#pick(field.values ?? texts);
      case "integer":
      case "number":
        return this.#pick([0, 1, -1, 80, 300, 65_535]);
      case "duration":
        return this.#pick([0, 1, 1500, 5_000_000_000, 90_000_000_000, -2_000_000, 86_400_000_000_000]);
      case "bool":
        return this.#random() < 0.5;
      case "strings":
        return Array.from({ length: count }, () => this.#pick(texts));
      case "integers":
        return Array.from({ length: count }, () => this.#pick([0, 443]));
      case "map":
        return Object.fromEntries(Array.from({ length: count }, () => [this.#pick(keys), this.#pick(texts)]));
      default:
        return this.#value(2);
    }
  }

  #value(depth: number): Json {
    const choice = this.#random();
    const count = Math.floor(this.#random() * 3);
    if (depth > 0 && choice < 0.2) return Array.from({ length: count }, () => this.#value(depth - 1));
    if (depth > 0 && choice < 0.5) return Array.from({ length: count + 1 }, () => this.#map(depth - 1));
    if (depth > 0 && choice < 0.6) return this.#map(depth - 1);
    return this.#pick<Json>([...texts, 0, 1.5, -3, 1e21, true, false, null]);
  }

  #map(depth: number): JsonObject {
    const count = Math.floor(this.#random() * 4);
    return Object.fromEntries(Array.from({ length: count }, () => [this.#pick(keys), this.#value(depth)]));
  }

  #free(kind: "strings" | "lists" | "anything"): JsonObject {
    if (kind === "anything") return this.#map(3);
    const count = Math.floor(this.#random() * 4);
    const value = () => (kind === "strings" ? this.#pick(texts) : [this.#pick(texts)]);
    return Object.fromEntries(Array.from({ length: count }, () => [this.#pick(keys), value()]));
  }

  #place(field: BlockField, json: JsonObject): void {
    const count = 1 + Math.floor(this.#random() * 2);
    if (field.occurs === "one") json[field.json] = this.block(field.block);
    else if (field.occurs === "many")
      json[field.json] = Array.from({ length: count }, () => this.block(field.block));
    else {
      const blocks = Array.from({ length: count }, () => this.block(field.block));
      json[field.json] = Object.fromEntries(
        blocks.map((block) => [typeof block.Name === "string" ? block.Name : "", block]),
      );
    }
  }

  /** What decoding always brings about. */
  #lawful(schema: BlockSchema, json: JsonObject): JsonObject {
    if (schema === constraint || schema === affinity) json.Operand ??= "=";
    if (schema === groupScaling) json.Type ??= "horizontal";
    if (schema === taskScaling) json.Type = this.#pick(["vertical_cpu", "vertical_mem"]);
    if (json.Spec !== undefined || json.Specs !== undefined) json.SpecType = "cron";
    if (schema === network && Array.isArray(json.DynamicPorts)) this.#dividePorts(json);
    if (schema === identity) json.Name = `i${++this.#names}`;
    if (schema === task && Array.isArray(json.Identities) && this.#random() < 0.5)
      json.Identity = { Env: true };
    return json;
  }

  #dividePorts(json: JsonObject): void {
    const ports = (json.DynamicPorts as readonly JsonObject[]).map((port) => ({
      ...port,
      Value: this.#pick([0, 8080]),
    }));
    delete json.DynamicPorts;
    const fixed = ports.filter((port) => port.Value > 0);
    const dynamic = ports.filter((port) => port.Value === 0);
    if (fixed.length > 0) json.ReservedPorts = fixed;
    if (dynamic.length > 0) json.DynamicPorts = dynamic;
  }
}
