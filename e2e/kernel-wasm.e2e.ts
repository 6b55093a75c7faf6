import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const kernel = fileURLToPath(new URL("../apps/fractals/kernel", import.meta.url));
const compiler = fileURLToPath(new URL("../node_modules/assemblyscript/bin/asc.js", import.meta.url));

test("kernel: the committed kernel.wasm is what its source compiles to, byte for byte", () => {
  const folder = mkdtempSync(join(tmpdir(), "kernel-"));
  try {
    const file = join(folder, "kernel.wasm");
    const args = ["assembly/index.ts", "--config", "asconfig.json", "--target", "release", "--outFile", file];
    execFileSync(process.execPath, [compiler, ...args], { cwd: kernel, stdio: "ignore" });
    assert.ok(readFileSync(file).equals(readFileSync(join(kernel, "build/kernel.wasm"))));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
