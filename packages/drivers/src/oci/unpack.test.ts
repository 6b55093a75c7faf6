import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { Readable } from "node:stream";
import { tarOf } from "../testing/tar.ts";
import type { TarEntry } from "../testing/tar.ts";
import { lookup, namesIn, resolve } from "./layer-view.ts";
import { bounded, decompressed, unpack } from "./unpack.ts";

const root = mkdtempSync(join(tmpdir(), "fractus-unpack-"));
after(() => rmSync(root, { recursive: true, force: true }));
const outside = join(root, "outside");
mkdirSync(outside);
writeFileSync(join(outside, "secret"), "untouched");

interface Outcome {
  readonly directory: string;
  readonly whiteouts: readonly string[];
}

async function unpackAll(entries: readonly TarEntry[], below: readonly string[] = []): Promise<Outcome> {
  const directory = mkdtempSync(join(root, "layer-"));
  let whiteouts: string[] = [];
  await unpack(streamOf(await tarOf(entries)), {
    directory,
    below,
    limits: { mostBytes: 1_000_000, mostEntries: 100 },
    keepsOwners: false,
    makeNodes(nodes) {
      whiteouts = nodes.whiteouts.map((path) => path.slice(directory.length + 1)).sort();
      return Promise.resolve();
    },
  });
  return { directory, whiteouts };
}

async function* streamOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

async function refused(entries: readonly TarEntry[], message: RegExp): Promise<void> {
  await assert.rejects(unpackAll(entries), { name: "Refusal", message });
  assert.deepEqual(readdirSync(outside), ["secret"]);
  assert.equal(readFileSync(join(outside, "secret"), "utf8"), "untouched");
}

test("unpack: files, directories, links and modes are as in the archive", async () => {
  const { directory } = await unpackAll([
    { name: "./etc/", type: "directory", mode: 0o750 },
    { name: "./etc/motd", text: "hello", mode: 0o640 },
    { name: "bin/tool", text: "x", mode: 0o4755 },
    { name: "bin/same", type: "link", linkname: "bin/tool" },
    { name: "/absolute", text: "inside" },
    { name: "link", type: "symlink", linkname: "/etc/motd" },
  ]);
  const mode = (path: string) => (lstatSync(join(directory, path)).mode & 0o7777).toString(8);
  assert.equal(readFileSync(join(directory, "etc/motd"), "utf8"), "hello");
  assert.deepEqual([mode("etc"), mode("etc/motd"), mode("bin/tool")], ["750", "640", "4755"]);
  assert.equal(lstatSync(join(directory, "bin/same")).ino, lstatSync(join(directory, "bin/tool")).ino);
  assert.equal(readFileSync(join(directory, "absolute"), "utf8"), "inside");
  assert.equal(readlinkSync(join(directory, "link")), "/etc/motd");
});

test("unpack: names and hard links that lead outside are refused", async () => {
  await refused([{ name: "../outside/x", text: "bad" }], /leads outside/);
  await refused([{ name: "a/../../outside/x", text: "bad" }], /leads outside/);
  await refused([{ name: "/../outside/x", text: "bad" }], /leads outside/);
  await refused([{ name: "x", type: "link", linkname: "../outside/secret" }], /leads outside/);
  await refused([{ name: "x", type: "link", linkname: join(outside, "secret") }], /no file in it/);
  await refused([{ name: "x", type: "link", linkname: "/" }], /links to/);
  await refused([{ name: `${"d/".repeat(300)}x`, text: "deep" }], /no file can have/);
});

test("unpack: what goes through a symbolic link stays inside", async () => {
  const { directory } = await unpackAll([
    { name: "out", type: "symlink", linkname: outside },
    { name: "out/secret", text: "overwritten" },
    { name: "up", type: "symlink", linkname: "../../../../../.." },
    { name: "up/new", text: "new" },
    { name: "copy", type: "link", linkname: "out/secret" },
    { name: "file", type: "symlink", linkname: join(outside, "secret") },
    { name: "file", text: "in its place" },
  ]);
  assert.deepEqual(readdirSync(outside), ["secret"]);
  assert.equal(readFileSync(join(outside, "secret"), "utf8"), "untouched");
  assert.equal(readFileSync(join(directory, outside, "secret"), "utf8"), "overwritten");
  assert.equal(readFileSync(join(directory, "new"), "utf8"), "new");
  assert.equal(readFileSync(join(directory, "file"), "utf8"), "in its place");
  await refused(
    [
      { name: "a", type: "symlink", linkname: "b" },
      { name: "b", type: "symlink", linkname: "a" },
      { name: "a/x", text: "x" },
    ],
    /circle/,
  );
  await refused(
    [
      { name: "f", text: "x" },
      { name: "f/x", text: "y" },
    ],
    /below a file/,
  );
});

test("unpack: devices are left out, unknown kinds and bombs refused", async () => {
  const { directory } = await unpackAll([
    { name: "dev/sda", type: "block-device" },
    { name: "dev/mem", type: "character-device" },
  ]);
  assert.deepEqual(readdirSync(join(directory, "dev")), []);
  const many = Array.from({ length: 101 }, (_, i) => ({ name: `f${i}`, text: "" }));
  await refused(many, /more than 100 entries/);
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  const inflating = Readable.from(decompressed(streamOf(bomb))).pipe(bounded(1_000_000));
  await assert.rejects(inflating.resume().toArray(), { kind: "exhausted" });
});

