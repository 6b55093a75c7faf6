import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { execDriver } from "./exec.ts";
import { assertResult } from "./driver-suite.ts";
import { javaDriver } from "./java.ts";
import { rawExecDriver } from "./raw-exec.ts";
import { makeTaskDirectory } from "./task-directory.ts";
import { skipUnless } from "./testing/config.ts";
import { openBench } from "./testing/driver-bench.ts";
import { findTool } from "./tools.ts";

const skip = skipUnless(["java", "javac", "jar"].every(findTool), "a Java development kit");

for (const [name, inner] of [
  ["raw_exec", rawExecDriver],
  ["exec", execDriver],
] as const) {
  const cannot = name === "exec" ? skipUnless(process.getuid?.() === 0, "root") : false;

  test(
    `java: a JAR file runs through ${name}, with options, arguments and exit code (CL-232)`,
    { skip: skip || cannot },
    async () => {
      const bench = openBench({ open: () => javaDriver(inner()), program: () => ({}) });
      try {
        const jar = name === "exec" ? "/local/hello.jar" : "local/hello.jar";
        const config = { jar_path: jar, jvm_options: ["-Xmx32m", "-Dgreeting=hello"], args: ["big world"] };
        const spec = bench.spec({}, { config, resources: { cpuMhz: 500, memoryBytes: 512 * 1024 * 1024 } });
        await assert.rejects(bench.driver.start({ ...spec, config: {} }), { message: /jar_path/ });
        makeTaskDirectory(spec.directory, { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
        makeJar(join(spec.directory.local, "hello.jar"));
        const handle = bench.adopt(await bench.driver.start(spec));
        assert.equal(handle.driver, "java");
        assertResult(await bench.driver.wait(handle), { exitCode: 3 });
        assert.equal(bench.log(), "hello big world\n");
      } finally {
        await bench.close();
      }
    },
  );
}

test("java: the fingerprint has its version", { skip }, async () => {
  const { isHealthy, attributes } = await javaDriver(rawExecDriver()).fingerprint();
  assert.ok(isHealthy);
  assert.match(attributes["driver.java.version"], /^\d+/);
});

function makeJar(path: string): void {
  const directory = mkdtempSync(join(tmpdir(), "fractus-java-"));
  try {
    writeFileSync(
      join(directory, "Hello.java"),
      'class Hello { public static void main(String[] words) { System.out.println(System.getProperty("greeting") + " " + words[0]); System.exit(3); } }',
    );
    execFileSync("javac", ["Hello.java"], { cwd: directory });
    execFileSync("jar", ["cfe", path, "Hello", "Hello.class"], { cwd: directory });
  } finally {
    rmSync(directory, { recursive: true });
  }
}
