/** `npm run bench -- NAME`: runs `NAME.bench.ts`, wherever it lies; without a name it lists them. */
import { globSync } from "node:fs";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";

const benches = new Map(
  globSync(["packages/*/bench/*.bench.ts", "apps/fractals/*/bench/*.bench.ts", "e2e/bench/*.bench.ts"]).map(
    (path) => [basename(path, ".bench.ts"), path],
  ),
);
const [name] = process.argv.slice(2);
const path = name === undefined ? undefined : benches.get(name);
if (path === undefined) {
  console.error(`Name one of: ${[...benches.keys()].sort().join(", ")}.`);
  process.exitCode = name === undefined ? 0 : 1;
} else {
  await import(pathToFileURL(path).href);
}