test("unpack: damaged archives are refused", async () => {
  const whole = await tarOf([{ name: "a", text: "x".repeat(5000) }]);
  const request = {
    directory: mkdtempSync(join(root, "layer-")),
    below: [],
    limits: { mostBytes: 1e6, mostEntries: 10 },
    keepsOwners: false,
    makeNodes: () => Promise.resolve(),
  };
  for (const bytes of [whole.subarray(0, 3000), Buffer.from("x".repeat(2048))])
    await assert.rejects(unpack(streamOf(bytes), request), { kind: "invalid", message: /damaged/ });
  await assert.rejects(unpack(decompressed(streamOf(gzipSync(whole).subarray(0, 60))), request), {
    kind: "invalid",
  });
});

test("unpack: whatever bytes an archive holds, it is unpacked inside or refused in words", async () => {
  const seed = Number(process.hrtime.bigint() % 1_000_000n);
  let state = seed;
  const next = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  const whole = await tarOf([
    { name: "a/b/", type: "directory" },
    { name: "a/up", type: "symlink", linkname: "../../outside" },
    { name: "a/up/file", text: "text" },
    { name: "a/b/.wh.x", text: "" },
    { name: "a/hard", type: "link", linkname: "a/up/file" },
    { name: "pipe", type: "fifo" },
  ]);
  for (let round = 0; round < 60; round++) {
    const bytes = Buffer.from(whole);
    // A header whose sum is right again gets further than one that is merely damaged.
    const header = 512 * next(bytes.length / 512);
    for (let change = 0; change <= next(4); change++) bytes[header + next(512)] = next(256);
    bytes.write("        ", header + 148);
    const sum = bytes.subarray(header, header + 512).reduce((total, byte) => total + byte, 0);
    bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, header + 148);
    const request = {
      directory: mkdtempSync(join(root, "fuzz-")),
      below: [],
      limits: { mostBytes: 1e6, mostEntries: 100 },
      keepsOwners: false,
      makeNodes: () => Promise.resolve(),
    };
    await unpack(streamOf(bytes), request).catch((error: Error & { syscall?: string }) => {
      assert.ok(error.name === "Refusal" || error.syscall !== undefined, `seed ${seed}: ${error.stack}`);
    });
    assert.deepEqual(readdirSync(outside), ["secret"], `seed ${seed}`);
    assert.deepEqual(
      readdirSync(root).filter((name) => !/^(layer-|fuzz-|outside|base-)/.test(name)),
      [],
      `seed ${seed}`,
    );
  }
});

test("unpack: an entry whose size is no number is refused", async () => {
  const bytes = await tarOf([{ name: "a", text: "x" }]);
  bytes[124] = 0xe7;
  bytes.write("        ", 148);
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const request = {
    directory: mkdtempSync(join(root, "layer-")),
    below: [],
    limits: { mostBytes: 1e6, mostEntries: 10 },
    keepsOwners: false,
    makeNodes: () => Promise.resolve(),
  };
  await assert.rejects(unpack(streamOf(bytes), request), { kind: "invalid", message: /no size/ });
});

test("unpack: gzip and zstd are told by their bytes", async () => {
  const text = Buffer.from("some text ".repeat(1000));
  for (const bytes of [text, gzipSync(text), zstdCompressSync(text)]) {
    const parts = await Readable.from(decompressed(streamOf(bytes))).toArray();
    assert.ok(Buffer.concat(parts as Buffer[]).equals(text));
  }
});

test("unpack: what a layer hides of those below it, and nothing else", async () => {
  const base = mkdtempSync(join(root, "base-"));
  for (const path of ["etc", "data/sub/deep", "var/log"]) mkdirSync(join(base, path), { recursive: true });
  for (const path of ["etc/a", "etc/b", "data/one", "data/sub/two", "data/sub/deep/three", "var/log/x"])
    writeFileSync(join(base, path), path);
  const { directory, whiteouts } = await unpackAll(
    [
      { name: "etc/.wh.a", text: "" },
      { name: "etc/.wh.never-there", text: "" },
      { name: "data/.wh..wh..opq", text: "" },
      { name: "data/sub/new", text: "new" },
      { name: ".wh.var", text: "" },
      { name: ".wh..wh.plnk", text: "" },
    ],
    [base],
  );
  assert.deepEqual(whiteouts, ["data/one", "data/sub/deep", "data/sub/two", "etc/a", "var"]);
  assert.ok(!existsSync(join(directory, "etc/a")));
  await refused([{ name: ".wh...", text: "" }], /hides/);
});

test("layer view: the highest wins, links stay inside, and what is missing is told", () => {
  const [high, low] = ["high", "low"].map((name) => join(root, "view", name));
  mkdirSync(join(high, "usr/bin"), { recursive: true });
  mkdirSync(join(low, "usr/bin"), { recursive: true });
  mkdirSync(join(low, "etc"));
  writeFileSync(join(low, "usr/bin/sh"), "low");
  writeFileSync(join(high, "usr/bin/sh"), "high");
  writeFileSync(join(low, "usr/bin/ls"), "low");
  symlinkSync("usr/bin", join(low, "bin"));
  symlinkSync("/../../../bin/ls", join(low, "etc/up"));
  symlinkSync("loop", join(low, "loop"));
  const view = [high, low];
  assert.equal(lookup(view, "/bin/sh")?.hostPath, join(high, "usr/bin/sh"));
  assert.equal(lookup(view, "/bin/ls")?.hostPath, join(low, "usr/bin/ls"));
  assert.equal(lookup(view, "/etc/up")?.path, "/usr/bin/ls");
  assert.equal(lookup(view, "/../../etc/../bin/ls")?.path, "/usr/bin/ls");
  assert.equal(lookup(view, "/loop"), undefined);
  assert.equal(lookup(view, "/no/such"), undefined);
  assert.deepEqual(resolve(view, "/bin/a/b").rest, ["a", "b"]);
  assert.equal(resolve(view, "/bin/a/b").found?.path, "/usr/bin");
  assert.deepEqual(namesIn(view, "/usr/bin").sort(), ["ls", "sh"]);
});
