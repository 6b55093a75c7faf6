/** The configuration file: attributes by the names of the settings, and blocks for nodes and host volumes. */
import { positionAt, renderDiagnostic, type Diagnostic, type Range } from "@fractus/hcl/diagnostic.ts";
import { evaluate } from "@fractus/hcl/evaluate.ts";
import { plain } from "@fractus/hcl/job/from-value.ts";
import { isJsonObject, type Json } from "@fractus/hcl/job/json.ts";
import { parseBody } from "@fractus/hcl/parse.ts";
import { suggest } from "@fractus/hcl/suggest.ts";
import type { Block, Body } from "@fractus/hcl/syntax.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { HostVolumeBlock, NodeBlock } from "./settings.ts";
import { specs } from "./settings.ts";

export interface ConfigFile {
  /** By setting: the value as it was written, and `FILE:LINE`. */
  readonly values: ReadonlyMap<string, { readonly value: Json; readonly origin: string }>;
  readonly nodes: readonly NodeBlock[];
  readonly hostVolumes: readonly HostVolumeBlock[];
}

/**
 * Reads a configuration file.
 *
 * @throws Refusal invalid: whatever is not understood, with file, line and the line itself
 */
export function readConfigFile(name: string, text: string): ConfigFile {
  const reader = new Reader(name, text);
  return reader.read();
}

const nodeAttributes = ["zone", "pool", "class", "cpu", "cores", "memory", "disk", "meta"];
const volumeAttributes = ["path", "read_only"];
const mebibyte = 1024 ** 2;

class Reader {
  readonly #name: string;
  readonly #text: string;

  constructor(name: string, text: string) {
    this.#name = name;
    this.#text = text;
  }

  read(): ConfigFile {
    const { body, diagnostics } = parseBody(this.#text, { fileName: this.#name });
    for (const one of diagnostics) if (one.severity === "error") this.#refuse(one);
    const settings = this.#attributes(body, Object.keys(specs));
    const values = new Map(
      [...settings].map(([key, { value, range }]) => [
        key,
        { value, origin: `${this.#name}:${positionAt(this.#text, range.start).line}` },
      ]),
    );
    const known = ["node", "host_volume"];
    for (const block of body.blocks) {
      if (!known.includes(block.type)) this.#unknown("block", block.type, known, block.typeRange);
    }
    const blocks = (type: string) => body.blocks.filter((block) => block.type === type);
    return {
      values,
      nodes: blocks("node").map((block) => this.#node(block)),
      hostVolumes: blocks("host_volume").map((block) => this.#volume(block)),
    };
  }

  #node(block: Block): NodeBlock {
    const of = this.#reading(block, nodeAttributes);
    const memory = of.number("memory");
    const disk = of.number("disk");
    const cpuMhz = of.number("cpu");
    const cores = of.number("cores");
    const [zone, pool, nodeClass] = [of.text("zone"), of.text("pool"), of.text("class")];
    return {
      name: of.label,
      meta: of.texts("meta"),
      ...(zone !== undefined && { zone }),
      ...(pool !== undefined && { pool }),
      ...(nodeClass !== undefined && { class: nodeClass }),
      ...(cpuMhz !== undefined && { cpuMhz }),
      ...(cores !== undefined && { cores }),
      ...(memory !== undefined && { memoryBytes: memory * mebibyte }),
      ...(disk !== undefined && { diskBytes: disk * mebibyte }),
    };
  }

  #volume(block: Block): HostVolumeBlock {
    const of = this.#reading(block, volumeAttributes);
    const path = of.text("path");
    if (!path?.startsWith("/")) this.#fail(block, "Missing path", "A host volume needs an absolute path.");
    return { name: of.label, path, isReadOnly: of.flag("read_only") ?? false };
  }

  #reading(block: Block, names: readonly string[]) {
    if (block.labels.length !== 1)
      this.#fail(
        block.typeRange,
        "Missing name",
        `A ${block.type} block has one name: ${block.type} "NAME" { … }.`,
      );
    for (const inner of block.body.blocks) this.#unknown("block", inner.type, names, inner.typeRange);
    const found = this.#attributes(block.body, names);
    const as = <T extends Json>(
      name: string,
      expected: string,
      isIt: (value: Json) => value is T,
    ): T | undefined => {
      const one = found.get(name);
      if (one === undefined || isIt(one.value)) return one?.value as T | undefined;
      return this.#fail(one.range, "Unsuitable value", `"${name}" takes ${expected}.`);
    };
    return {
      label: block.labels[0].text,
      text: (name: string) => as(name, "a text", (value) => typeof value === "string"),
      number: (name: string) => as(name, "a whole number above 0", isCount),
      flag: (name: string) => as(name, "true or false", (value) => typeof value === "boolean"),
      texts: (name: string) => as(name, "an object of texts", isTexts) ?? {},
    };
  }

  #attributes(body: Body, names: readonly string[]): Map<string, { value: Json; range: Range }> {
    const found = new Map<string, { value: Json; range: Range }>();
    for (const { name, nameRange, expression } of body.attributes) {
      if (!names.includes(name)) this.#unknown("setting", name, names, nameRange);
      if (found.has(name)) this.#fail(nameRange, "Set twice", `"${name}" has a value already.`);
      const { value, diagnostics } = evaluate(expression, { variables: new Map(), functions: new Map() });
      for (const one of diagnostics) if (one.severity === "error") this.#refuse(one);
      found.set(name, { value: plain(value) ?? null, range: expression });
    }
    return found;
  }

  #unknown(noun: string, name: string, known: readonly string[], range: Range): never {
    const suggestion = suggest(name, known);
    const detail = `There is no ${noun} "${name}". Known are: ${known.join(", ")}.`;
    return this.#refuse({
      severity: "error",
      summary: `Unknown ${noun}`,
      detail,
      range,
      ...(suggestion && { suggestion: `"${suggestion}"` }),
    });
  }

  #fail(range: Range, summary: string, detail: string): never {
    return this.#refuse({ severity: "error", summary, detail, range });
  }

  #refuse(diagnostic: Diagnostic): never {
    throw new Refusal("invalid", renderDiagnostic({ name: this.#name, text: this.#text }, diagnostic));
  }
}

function isCount(value: Json): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function isTexts(value: Json): value is Record<string, string> {
  return isJsonObject(value) && Object.values(value).every((each) => typeof each === "string");
}
