import { createHash } from "node:crypto";
import { standardFunctions } from "../functions/standard.ts";
import { fromInteger } from "../number.ts";
import type { Scope } from "../scope.ts";
import { typeOf } from "../type.ts";
import {
  boolValue,
  listValue,
  mapValue,
  numberValue,
  objectValue,
  setValue,
  stringType,
  stringValue,
  type Value,
} from "../value.ts";

/** The functions as a program on a machine would have them, but with chance and files made up. */
export const functions = standardFunctions({
  hash: (algorithm, bytes) => createHash(algorithm).update(bytes).digest(),
  uuid: () => "00000000-0000-4000-8000-000000000000",
  bcrypt: (password, cost) => `$2b$${cost}$${password}`,
  files: {
    read: readFile,
    exists: (path) => path === "motd",
    glob: (folder, pattern) => [`${folder}/${pattern}`, "b", "a"],
    absolute: (path) => `/jobs/${path}`,
    home: () => "/home/maria",
  },
});

function readFile(path: string): Uint8Array {
  if (path === "binary") return Uint8Array.of(0xff, 0xfe);
  if (path !== "motd") throw new Error(`there is no file at ${path}`);
  return new TextEncoder().encode("hello\n");
}

const text = stringValue;
const number = (value: number) => numberValue(fromInteger(value));
const texts = (...items: string[]) => listValue(stringType, items.map(text));
const server = (x: number, y: string) =>
  objectValue([
    ["x", number(x)],
    ["y", texts(y)],
  ]);

const variables: Value = objectValue([
  ["s", text("str")],
  ["n", number(7)],
  ["b", boolValue(true)],
  ["nul", { kind: "null", type: stringType }],
  ["l", texts("a", "b", "c")],
  [
    "m",
    mapValue(
      stringType,
      new Map([
        ["a", text("1")],
        ["b", text("2")],
      ]),
    ),
  ],
  [
    "o",
    objectValue([
      ["x", number(1)],
      ["y", text("why")],
    ]),
  ],
  ["set", setValue(stringType, [text("q"), text("p")])],
  ["lo", listValue(typeOf(server(1, "k")), [server(1, "k"), server(2, "z")])],
]);

/** A scope with a variable of each kind, in which references to anything else are left to the runtime. */
export function worldScope(source: string): Scope {
  const locals = objectValue([["s", text("loc")]]);
  return {
    variables: new Map([
      ["var", variables],
      ["local", locals],
    ]),
    functions,
    runtimeText: source,
  };
}
