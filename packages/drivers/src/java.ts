import { execFile } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Refusal } from "@fractus/core/refusal.ts";
import type { Driver, Fingerprint } from "./driver.ts";
import { findTool } from "./tools.ts";

/** Runs Java programs: a command line for `java`, which another driver then runs. */
export function javaDriver(inner: Driver): Driver {
  let version: Promise<Readonly<Record<string, string>>> | undefined;
  let known: Readonly<Record<string, string>> | undefined;
  return {
    ...inner,
    name: "java",
    async start(spec) {
      const handle = await inner.start({ ...spec, config: javaCommand(spec.config) });
      return { ...handle, driver: "java" };
    },
    async fingerprint() {
      const program = findTool("java");
      if (program === undefined) return withoutJava(await inner.fingerprint());
      const asked = (version ??= javaVersion(program));
      const [found, below] = await Promise.all([
        known ?? writtenVersion(program) ?? asked,
        inner.fingerprint(),
      ]);
      asked.then(
        (whole) => (known = whole),
        () => (version = undefined),
      );
      return { ...below, attributes: below.isDetected ? { "driver.java": "1", ...found } : {} };
    },
  };
}

function withoutJava({ missing }: Fingerprint): Fingerprint {
  const lack = { what: "java is not installed", lost: "no Java program can be started" };
  return { isDetected: false, isHealthy: false, attributes: {}, missing: [lack, ...missing] };
}

/**
 * What the installation says of itself without a virtual machine being started, which takes a quarter of a second:
 * the version. The rest is there when the fingerprint is taken again. Undefined where there is no such file.
 */
function writtenVersion(program: string): Readonly<Record<string, string>> | undefined {
  try {
    const release = readFileSync(join(dirname(dirname(realpathSync(program))), "release"), "utf8");
    const version = /^JAVA_VERSION="(.+)"$/m.exec(release)?.[1];
    return version === undefined ? undefined : { "driver.java.version": version };
  } catch {
    return undefined;
  }
}

async function javaVersion(program: string): Promise<Readonly<Record<string, string>>> {
  const { stderr } = await promisify(execFile)(program, ["-version"], { timeout: 30_000 });
  return versionAttributes(stderr);
}

/** The three lines of `java -version`: version, runtime, virtual machine. */
export function versionAttributes(text: string): Readonly<Record<string, string>> {
  const [first = "", runtime = "", machine = ""] = text
    .split("\n")
    .filter((line) => !line.startsWith("Picked up"));
  const version = /"(.*?)"/.exec(first)?.[1];
  return {
    ...(version !== undefined && { "driver.java.version": version }),
    ...(runtime !== "" && { "driver.java.runtime": runtime }),
    ...(machine !== "" && { "driver.java.vm": machine }),
  };
}

/**
 * The settings `jar_path` or `class`, `class_path`, `jvm_options` and `args` as a command
 * (https://developer.hashicorp.com/nomad/docs/drivers/java). Refuses what is missing, of a wrong type, or unknown.
 */
export function javaCommand(config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { jar_path, class: className, class_path, jvm_options = [], args = [], ...others } = config;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw wrong(`there is no setting ${JSON.stringify(unknown)}.`);
  if (jar_path !== undefined && className !== undefined)
    throw wrong("there is a jar_path or a class, not both.");
  const classPath = class_path === undefined ? [] : ["-cp", text("class_path", class_path)];
  const program =
    jar_path === undefined ? [text("class (or jar_path)", className)] : ["-jar", text("jar_path", jar_path)];
  return {
    command: "java",
    args: [...texts("jvm_options", jvm_options), ...classPath, ...program, ...texts("args", args)],
  };
}

function text(name: string, value: unknown): string {
  if (typeof value !== "string" || value === "") throw wrong(`${name} must be a text that is not empty.`);
  return value;
}

function texts(name: string, value: unknown): string[] {
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string"))
    throw wrong(`${name} must be a list of texts.`);
  return value;
}

function wrong(words: string): Refusal {
  return new Refusal("invalid", `java: ${words}`);
}
