import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLine } from "./arguments.ts";
import type { Flag } from "./command.ts";

const known: readonly Flag[] = [
  { name: "check-index", value: "index", words: "" },
  { name: "var", value: "name=value", many: true, words: "" },
  { name: "detach", words: "" },
  { name: "f", short: "f", words: "" },
  { name: "i", short: "i", words: "" },
  { name: "t", short: "t", words: "" },
  { name: "n", short: "n", value: "lines", words: "" },
];

/** What is left of a line, and the flags as `name:value,…`. */
function check(line: string, expected: string, options: { isWrapper?: boolean } = {}): void {
  const parsed = parseLine(line.split(" "), known, options);
  const flags = known.flatMap(({ name }) => {
    const values = parsed.flags.texts(name);
    return values.length > 0 ? [`${name}:${values.join(",")}`] : [];
  });
  assert.equal([...parsed.arguments, ...flags].join(" "), expected);
}

test("arguments: one dash and two are alike, and so are an equals sign and a blank", () => {
  check("-check-index 3 example.nomad", "example.nomad check-index:3");
  check("--check-index 3 example.nomad", "example.nomad check-index:3");
  check("-check-index=3 example.nomad", "example.nomad check-index:3");
  check("--check-index=3 example.nomad", "example.nomad check-index:3");
});

test("arguments: flags may follow arguments, and two dashes end them", () => {
  check("example.nomad -detach", "example.nomad detach:true");
  check("-- -detach", "-detach");
  check("- -detach", "- detach:true");
});

test("arguments: a value may hold equals signs and begin with a dash", () => {
  check("-var a=b=c -var d=e job", "job var:a=b=c,d=e");
  check("-n -5 job", "job n:-5");
});

test("arguments: short flags of one letter can be joined", () => {
  check("-it 21d08737", "21d08737 i:true t:true");
  check("-fn 3 x", "x f:true n:3");
});

test("arguments: behind the first argument of a wrapper dashes mean nothing", () => {
  check("-i 21d08737 ls -l -- -a", "21d08737 ls -l -- -a i:true", { isWrapper: true });
});

test("arguments: a flag can be unset, and reads as true or false only", () => {
  const { flags } = parseLine(["-detach=false", "-f"], known);
  assert.equal(flags.is("detach", true), false);
  assert.equal(flags.is("f"), true);
  assert.equal(flags.is("i", true), true);
  assert.throws(() => parseLine(["-detach=maybe"], known).flags.is("detach"), /true or false/);
});

test("arguments: a misspelt flag is refused, with the one that is meant", () => {
  assert.throws(
    () => parseLine(["-chek-index", "3"], known),
    /unknown flag -chek-index. Did you mean -check-index/,
  );
  assert.throws(() => parseLine(["-check-index"], known), /needs a value: <index>/);
});
