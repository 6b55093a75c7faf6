import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fastify } from "fastify";
import { serveDashboard } from "./dashboard-files.ts";

const folder = mkdtempSync(join(tmpdir(), "dashboard-"));

async function check(url: string, expected: string, headers: Record<string, string> = {}): Promise<void> {
  const app = fastify();
  serveDashboard(app, join(folder, "dist"));
  const { statusCode, body, headers: found } = await app.inject({ url, headers });
  assert.equal(`${statusCode} ${String(found["content-type"]).split(";")[0]} ${body.trim()}`, expected);
}

test("dashboard: files with their types, the index for pages, and nothing from outside", async () => {
  mkdirSync(join(folder, "dist", "assets"), { recursive: true });
  writeFileSync(join(folder, "dist", "index.html"), "<page>");
  writeFileSync(join(folder, "dist", "assets", "a-1.js"), "code");
  writeFileSync(join(folder, "secret"), "secret");
  const browser = { accept: "text/html,*/*" };
  try {
    await check("/", "200 text/html <page>");
    await check("/jobs?x=1", "200 text/html <page>", browser);
    await check("/jobs", "404 text/plain There is nothing at /jobs.");
    await check("/assets/a-1.js", "200 text/javascript code");
    await check("/assets/b-2.js", "404 text/plain There is nothing at /assets/b-2.js.");
    await check("/v1/none", "404 text/plain There is nothing at /v1/none.", browser);
    await check("/..%2fsecret", "404 text/plain There is nothing at /..%2fsecret.");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
