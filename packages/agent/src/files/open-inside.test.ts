import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { listInside, modeText, openFileInside, statInside } from "./open-inside.ts";

/** An allocation's files, with whatever a hostile task may have put there. */
function check(claim: string, body: (root: string) => Promise<void>): void {
  test(`files: ${claim}`, async () => {
    const base = mkdtempSync(join(tmpdir(), "fractus-files-"));
    const root = join(base, "a1");
    for (const directory of ["alloc/logs", "alloc/data", "web/local", "web/secrets", "web/private"])
      mkdirSync(join(root, directory), { recursive: true });
    writeFileSync(join(base, "outside"), "outside");
    writeFileSync(join(root, "web/local/page"), "hello\n");
    writeFileSync(join(root, "web/secrets/key"), "secret");
    try {
      await body(root);
    } finally {
      rmSync(base, { recursive: true });
    }
  });
}

const refused = (promise: Promise<unknown>, kind: string) =>
  assert.rejects(promise, { name: "Refusal", kind });

check("what is there is opened and shown", async (root) => {
  const { handle, path } = await openFileInside(root, "/web/local/../local/page");
  assert.equal((await handle.readFile()).toString(), "hello\n");
  await handle.close();
  assert.equal(path, "web/local/page");
  const entry = await statInside(root, "web/local/page");
  assert.deepEqual([entry.name, entry.sizeBytes, entry.isDirectory], ["page", 6, false]);
  assert.equal(entry.contentType, "text/plain; charset=utf-8");
  assert.deepEqual(
    (await listInside(root, "/")).map(({ name, isDirectory }) => [name, isDirectory]),
    [
      ["alloc", true],
      ["web", true],
    ],
  );
});

check("nothing leads out, whatever the path", async (root) => {
  for (const path of ["../outside", "/../outside", "web/../../outside", "web/local/../../../outside"])
    await refused(openFileInside(root, path), "not-found");
  await refused(openFileInside(root, "web/local/page\0"), "invalid");
});

check("links out of the allocation are refused, links within are followed", async (root) => {
  symlinkSync("../../../outside", join(root, "web/local/out"));
  symlinkSync("/etc/passwd", join(root, "web/local/absolute"));
  symlinkSync("../..", join(root, "alloc/data/up"));
  symlinkSync("page", join(root, "web/local/in"));
  symlinkSync("loop", join(root, "web/local/loop"));
  await refused(openFileInside(root, "web/local/out"), "forbidden");
  await refused(statInside(root, "web/local/absolute"), "forbidden");
  await refused(openFileInside(root, "web/local/loop"), "invalid");
  const { handle } = await openFileInside(root, "alloc/data/up/web/local/in");
  await handle.close();
});

check("secrets are neither read nor listed, not even through a link", async (root) => {
  symlinkSync("../secrets", join(root, "web/local/peek"));
  symlinkSync("../secrets/key", join(root, "web/local/key"));
  for (const path of [
    "web/secrets/key",
    "web/secrets",
    "web/private",
    "web/local/peek",
    "web/local/peek/key",
    "web/local/key",
  ])
    await refused(statInside(root, path), "forbidden");
  await refused(listInside(root, "web/secrets"), "forbidden");
  assert.deepEqual(
    (await listInside(root, "web")).map(({ name }) => name),
    ["local"],
  );
});

check("what is no file is not read, and never waited for", async (root) => {
  execFileSync("mkfifo", [join(root, "web/local/fifo")]);
  await refused(openFileInside(root, "web/local/fifo"), "invalid");
  await refused(openFileInside(root, "web/local"), "invalid");
  await refused(listInside(root, "web/local/page"), "invalid");
  await refused(openFileInside(root, "web/local/none"), "not-found");
  await refused(openFileInside(join(root, "gone"), "x"), "not-found");
});

test("files: modes are shown as ls shows them", () => {
  assert.deepEqual([0o100644, 0o040755, 0o120777].map(modeText), ["-rw-r--r--", "drwxr-xr-x", "lrwxrwxrwx"]);
});
