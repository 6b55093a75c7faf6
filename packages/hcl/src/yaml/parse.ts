/**
 * One YAML document as a value: block and flow collections, plain, quoted and block scalars,
 * comments, anchors, aliases and merge keys. Directives and several documents are refused.
 *
 * After https://yaml.org/spec/1.2.2/. Recursive descent on characters; the functions for block
 * nodes take the indentation that their content must exceed.
 */
import { objectValue, stringValue, tupleValue, nullValue, type Value } from "../value.ts";
import { convertible } from "../convert.ts";
import { stringType } from "../value.ts";
import { resolvePlain } from "./scalar.ts";
import { readBlockScalar, readQuoted, YamlFault } from "./text.ts";

export { YamlFault };

export function parseYaml(text: string): Value {
  return new YamlParser(text.replaceAll("\r\n", "\n")).document();
}

const depthLimit = 200;
/** Aliases can multiply a small text into a huge value. */
const aliasLimit = 1000;

/** What may stand before a node: `&anchor` and `!!tag`. */
interface Properties {
  readonly anchor: string | undefined;
  readonly tag: string | undefined;
}

class YamlParser {
  readonly #text: string;
  readonly #anchors = new Map<string, Value>();
  #position = 0;
  #depth = 0;
  #aliases = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Value {
    this.#skip();
    if (this.#text[this.#position] === "%") throw this.#fault("directives are not supported");
    if (this.#atMarker("---")) this.#position += 3;
    this.#skip();
    if (this.#position >= this.#text.length) throw this.#fault("the document is empty");
    const value = this.#node(-1);
    this.#skip();
    if (this.#atMarker("...")) {
      this.#position += 3;
      this.#skip();
    }
    if (this.#position < this.#text.length) throw this.#fault("unexpected text after the value");
    return value;
  }

  #fault(message: string): YamlFault {
    const line = this.#text.slice(0, this.#position).split("\n").length;
    return new YamlFault(`on line ${line}: ${message}`);
  }

  /** Blanks, line ends and comments. */
  #skip(): void {
    const pattern = /(?:[ \t]*(?:(?<=^|\s)#[^\n]*)?\n)*[ \t]*(?:(?<=^|\s)#[^\n]*$)?/y;
    pattern.lastIndex = this.#position;
    pattern.test(this.#text);
    this.#position = Math.max(this.#position, pattern.lastIndex);
  }

  /** Blanks and a comment up to the end of the line; true if the line ends there. */
  #skipInLine(): boolean {
    const pattern = /[ \t]*(?:(?<=\s)#[^\n]*)?/y;
    pattern.lastIndex = this.#position;
    pattern.test(this.#text);
    this.#position = pattern.lastIndex;
    return this.#position >= this.#text.length || this.#text[this.#position] === "\n";
  }

  #column(): number {
    return this.#position - (this.#text.lastIndexOf("\n", this.#position - 1) + 1);
  }

  #atMarker(marker: string): boolean {
    return (
      this.#column() === 0 &&
      this.#text.startsWith(marker, this.#position) &&
      /^(?:\s|$)/.test(this.#text.slice(this.#position + 3, this.#position + 4))
    );
  }

  #isSign(sign: string): boolean {
    return (
      this.#text[this.#position] === sign &&
      /^(?:\s|$)/.test(this.#text.slice(this.#position + 1, this.#position + 2))
    );
  }

  /** A block node whose column is greater than `parent`, at its first character. */
  #node(parent: number): Value {
    if (++this.#depth > depthLimit) throw this.#fault("nested too deeply");
    const properties = this.#properties();
    const value = this.#content(parent, properties);
    this.#depth--;
    if (properties.anchor !== undefined) this.#anchors.set(properties.anchor, value);
    return value;
  }

  #content(parent: number, { tag }: Properties): Value {
    if (this.#text[this.#position] === "\t") throw this.#fault("a tab cannot indent");
    if (this.#isSign("-")) return this.#sequence(this.#column());
    if (this.#isSign("?") || this.#keyEnd() !== undefined) return this.#mapping(this.#column());
    return this.#scalarOrFlow(parent, tag);
  }

  #properties(): Properties {
    let anchor: string | undefined;
    let tag: string | undefined;
    for (;;) {
      const match = /^(?:&([^\s,[\]{}]+)|(![^\s,[\]{}]*))(?=\s|$)/.exec(
        this.#text.slice(this.#position, this.#position + 200),
      );
      if (!match) return { anchor, tag };
      if (match[1] !== undefined) anchor = match[1];
      else tag = match[2];
      this.#position += match[0].length;
      this.#skip();
    }
  }

  #sequence(column: number): Value {
    const items: Value[] = [];
    while (
      this.#position < this.#text.length &&
      this.#column() === column &&
      this.#isSign("-") &&
      !this.#atMarker("---")
    ) {
      this.#position++;
      items.push(this.#skipInLine() ? this.#below(column) : this.#node(column));
      this.#skip();
    }
    if (this.#position < this.#text.length && this.#column() > column)
      throw this.#fault("unexpected indentation");
    return tupleValue(items);
  }

  /** The node on the following lines, if they are indented more; otherwise null. */
  #below(column: number): Value {
    this.#skip();
    return this.#position < this.#text.length && this.#column() > column ? this.#node(column) : nullValue;
  }

  #mapping(column: number): Value {
    const entries = new Map<string, Value>();
    const merged: Value[] = [];
    while (
      this.#position < this.#text.length &&
      this.#column() === column &&
      !this.#atMarker("...") &&
      !this.#atMarker("---")
    ) {
      const isMerge = this.#text.startsWith("<<:", this.#position);
      const key = this.#key(column);
      const value = this.#entryValue(column);
      if (isMerge) merged.push(...(value.kind === "tuple" ? value.items : [value]));
      else entries.set(key, value);
      this.#skip();
    }
    if (this.#position < this.#text.length && this.#column() > column)
      throw this.#fault("unexpected indentation");
    return this.#withMerged(entries, merged);
  }

  #withMerged(entries: Map<string, Value>, merged: readonly Value[]): Value {
    for (const other of merged) {
      if (other.kind !== "object") throw this.#fault("only mappings can be merged");
      for (const [name, value] of other.entries) if (!entries.has(name)) entries.set(name, value);
    }
    return objectValue(entries);
  }

  /** Reads a key and its colon. */
  #key(column: number): string {
    if (this.#isSign("?")) {
      this.#position++;
      const key = this.#skipInLine() ? this.#below(column) : this.#node(column);
      this.#skip();
      if (this.#column() === column && this.#isSign(":")) this.#position++;
      return this.#keyText(key);
    }
    const end = this.#keyEnd();
    if (end === undefined) throw this.#fault("a key and a colon are expected");
    this.#properties();
    const key = this.#inlineScalar(end);
    this.#position = end + 1;
    return this.#keyText(key);
  }

  #keyText(key: Value): string {
    const text = key.kind === "null" ? undefined : convertible(key, stringType);
    if (text?.kind !== "string") throw this.#fault("only strings, numbers and bools can be keys");
    return text.value;
  }

  /** Where the colon of a key on this line stands, if there is one. */
  #keyEnd(): number | undefined {
    const lineEnd = this.#text.indexOf("\n", this.#position);
    const line = this.#text.slice(this.#position, lineEnd < 0 ? undefined : lineEnd);
    const match =
      /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[&*!][^\s]*(?: +(?=[^\s:]))?[^\s:]*|(?![,[\]{}#|>@`"'%])[^\s#:](?:[^:#]|:(?=\S)|(?<=\S)#)*?)?[ \t]*:(?=\s|$)/.exec(
        line,
      );
    return match ? this.#position + match[0].length - 1 : undefined;
  }

  #inlineScalar(end: number): Value {
    const first = this.#text[this.#position];
    if (first === "*") return this.#alias();
    if (first === '"' || first === "'") return stringValue(this.#quoted());
    return resolvePlain(this.#text.slice(this.#position, end).trim(), undefined);
  }

  #entryValue(column: number): Value {
    if (!this.#skipInLine()) return this.#valueInLine(column);
    this.#skip();
    // A sequence may stand at the column of its key.
    if (this.#position < this.#text.length && this.#column() === column && this.#isSign("-"))
      return this.#sequence(column);
    return this.#position < this.#text.length && this.#column() > column ? this.#node(column) : nullValue;
  }

  #valueInLine(column: number): Value {
    const line = this.#text.slice(0, this.#position).lastIndexOf("\n");
    const properties = this.#properties();
    const isSameLine = this.#text.slice(0, this.#position).lastIndexOf("\n") === line;
    const isAbsent =
      !isSameLine && this.#column() <= column && !(this.#column() === column && this.#isSign("-"));
    if (isSameLine && this.#keyEnd() !== undefined) throw this.#fault("a mapping cannot begin here");
    if (isSameLine && this.#isSign("-")) throw this.#fault("a sequence cannot begin here");
    const value =
      isAbsent || this.#position >= this.#text.length
        ? resolvePlain("", properties.tag)
        : this.#content(column, properties);
    if (properties.anchor !== undefined) this.#anchors.set(properties.anchor, value);
    return value;
  }

  #scalarOrFlow(parent: number, tag: string | undefined): Value {
    const first = this.#text[this.#position];
    if (first === "[" || first === "{") return this.#endOfLine(this.#flow());
    if (first === "|" || first === ">") return this.#blockScalar(parent);
    if (first === "*") return this.#endOfLine(this.#alias());
    if (first === '"' || first === "'") return this.#endOfLine(stringValue(this.#quoted()));
    if (first === undefined || /[,\]}#@`%]/.test(first)) throw this.#fault(`unexpected ${first ?? "end"}`);
    return resolvePlain(this.#plainLines(parent), tag);
  }

  #endOfLine(value: Value): Value {
    if (!this.#skipInLine()) throw this.#fault("unexpected text after the value");
    return value;
  }

  #alias(): Value {
    const [all, name] =
      /^\*([^\s,[\]{}]+)/.exec(this.#text.slice(this.#position, this.#position + 200)) ?? [];
    const value = name === undefined ? undefined : this.#anchors.get(name);
    if (!all || !value) throw this.#fault("an unknown anchor is referred to");
    if (++this.#aliases > aliasLimit) throw this.#fault("too many aliases");
    this.#position += all.length;
    return value;
  }

  #quoted(): string {
    const { text, end } = readQuoted(this.#text, this.#position);
    this.#position = end;
    return text;
  }

  #blockScalar(parent: number): Value {
    const { text, end } = readBlockScalar(this.#text, this.#position, parent);
    this.#position = end;
    return stringValue(text);
  }

  /** A plain scalar goes on over lines that are indented more than its parent. */
  #plainLines(parent: number): string {
    const parts: string[] = [];
    for (;;) {
      const [line] = /^(?:[^\n:#]|:(?=[^\s])|(?<=\S)#)*/.exec(
        this.#text.slice(this.#position, this.#lineEnd()),
      ) ?? [""];
      this.#position += line.length;
      parts.push(line.trim());
      if (this.#text[this.#position] === ":") throw this.#fault("a mapping cannot begin here");
      const before = this.#position;
      const blankLines = /^(?:[ \t]*\n)*/.exec(this.#text.slice(before, before + 10_000))?.[0] ?? "";
      this.#position +=
        blankLines.length +
        (/^ */.exec(this.#text.slice(before + blankLines.length, before + blankLines.length + 500))?.[0]
          .length ?? 0);
      const goesOn =
        blankLines !== "" &&
        this.#position < this.#text.length &&
        this.#column() > parent &&
        this.#text[this.#position] !== "#";
      if (!goesOn || this.#atMarker("---") || this.#atMarker("...")) {
        this.#position = before;
        return parts.join("");
      }
      const feeds = blankLines.split("\n").length - 1;
      parts.push(feeds === 1 ? " " : "\n".repeat(feeds - 1));
    }
  }

  #lineEnd(): number {
    const feed = this.#text.indexOf("\n", this.#position);
    return feed < 0 ? this.#text.length : feed;
  }

  #flow(): Value {
    if (++this.#depth > depthLimit) throw this.#fault("nested too deeply");
    const value = this.#text[this.#position] === "[" ? this.#flowSequence() : this.#flowMapping();
    this.#depth--;
    return value;
  }

  #flowSequence(): Value {
    const items: Value[] = [];
    this.#position++;
    for (this.#skip(); this.#text[this.#position] !== "]"; this.#skip()) {
      const item = this.#flowNode();
      this.#skip();
      items.push(this.#isFlowColon() ? objectValue([[this.#keyText(item), this.#flowValue()]]) : item);
      this.#skip();
      if (this.#text[this.#position] === ",") this.#position++;
      else if (this.#text[this.#position] !== "]") throw this.#fault("a comma or ] is expected");
    }
    this.#position++;
    return tupleValue(items);
  }

  #flowMapping(): Value {
    const entries = new Map<string, Value>();
    this.#position++;
    for (this.#skip(); this.#text[this.#position] !== "}"; this.#skip()) {
      const key = this.#keyText(this.#flowNode());
      this.#skip();
      entries.set(key, this.#isFlowColon() ? this.#flowValue() : nullValue);
      this.#skip();
      if (this.#text[this.#position] === ",") this.#position++;
      else if (this.#text[this.#position] !== "}") throw this.#fault("a comma or } is expected");
    }
    this.#position++;
    return objectValue(entries);
  }

  #isFlowColon(): boolean {
    return this.#text[this.#position] === ":";
  }

  #flowValue(): Value {
    this.#position++;
    this.#skip();
    return /^[,\]}]/.test(this.#text[this.#position] ?? "") ? nullValue : this.#flowNode();
  }

  #flowNode(): Value {
    const properties = this.#properties();
    const value = this.#flowContent(properties);
    if (properties.anchor !== undefined) this.#anchors.set(properties.anchor, value);
    return value;
  }

  #flowContent({ tag }: Properties): Value {
    const first = this.#text[this.#position];
    if (first === "[" || first === "{") return this.#flow();
    if (first === "*") return this.#alias();
    if (first === '"' || first === "'") return stringValue(this.#quoted());
    const pattern = /(?:[^\s,[\]{}:#]|:(?=[^\s,[\]{}])|(?<=\S)#|[ \t]+(?=[^\s#:,[\]{}]))+/y;
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text);
    if (!match) throw this.#fault("a value is expected");
    this.#position = pattern.lastIndex;
    return resolvePlain(match[0].trim(), tag);
  }
}
