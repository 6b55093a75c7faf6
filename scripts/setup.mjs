// Brings a checkout to the state in which everything runs: packages installed, the kernel compiled,
// the gallery and the dashboard built. Plain JavaScript, because it runs under whatever Node started npm.
// Each step is stamped with a hash of what goes into it, so a second run only compares hashes.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const kernel = "apps/fractals/kernel";
const gallery = "apps/fractals/gallery";
const dashboard = "packages/dashboard";

/** What building and testing need comes with `--dev`; `npm start` does without. */
const dev = process.argv.includes("--dev");

const steps = [
  {
    name: "packages",
    inputs: ["package-lock.json", ".npmrc"],
    stamp: "node_modules/.cache/fractus-packages.json",
    made: ["node_modules/.bin/node", "node_modules/.package-lock.json"],
    isEnough: ({ withDev }) => withDev || !dev,
    run: () => install({ withDev: dev }),
  },
  {
    name: "kernel",
    // Its stamp is committed with it: only who changes the source needs the compiler.
    inputs: [`${kernel}/package.json`, `${kernel}/assembly`, `${kernel}/asconfig.json`],
    stamp: `${kernel}/build/kernel.json`,
    made: [`${kernel}/build/kernel.wasm`],
    run: () => {
      if (!existsSync(join(root, "node_modules/assemblyscript"))) install({ withDev: true });
      tool("asc", ["assembly/index.ts", "--config", "asconfig.json", "--target", "release"], kernel);
    },
  },
  {
    name: "gallery",
    inputs: [
      "package-lock.json",
      `${kernel}/assembly`,
      `${kernel}/src`,
      "apps/fractals/client/src",
      `${gallery}/src`,
      `${gallery}/index.html`,
      `${gallery}/vite.config.ts`,
    ],
    stamp: `${gallery}/dist/setup.json`,
    made: [`${gallery}/dist/index.html`],
    run: () => tool("vite", ["build", "--logLevel", "error"], gallery),
  },
  {
    name: "dashboard",
    inputs: [
      "package-lock.json",
      "packages/client/src",
      `${dashboard}/src`,
      `${dashboard}/index.html`,
      `${dashboard}/vite.config.ts`,
    ],
    stamp: `${dashboard}/dist/setup.json`,
    made: [`${dashboard}/dist/index.html`],
    run: () => tool("vite", ["build", "--logLevel", "error"], dashboard),
  },
];

checkPlatform();
for (const step of steps) {
  const inputs = hashOf(step.inputs);
  const stamp = readStamp(step.stamp);
  const isThere = stamp.inputs === inputs && step.made.every((path) => existsSync(join(root, path)));
  if (isThere && (step.isEnough?.(stamp) ?? true)) continue;
  const startedAt = Date.now();
  process.stderr.write(`set-up: ${step.name} …`);
  step.run();
  process.stderr.write(` ${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`);
  writeStamp(step.stamp, { inputs, ...(step.isEnough && { withDev: dev }) });
}

function checkPlatform() {
  const served = process.platform === "linux" && ["x64", "arm64"].includes(process.arch);
  if (!served) fail(`Fractus runs on Linux, x64 or arm64; this is ${process.platform} ${process.arch}.`);
  try {
    readdirSync(join(root, "node_modules"));
  } catch (error) {
    if (error.code !== "ENOENT") fail(`node_modules cannot be read: ${error.message}`);
  }
}

function readStamp(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), "utf8"));
  } catch {
    return {};
  }
}

function writeStamp(path, stamp) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), `${JSON.stringify(stamp)}\n`);
}

/** One hash over the names and contents of all files at or below the given paths. */
function hashOf(paths) {
  const hash = createHash("sha256");
  for (const path of paths) addToHash(hash, path);
  return hash.digest("hex");
}

function addToHash(hash, path) {
  let entries;
  try {
    entries = readdirSync(join(root, path)).sort();
  } catch (error) {
    if (error.code === "ENOENT") return;
    if (error.code !== "ENOTDIR") throw error;
    hash.update(path).update(readFileSync(join(root, path)));
    return;
  }
  for (const entry of entries) if (!entry.endsWith(".test.ts")) addToHash(hash, `${path}/${entry}`);
}

function install({ withDev }) {
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  command("npm", ["ci", ...quiet, ...(withDev ? [] : ["--omit=dev"])]);
}

/** Runs a tool of the installed packages under the pinned Node. */
function tool(name, args, folder) {
  const entry = { asc: "assemblyscript/bin/asc.js", vite: "vite/bin/vite.js" }[name];
  command(join(root, "node_modules/.bin/node"), [join(root, "node_modules", entry), ...args], folder);
}

function command(file, args, folder = ".") {
  try {
    execFileSync(file, args, { cwd: join(root, folder), stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    process.stderr.write("\n");
    process.stderr.write(error.stdout ?? "");
    process.stderr.write(error.stderr ?? "");
    fail(`set-up stopped: "${[file, ...args].join(" ")}" ended with ${error.status ?? error.code}.`);
  }
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
