import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
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
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { after, test } from "node:test";
import { crc32, deflateRawSync, gzipSync, zstdCompressSync } from "node:zlib";
import { seededDice } from "@fractus/core/dice.ts";
import type { Artifact } from "@fractus/core/job.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { Header } from "tar-stream";
import { pack } from "tar-stream";
import type { FetchOptions } from "./fetch-artifact.ts";
import { fetchArtifact } from "./fetch-artifact.ts";
import { defaultArtifactLimits } from "./limits.ts";

const home = mkdtempSync(join(tmpdir(), "fractus-artifacts-"));
after(() => rmSync(home, { recursive: true, force: true }));

/** What the server answers, by path. A text that begins with `→` is a redirect. */
type Pages = Readonly<Record<string, Buffer | string>>;

interface World {
  readonly url: string;
  readonly root: string;
  readonly seen: { readonly path: string; readonly headers: Readonly<Record<string, unknown>> }[];
  fetch(artifact: Partial<Artifact>, how?: Partial<FetchOptions>): Promise<void>;
  /** What is in a file of the task's `local/`. */
  local(path: string): string;
}

async function inWorld(pages: Pages, use: (world: World) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(home, "alloc-"));
  const task = join(root, "web");
  mkdirSync(join(task, "local"), { recursive: true });
  const seen: World["seen"] = [];
  const server = createServer((request, response) => {
    seen.push({ path: request.url ?? "", headers: request.headers });
    const page = pages[(request.url ?? "").split("?")[0]];
    if (page === undefined) response.writeHead(404).end();
    else if (typeof page === "string" && page.startsWith("→"))
      response.writeHead(302, { location: page.slice(1) }).end();
    else response.end(page);
  });
  const url = await listen(server);
  try {
    await use({
      url,
      root,
      seen,
      fetch: (artifact, how) =>
        fetchArtifact(
          { source: "", destination: "local/", options: {}, headers: {}, ...artifact },
          { taskDirectory: task, allocationDirectory: root },
          {
            limits: { ...defaultArtifactLimits, timeoutMs: 10_000 },
            allowsLocalSources: true,
            signal: new AbortController().signal,
            ...how,
          },
        ),
      local: (path) => readFileSync(join(task, "local", path), "utf8"),
    });
    assert.deepEqual(readdirSync(join(task, "private")), [], "nothing is left behind");
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function refuses(kind: Refusal["kind"], message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.match(error.message, message);
    return true;
  };
}

interface ZipEntry {
  readonly name: string;
  readonly data: string;
  readonly mode?: number;
}

