import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fractals, fractus } from "./layers.ts";

const sources = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { encoding: "utf8" })
  .split("\n")
  .filter((path) => /\.(ts|tsx)$/.test(path) && !path.includes("/assembly/"))
  .map((path) => ({ path, text: readIfPresent(path) }));

/** A file that was deleted but is not yet staged reads as empty. */
function readIfPresent(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** `packages/core/src/x.ts` belongs to `@fractus/core`, `apps/fractals/api/…` to `@fractals/api`. */
function packageOf(path: string): string | undefined {
  const [, scope, name] = /^(packages|apps\/fractals)\/([^/]+)\//.exec(path) ?? [];
  return name && `@${scope === "packages" ? "fractus" : "fractals"}/${name}`;
}

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1]);
}

function mayImport(from: string, to: string): boolean {
  for (const rows of [fractus, fractals]) {
    const rowOf = (name: string) => rows.findIndex((row) => row.includes(name));
    if (rowOf(from) >= 0 && rowOf(to) >= 0) return rowOf(to) < rowOf(from);
  }
  return false;
}

test("tidy: every package stands in a row of tools/layers.ts", () => {
  const placed = new Set([...fractus, ...fractals].flat());
  const packages = new Set(sources.map((file) => packageOf(file.path)).filter((name) => name !== undefined));
  assert.deepEqual(
    [...packages].filter((name) => !placed.has(name)),
    [],
  );
});

test("tidy: imports point up the rows of tools/layers.ts", () => {
  const wrong = [];
  for (const { path, text } of sources) {
    const from = packageOf(path);
    if (!from) continue;
    for (const target of importsOf(text)) {
      const to = /^@(?:fractus|fractals)\/[^/]+/.exec(target)?.[0];
      if (to && to !== from && !mayImport(from, to)) wrong.push(`${path} imports ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("tidy: a relative import stays in its package", () => {
  const wrong = [];
  for (const { path, text } of sources) {
    const from = packageOf(path);
    for (const target of importsOf(text).filter((name) => name.startsWith("."))) {
      const resolved = new URL(target, `file:///${path}`).pathname.slice(1);
      if (from && packageOf(resolved) !== from) wrong.push(`${path} imports ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("tidy: the pure packages read no clock, roll no dice and open nothing", () => {
  const impure =
    /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|"node:(?!assert|test)|\bsetTimeout\(/;
  const wrong = sources.filter(
    ({ path, text }) =>
      /^packages\/(core|hcl|scheduler)\/src\//.test(path) &&
      !/\.test\.ts$|\/clock\.ts$|\/testing\//.test(path) &&
      impure.test(text),
  );
  assert.deepEqual(
    wrong.map((file) => file.path),
    [],
  );
});

test("tidy: the environment is read in one file of each program", () => {
  const allowed = /\/config\.ts$|\.test\.ts$|\.e2e\.ts$|^e2e\/|^tools\/|\.bench\.ts$/;
  const wrong = sources.filter(({ path, text }) => !allowed.test(path) && /process\.env\b/.test(text));
  assert.deepEqual(
    wrong.map((file) => file.path),
    [],
  );
});

test("tidy: there are no index files and no drawers", () => {
  const wrong = sources.filter(({ path }) => /\/(index|utils?|helpers?|common|misc)\.tsx?$/.test(path));
  assert.deepEqual(
    wrong.map((file) => file.path),
    [],
  );
});
