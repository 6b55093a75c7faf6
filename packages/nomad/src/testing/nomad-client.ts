/**
 * The client `nomad-client` from npm, which is published as TypeScript that Node will not run: nothing under
 * `node_modules` has its types stripped, and it uses parameter properties. It is compiled as it stands,
 * into the cache beside the packages, so that it finds its own dependencies.
 */
import { execFileSync } from "node:child_process";
import { globSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** What the tests use of it. */
export interface NomadClientModule {
  // oxlint-disable-next-line typescript/no-explicit-any -- its types are those of another compiler's settings
  readonly NomadClient: new (options: { readonly baseUrl: string; readonly token?: string }) => any;
}

/** Compiles the package, about a second, and loads it. */
export function loadNomadClient(): NomadClientModule {
  const home = dirname(require.resolve("nomad-client/package.json"));
  const source = join(home, "src");
  const modules = dirname(home);
  const out = join(modules, ".cache", "nomad-client");
  mkdirSync(out, { recursive: true });
  const settings = [
    "--module",
    "nodenext",
    "--target",
    "es2022",
    "--types",
    "node",
    "--noCheck",
    "--ignoreConfig",
  ];
  const files = globSync(join(source, "**/*.ts"));
  execFileSync(join(modules, ".bin", "tsc"), ["--outDir", out, "--rootDir", source, ...settings, ...files]);
  return require(join(out, "index.js")) as NomadClientModule;
}
