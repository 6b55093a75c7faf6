import assert from "node:assert/strict";
import { test } from "node:test";
import { javaCommand, versionAttributes } from "./java.ts";

test("java: a JAR file with options and arguments is a command line (CL-232)", () => {
  const command = javaCommand({ jar_path: "local/a b.jar", jvm_options: ["-Xmx64m"], args: ["$(x)"] });
  assert.deepEqual(command, { command: "java", args: ["-Xmx64m", "-jar", "local/a b.jar", "$(x)"] });
});

test("java: a class on a class path", () => {
  const command = javaCommand({ class: "Main", class_path: "local" });
  assert.deepEqual(command, { command: "java", args: ["-cp", "local", "Main"] });
});

test("java: what is missing, wrong or unknown is refused by name", () => {
  const refused = (config: object, words: RegExp) =>
    assert.throws(() => javaCommand({ ...config }), { name: "Refusal", kind: "invalid", message: words });
  refused({}, /class \(or jar_path\)/);
  refused({ jar_path: "x", class: "y" }, /not both/);
  refused({ jar_path: "x", args: "y" }, /args must be a list/);
  refused({ jar_path: "x", jra: 1 }, /"jra"/);
});

test("java: what a machine says about itself", () => {
  const said =
    'openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment (build 17)\nOpenJDK 64-Bit Server VM\n';
  assert.deepEqual(versionAttributes(said), {
    "driver.java.version": "17.0.15",
    "driver.java.runtime": "OpenJDK Runtime Environment (build 17)",
    "driver.java.vm": "OpenJDK 64-Bit Server VM",
  });
});
