import assert from "node:assert/strict";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { someAllocation, someGroup, someJob, someTask } from "../testing/nouns.ts";
import { diskStorage } from "./disk-storage.ts";
import type { RunRecord } from "./records.ts";

const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const record = (allocationId: string): RunRecord => ({
  allocationId,
  begunAtMs: 1,
  isCarriedOver: true,
  tasks: {},
});
const assignment = (id: string) => ({
  allocation: someAllocation(id),
  job: someJob(someGroup([someTask()])),
});

function check(claim: string, body: (root: string) => void | Promise<void>): void {
  test(`storage: ${claim}`, async () => {
    const root = mkdtempSync(join(tmpdir(), "fractus-storage-"));
    try {
      await body(root);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
}

check("what was written is read by the next", (root) => {
  const storage = diskStorage(root);
  storage.writeNode({ id: "n1", meta: { a: null } });
  storage.writeAssignment(assignment("a1"));
  storage.writeRun(record("a1"));
  const next = diskStorage(root);
  assert.deepEqual(next.readNode(), { id: "n1", meta: { a: null } });
  assert.deepEqual(next.readRuns(), {
    runs: [{ assignment: assignment("a1"), record: record("a1") }],
    damaged: [],
  });
  next.forgetRun("a1");
  assert.deepEqual(diskStorage(root).readRuns().runs, []);
  assert.equal(statSync(join(root, "runs")).mode & 0o777, 0o700);
});

check("a run that was cut off while it was begun is none, and a damaged one is set aside", (root) => {
  const storage = diskStorage(root);
  storage.writeAssignment(assignment("half"));
  storage.writeAssignment(assignment("bad"));
  writeFileSync(join(root, "runs/bad/run.json"), "{");
  assert.deepEqual(storage.readRuns(), { runs: [], damaged: ["bad"] });
  assert.deepEqual(storage.readRuns(), { runs: [], damaged: [] });
  assert.ok(readdirSync(join(root, "runs")).includes("bad.damaged"));
});

check("data is taken over once", async (root) => {
  const storage = diskStorage(root);
  for (const id of ["old", "new"]) storage.makeDirectories(id, "web", owner);
  storage.writeLocal("old", "web", { path: "deep/file", data: Buffer.from("kept") });
  writeFileSync(join(root, "allocs/old/alloc/data/db"), "rows");
  const order = { from: "old", to: "new", tasks: ["web", "none"] };
  storage.carryOver(order);
  storage.carryOver(order);
  assert.equal(readFileSync(join(root, "allocs/new/web/local/deep/file"), "utf8"), "kept");
  assert.equal(readFileSync(join(root, "allocs/new/alloc/data/db"), "utf8"), "rows");
  await storage.removeFiles("old");
  assert.ok(!existsSync(join(root, "allocs/old")));
});

check("links that an earlier task left are not followed", (root) => {
  const storage = diskStorage(root);
  storage.makeDirectories("a1", "web", owner);
  const local = join(root, "allocs/a1/web/local");
  writeFileSync(join(root, "victim"), "whole");
  symlinkSync(join(root, "victim"), join(local, "payload"));
  symlinkSync(root, join(local, "way"));
  storage.writeLocal("a1", "web", { path: "payload", data: Buffer.from("new") });
  assert.equal(readFileSync(join(local, "payload"), "utf8"), "new");
  assert.throws(() => storage.writeLocal("a1", "web", { path: "way/victim", data: Buffer.from("new") }));
  assert.equal(readFileSync(join(root, "victim"), "utf8"), "whole");
});

check("no name and no path leads out", (root) => {
  const storage = diskStorage(root);
  assert.throws(() => storage.directoryOf("../x"), { kind: "invalid" });
  assert.throws(() => storage.writeRun(record("..")), { kind: "invalid" });
  storage.makeDirectories("a1", "web", owner);
  for (const path of ["../../../x", "..", "."])
    assert.throws(() => storage.writeLocal("a1", "web", { path, data: Buffer.alloc(0) }), {
      kind: "invalid",
    });
});
