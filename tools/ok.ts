/** The fast gate: types, lint, format and unit tests, side by side. `npm run ok -- --fix` mends what can be mended. */
import { spawn } from "node:child_process";

const fix = process.argv.includes("--fix");
const checks: Record<string, readonly string[]> = {
  types: ["tsc"],
  lint: ["oxlint", "--type-aware", "--deny-warnings", ...(fix ? ["--fix"] : [])],
  format: ["oxfmt", ...(fix ? [] : ["--check"])],
  "unit tests": ["node", "--test", "--test-isolation=none", ...unitTests()],
};

function unitTests(): string[] {
  return ["tools/**/*.test.ts", "packages/*/src/**/*.test.ts", "apps/fractals/*/src/**/*.test.ts"];
}

async function run(name: string, [file, ...args]: readonly string[]): Promise<boolean> {
  const startedAt = performance.now();
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk) => (output += String(chunk)));
  child.stderr.on("data", (chunk) => (output += String(chunk)));
  const code = await new Promise((resolve) => child.on("close", resolve));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (code !== 0) console.log(output.trimEnd());
  else if (name === "unit tests") console.log(output.slice(output.lastIndexOf("ℹ tests")).trimEnd());
  return code === 0;
}

const results = await Promise.all(Object.entries(checks).map(([name, command]) => run(name, command)));
process.exitCode = results.every(Boolean) ? 0 : 1;