/** A zip as Unix writes it: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
function zip(...entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, data, mode = 0o100644 } of entries) {
    const content = deflateRawSync(data);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(data), 10);
    fields.writeUInt32LE(content.length, 14);
    fields.writeUInt32LE(Buffer.byteLength(data), 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), fields, Buffer.from(name), content]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    central.push(
      Buffer.concat([Buffer.from("PK\x01\x02"), Buffer.from([20, 3]), fields, tail, Buffer.from(name)]),
    );
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

async function tar(...entries: readonly (Header & { data?: string })[]): Promise<Buffer> {
  const stream = pack();
  for (const { data = "", ...header } of entries) stream.entry(header, data);
  stream.finalize();
  return buffer(stream);
}

const entry = (name: string, more: Partial<Header> & { data?: string } = {}) =>
  ({ name, mode: 0o644, ...more }) as Header & { data?: string };

test("artifact: a zip is downloaded and unpacked, its programs can be run (CL-226)", async () => {
  const page = zip(
    { name: "ran_linux_arm64", data: "#!/bin/sh\necho hi\n", mode: 0o100755 },
    { name: "www/index.html", data: "<p>hello</p>" },
  );
  await inWorld({ "/releases/ran_linux_arm64.zip": page }, async ({ url, root, fetch, local }) => {
    await fetch({ source: `${url}/releases/ran_linux_arm64.zip` });
    assert.equal(local("www/index.html"), "<p>hello</p>");
    assert.equal(execFileSync(join(root, "web/local/ran_linux_arm64"), { encoding: "utf8" }), "hi\n");
    await fetch({ source: `${url}/releases/ran_linux_arm64.zip` });
  });
});

test("artifact: a tar in every wrapping, links inside of it are kept", async () => {
  const plain = await tar(
    entry("./bin/", { type: "directory" }),
    entry("./bin/run", { data: "run", mode: 0o4755 }),
    entry("./current", { type: "symlink", linkname: "./bin/run" }),
    entry("./bin/up", { type: "symlink", linkname: "../current" }),
    entry("./same", { type: "link", linkname: "./bin/run" }),
  );
  const compress = (program: string) => execFileSync(program, ["-c"], { input: plain });
  const pages: Pages = {
    "/a.tar": plain,
    "/a.tar.gz": gzipSync(plain),
    "/a.tgz": gzipSync(plain),
    "/a.tar.zst": zstdCompressSync(plain),
    "/a.tar.xz": compress("xz"),
    "/a.tar.bz2": compress("bzip2"),
    "/odd": gzipSync(plain),
  };
  await inWorld(pages, async ({ url, root, fetch }) => {
    for (const page of Object.keys(pages)) {
      const options: Record<string, string> = page === "/odd" ? { archive: "tar.gz" } : {};
      await fetch({ source: url + page, destination: `local${page}`, options });
      const at = join(root, "web/local", page);
      assert.equal(readFileSync(join(at, "bin/up"), "utf8"), "run", page);
      assert.equal(lstatSync(join(at, "bin/run")).mode & 0o7777, 0o755, "no set-user-id bit");
      assert.equal(readlinkSync(join(at, "current")), "./bin/run");
      assert.equal(readFileSync(join(at, "same"), "utf8"), "run");
    }
  });
});

test("artifact: files as they are, one compressed, a name of one's own", async () => {
  await inWorld(
    { "/a.txt": "text", "/b.conf.gz": gzipSync("conf"), "/c.zip": zip({ name: "x", data: "1" }) },
    async (world) => {
      const { url, fetch, local } = world;
      await fetch({ source: `${url}/a.txt?token=1` });
      await fetch({ source: `${url}/b.conf.gz` });
      await fetch({ source: `${url}/c.zip?archive=false` });
      await fetch({ source: `${url}/a.txt`, options: { filename: "other" } });
      await fetch({ source: `${url}/a.txt`, destination: "local/deep/exact", mode: "file" });
      await fetch({ source: `${url}/c.zip`, destination: "local/only", mode: "file" });
      await fetch({ source: `${url}/a.txt`, destination: "../alloc/data" });
      await fetch({ source: `${url}/a.txt`, destination: "/alloc/tmp" });
      assert.deepEqual(
        [local("a.txt"), local("b.conf"), local("other"), local("deep/exact"), local("only")],
        ["text", "conf", "text", "text", "1"],
      );
      assert.equal(local("c.zip").slice(0, 2), "PK");
      assert.ok(
        existsSync(join(world.root, "alloc/data/a.txt")) && existsSync(join(world.root, "alloc/tmp/a.txt")),
      );
      assert.equal(world.seen[0].path, "/a.txt?token=1");
    },
  );
});

test("artifact: only a subdirectory", async () => {
  const page = zip({ name: "top/sub/a", data: "a" }, { name: "top/other", data: "b" });
  await inWorld({ "/x.zip": page }, async ({ url, fetch, local, root }) => {
    await fetch({ source: `${url}/x.zip//top/sub` });
    assert.equal(local("a"), "a");
    assert.deepEqual(readdirSync(join(root, "web/local")), ["a"]);
    await assert.rejects(
      fetch({ source: `${url}/x.zip//none` }),
      refuses("invalid", /nothing in its directory "none"/),
    );
    await assert.rejects(fetch({ source: `${url}/x.zip//a/../..` }), refuses("invalid", /leads outside/));
  });
});

test("artifact: checksums, given or in a list", async () => {
  const digest = (name: string, text: string) => createHash(name).update(text).digest("hex");
  const pages = {
    "/a": "text",
    "/sums": `${digest("sha256", "other")}  b\n${digest("sha256", "text")} *a\n`,
    "/bsd": `SHA512 (a) = ${digest("sha512", "text")}\n`,
    "/bad": `${digest("sha1", "other")}  a\n`,
  };
  await inWorld(pages, async ({ url, fetch }) => {
    const source = `${url}/a`;
    for (const name of ["md5", "sha1", "sha256", "sha512"])
      await fetch({ source, options: { checksum: `${name}:${digest(name, "text")}` } });
    await fetch({ source: `${source}?checksum=${digest("sha256", "text")}` });
    await fetch({ source, options: { checksum: `file:${url}/sums` } });
    await fetch({ source, options: { checksum: `file:${url}/bsd`, filename: "renamed" } });
    const wrong = [
      ["sha256:" + digest("sha256", "x"), /Its sha256 checksum is .* not/],
      [`file:${url}/bad`, /Its sha1 checksum/],
      ["sha256:abc", /is not md5, sha1/],
      ["crc:abc", /is not md5, sha1/],
    ] as const;
    for (const [checksum, message] of wrong)
      await assert.rejects(fetch({ source, options: { checksum } }), refuses("invalid", message));
  });
});

test("artifact: what leads outside is refused, and nothing is written", async () => {
  const link = (name: string, linkname: string) => entry(name, { type: "symlink", linkname });
  const archives: Readonly<Record<string, readonly (Header & { data?: string })[]>> = {
    dots: [entry("../evil", { data: "x" })],
    inner: [entry("a/../../evil", { data: "x" })],
    absolute: [entry("/evil", { data: "x" })],
    absoluteLink: [link("l", "/etc")],
    upLink: [link("l", "../x")],
    deepLink: [link("a/l", "../../x")],
    trickLink: [link("a/b/s", "../.."), link("a/b/l", "s/..")],
    throughLink: [entry("d/x"), link("l", "d"), entry("l/evil", { data: "x" })],
    hardLink: [entry("h", { type: "link", linkname: "/etc/passwd" })],
    hardToLink: [link("l", "a"), entry("h", { type: "link", linkname: "l" })],
    device: [entry("dev", { type: "character-device", devmajor: 1, devminor: 3 })],
    pipe: [entry("pipe", { type: "fifo" })],
  };
  const pages: Record<string, Buffer> = {
    "/zipDots.zip": zip({ name: "../evil", data: "x" }),
    "/zipLink.zip": zip({ name: "l", data: "/etc/passwd", mode: 0o120777 }),
    "/zipDevice.zip": zip({ name: "l", data: "", mode: 0o20644 }),
    "/broken.zip": Buffer.from("PK\x03\x04 no zip"),
    "/broken.tar": Buffer.alloc(2048, 7),
    "/broken.tar.xz": Buffer.from("no xz"),
    "/cut.tar.gz": gzipSync(await tar(entry("a", { data: "x".repeat(5000) }))).subarray(0, 60),
  };
  for (const [name, entries] of Object.entries(archives)) pages[`/${name}.tar`] = await tar(...entries);
  await inWorld(pages, async ({ url, fetch, root }) => {
    for (const page of Object.keys(pages))
      await assert.rejects(
        fetch({ source: url + page }),
        refuses("invalid", new RegExp(`The artifact ".*${page}"`)),
      );
    assert.deepEqual(readdirSync(join(root, "web/local")), []);
    assert.deepEqual(readdirSync(root), ["web"]);
  });
});

test("artifact: mutants of archives are unpacked or refused, and end", async () => {
  const seed = 11;
  const dice = seededDice(seed);
  const bases: Readonly<Record<string, Buffer>> = {
    "/a.zip": zip({ name: "a/b", data: "some text" }, { name: "c", data: "a/b", mode: 0o120777 }),
    "/a.tar": await tar(
      entry("a/b", { data: "some text" }),
      entry("c", { type: "symlink", linkname: "a/b" }),
    ),
    "/a.tar.gz": gzipSync(await tar(entry("a/b", { data: "some text" }))),
  };
  const pages: Record<string, Buffer> = {};
  await inWorld(pages, async ({ url, fetch, root }) => {
    for (let round = 0; round < 150; round++) {
      const [path, base] = Object.entries(bases)[round % 3];
      const mutant = Buffer.from(base);
      for (let edits = 1 + dice.roll() * 6; edits > 0; edits--)
        mutant[Math.floor(dice.roll() * mutant.length)] = Math.floor(dice.roll() * 256);
      pages[path] = mutant;
      try {
        await fetch({ source: url + path, destination: `local/${round}` });
      } catch (error) {
        assert.ok(error instanceof Refusal, `seed ${seed}, round ${round}: ${String(error)}`);
      }
    }
    assert.deepEqual(readdirSync(root), ["web"]);
    assert.deepEqual(readdirSync(join(root, "web")).toSorted(), ["local", "private"]);
  });
});

test("artifact: the agent's own directory is not written to from above", async () => {
  await inWorld(
    { "/a.zip": zip({ name: "private/x", data: "1" }), "/b.zip": zip({ name: "b", data: "1" }) },
    async (world) => {
      await assert.rejects(
        world.fetch({ source: `${world.url}/a.zip`, destination: "." }),
        refuses("invalid", /which is the agent's/),
      );
      await world.fetch({ source: `${world.url}/b.zip`, destination: "." });
      assert.ok(existsSync(join(world.root, "web/b")));
    },
  );
});

test("artifact: a destination outside is refused, and a link there is not followed", async () => {
  await inWorld({ "/a": "text" }, async ({ url, fetch, root }) => {
    const outside = mkdtempSync(join(home, "outside-"));
    for (const destination of ["../other/local", "../../x", "private/x", "local/../../..", "/alloc/../../x"])
      await assert.rejects(
        fetch({ source: `${url}/a`, destination }),
        refuses("invalid", /outside of the directories/),
        destination,
      );
    symlinkSync(outside, join(root, "web/local/link"));
    await assert.rejects(
      fetch({ source: `${url}/a`, destination: "local/link" }),
      refuses("invalid", /no directory/),
    );
    assert.deepEqual(readdirSync(outside), []);
  });
});

test("artifact: limits on bytes, files, unpacked bytes and time hold while it streams", async () => {
  const bomb = gzipSync(await tar(entry("zeros", { data: "\0".repeat(3_000_000) })));
  const many = await tar(...Array.from({ length: 30 }, (_, index) => entry(`f${index}`)));
  await inWorld(
    { "/bomb.tar.gz": bomb, "/many.tar": many, "/a": "x".repeat(5000) },
    async ({ url, fetch }) => {
      const limits = { maxBytes: 100_000, maxFiles: 20, maxUnpackedBytes: 1_000_000, timeoutMs: 5000 };
      await assert.rejects(
        fetch({ source: `${url}/bomb.tar.gz` }, { limits }),
        refuses("invalid", /More than 1000000 bytes/),
      );
      await assert.rejects(
        fetch({ source: `${url}/many.tar` }, { limits }),
        refuses("invalid", /More than 20 files/),
      );
      await assert.rejects(
        fetch({ source: `${url}/a` }, { limits: { ...limits, maxBytes: 4000 } }),
        refuses("invalid", /5000 bytes, more than the 4000/),
      );
    },
  );
  const silent = createServer(() => undefined);
  const url = await listen(silent);
  await inWorld({}, async ({ fetch }) => {
    const limits = { ...defaultArtifactLimits, timeoutMs: 60 };
    await assert.rejects(
      fetch({ source: `${url}/x` }, { limits }),
      refuses("unavailable", /takes longer than 0.06 s/),
    );
    const stop = AbortSignal.timeout(30);
    await assert.rejects(fetch({ source: `${url}/x` }, { signal: stop }), (error) => error === stop.reason);
  });
  silent.closeAllConnections();
  silent.close();
});

test("artifact: servers that fail, redirects, and headers for the named host alone", async () => {
  await inWorld({ "/a": "text" }, async (other) => {
    const pages = {
      "/to": `→${other.url}/a`,
      "/loop": "→/loop",
      "/file": "→file:///etc/passwd",
      "/rel": "→b",
      "/b": "b",
    };
    await inWorld(pages, async ({ url, fetch, local, seen }) => {
      await fetch({ source: `${url}/to`, headers: { authorization: "secret" }, options: { filename: "a" } });
      assert.equal(local("a"), "text");
      assert.equal(seen[0].headers.authorization, "secret");
      assert.equal(other.seen[0].headers.authorization, undefined);
      await fetch({ source: `${url}/rel` });
      await assert.rejects(fetch({ source: `${url}/loop` }), refuses("invalid", /more than 10 times/));
      await assert.rejects(
        fetch({ source: `${url}/file` }),
        refuses("invalid", /file:\/\/, which is not fetched/),
      );
      await assert.rejects(fetch({ source: `${url}/none` }), refuses("unavailable", /status 404/));
      await assert.rejects(fetch({ source: "http://127.0.0.1:1/x" }), refuses("unavailable", /ECONNREFUSED/));
    });
    await other.fetch({ source: `${other.url}/a` });
  });
});

test("artifact: this machine, its link and metadata services are no sources, unless allowed", async () => {
  await inWorld({ "/a": "text" }, async ({ url, fetch, seen }) => {
    const port = new URL(url).port;
    const hosts = [
      "127.0.0.1 127.9.9.9 localhost 0.0.0.0 2130706433 0x7f.1 [::1] [::] [::ffff:127.0.0.1] 169.254.169.254",
      "[fe80::1] [fd00:ec2::254] 100.100.100.200 [64:ff9b::7f00:1] [2002:7f00:1::] 255.255.255.255",
    ].flatMap((line) => line.split(" "));
    for (const host of hosts)
      for (const scheme of ["http", "git::http"])
        await assert.rejects(
          fetch({ source: `${scheme}://${host}:${port}/a` }, { allowsLocalSources: false }),
          refuses("invalid", /which is no source/),
          host,
        );
    for (const source of ["/etc/hostname", "file:///etc/hostname", "file::/etc/hostname", "git::file:///etc"])
      await assert.rejects(
        fetch({ source }, { allowsLocalSources: false }),
        refuses("invalid", /Files of this machine/),
      );
    assert.deepEqual(seen, []);
    await fetch({ source: `${url}/a` });
  });
});

test("artifact: a redirect to an address that is not allowed is refused, and a name is looked up once", async () => {
  await inWorld(
    { "/a": "text", "/away": "→http://127.0.0.2:9/x", "/named": "→http://inside.test/x" },
    async ({ url, fetch, local }) => {
      const { port } = new URL(url);
      const asked: string[] = [];
      const policy: FetchOptions["policy"] = {
        resolve: (host) => {
          asked.push(host);
          // The second answer is another one: a name that is bound anew.
          const address = asked.length === 1 && host === "good.test" ? "127.0.0.1" : "127.0.0.2";
          return Promise.resolve([{ address, family: 4 }]);
        },
        isAllowed: ({ address }) => address === "127.0.0.1",
      };
      await fetch({ source: `http://good.test:${port}/a` }, { policy });
      assert.equal(local("a"), "text");
      assert.deepEqual(asked, ["good.test"]);
      for (const source of [`${url}/away`, `${url}/named`, `http://good.test:${port}/a`])
        await assert.rejects(
          fetch({ source }, { policy }),
          refuses("invalid", /address 127.0.0.2, .* no source/),
        );
    },
  );
});

test("artifact: local files and directories, where they are allowed", async () => {
  const folder = mkdtempSync(join(home, "folder-"));
  mkdirSync(join(folder, "sub"));
  writeFileSync(join(folder, "sub/run"), "run", { mode: 0o755 });
  symlinkSync("sub/run", join(folder, "link"));
  await inWorld({}, async ({ fetch, local, root }) => {
    await fetch({ source: `file::${folder}` });
    assert.equal(local("link"), "run");
    await fetch({ source: `file://${folder}/sub/run`, destination: "local/one" });
    assert.equal(lstatSync(join(root, "web/local/one/run")).mode & 0o777, 0o755);
    await assert.rejects(fetch({ source: `${folder}/none` }), refuses("unavailable", /no such file/));
    symlinkSync("/etc/passwd", join(folder, "evil"));
    await assert.rejects(fetch({ source: folder }), refuses("invalid", /outside of its directory/));
  });
});

test("artifact: a repository by branch and commit, with its links checked", async () => {
  const repository = mkdtempSync(join(home, "repository-"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", repository, "-c", "user.name=a", "-c", "user.email=a@b", ...args], {
      encoding: "utf8",
    }).trim();
  git("init", "-q", "-b", "main");
  mkdirSync(join(repository, "sub"));
  writeFileSync(join(repository, "sub/a"), "one");
  git("add", ".");
  git("commit", "-q", "-m", "one");
  const first = git("rev-parse", "HEAD");
  git("checkout", "-q", "-b", "other");
  writeFileSync(join(repository, "sub/a"), "two");
  git("commit", "-q", "-am", "two");
  git("checkout", "-q", "main");
  await inWorld({}, async ({ fetch, local }) => {
    const source = `git::file://${repository}`;
    await fetch({ source: `${source}//sub` });
    assert.equal(local("a"), "one");
    await fetch({ source: `${source}//sub?ref=other` });
    assert.equal(local("a"), "two");
    await fetch({ source: `${source}//sub`, options: { ref: first } });
    assert.equal(local("a"), "one");
    await fetch({ source: `${source}//sub?ref=other&depth=1` });
    assert.equal(local("a"), "two");
    await assert.rejects(fetch({ source: `${source}?ref=none` }), refuses("unavailable", /git says/));
    await assert.rejects(fetch({ source: `${source}?ref=--upload-pack` }), refuses("invalid", /no branch/));
    await assert.rejects(
      fetch({ source, destination: "local/x" }, { limits: { ...defaultArtifactLimits, maxBytes: 10 } }),
      refuses("invalid", /more than 10 bytes/),
    );
  });
});

test("artifact: a repository over http goes to the address that was checked, and follows no redirect", async () => {
  const repository = mkdtempSync(join(home, "served-"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", repository, "-c", "user.name=a", "-c", "user.email=a@b", ...args], {
      stdio: "pipe",
    });
  git("init", "-q");
  writeFileSync(join(repository, "a"), "served");
  git("add", ".");
  git("commit", "-q", "-m", "one");
  git("update-server-info");
  const files = readdirSync(join(repository, ".git"), { recursive: true, withFileTypes: true }).filter(
    (file) => file.isFile(),
  );
  const served = files.map((file) => {
    const path = join(file.parentPath, file.name);
    return [path.replace(join(repository, ".git"), "/u/r.git"), readFileSync(path)] as const;
  });
  const pages = { ...Object.fromEntries(served), "/away.git/info/refs": "→/u/r.git/info/refs" };
  await inWorld(pages, async ({ url, fetch, local }) => {
    const { port } = new URL(url);
    const policy: FetchOptions["policy"] = {
      resolve: () => Promise.resolve([{ address: "127.0.0.1", family: 4 }]),
      isAllowed: () => true,
    };
    await fetch({ source: `http://repository.test:${port}/u/r.git` }, { policy });
    assert.equal(local("a"), "served");
    await assert.rejects(fetch({ source: `git::${url}/away.git` }), refuses("unavailable", /git says/));
  });
});

test("artifact: sources that are not fetched here say so", async () => {
  await inWorld({ "/a": "text" }, async ({ url, fetch }) => {
    const sources = {
      "s3::https://x/y": /fetches s3/,
      "git::ssh://git@x/y": /over https only/,
      "ftp://x/y": /fetches ftp/,
      "just/a/path": /has no scheme/,
    };
    for (const [source, message] of Object.entries(sources))
      await assert.rejects(fetch({ source }), refuses("invalid", message));
    await assert.rejects(fetch({ source: `${url}/a`, mode: "dir" }), refuses("invalid", /its mode is dir/));
    await assert.rejects(
      fetch({ source: `${url}/a`, mode: "odd" }),
      refuses("invalid", /none of any, file and dir/),
    );
    await assert.rejects(
      fetch({ source: `${url.replace("//", "//user:secret@")}/none` }),
      (error) => error instanceof Refusal && !error.message.includes("secret"),
    );
    await fetch({ source: `${url}/a` });
  });
});
