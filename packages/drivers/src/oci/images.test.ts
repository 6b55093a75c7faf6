import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { openTestRegistry, putImage } from "../testing/registry.ts";
import type { RegistryFaults, TestRegistry } from "../testing/registry.ts";
import { tarOf } from "../testing/tar.ts";
import { openBlobs } from "./blobs.ts";
import { digestOf } from "./digest.ts";
import { openImages } from "./images.ts";
import type { PullOptions } from "./images.ts";
import { chainIds } from "./layers.ts";
import { ownPlatform } from "./manifest.ts";
import { get } from "./request.ts";

const root = mkdtempSync(join(tmpdir(), "fractus-images-"));
after(() => rmSync(root, { recursive: true, force: true }));

const base = await tarOf([
  { name: "etc/name", text: "base" },
  { name: "bin/tool", text: "x".repeat(200_000) },
]);
const above = await tarOf([{ name: "etc/name", text: "above" }]);
const layers = [
  { bytes: gzipSync(base, { level: 0 }), diffId: digestOf(base) },
  { bytes: zstdCompressSync(above), diffId: digestOf(above) },
];

interface Bench {
  readonly registry: TestRegistry;
  readonly directory: string;
  pull(name?: string, how?: PullOptions): ReturnType<ReturnType<typeof openImages>["pull"]>;
}

async function withRegistry(faults: RegistryFaults, body: (on: Bench) => Promise<void>): Promise<void> {
  const registry = await openTestRegistry(faults);
  const directory = mkdtempSync(join(root, "store-"));
  putImage(
    registry,
    { repository: "team/app", tag: "1", layers, config: { Cmd: ["/bin/tool"] } },
    ownPlatform().architecture,
  );
  const pull: Bench["pull"] = (name = "team/app:1", how) =>
    openImages({ directory, retryMs: 5 }).pull(`${registry.host}/${name}`, how);
  try {
    await body({ registry, directory, pull });
  } finally {
    await registry.close();
  }
}

test("images: one is pulled through its index, and its layers lie unpacked", () =>
  withRegistry({}, async ({ pull, registry, directory }) => {
    const { config, layers } = await pull();
    assert.deepEqual(config.command, ["/bin/tool"]);
    assert.deepEqual(
      layers.map((path) => readFileSync(join(path, "etc/name"), "utf8")),
      ["above", "base"],
    );
    const before = registry.requests.length;
    await pull();
    assert.equal(registry.requests.length, before, "what is here is not asked for again");
    await pull("team/app:1", { isForced: true });
    assert.ok(registry.requests.slice(before).every((line) => line.includes("/manifests/")));
    assert.deepEqual(readdirSync(join(directory, "partial")), []);
  }));

test("images: layers are shared by images, and kept once", () =>
  withRegistry({}, async ({ pull, registry, directory }) => {
    const other = { repository: "other", tag: "2", layers: [layers[0]], isDocker: true };
    const digest = putImage(registry, other, ownPlatform().architecture);
    const [one, two] = await Promise.all([pull(), pull(`other@${digest}`)]);
    assert.equal(one.layers[1], two.layers[0]);
    assert.equal(readdirSync(join(directory, "layers")).length, 2);
    assert.equal(
      registry.requests.filter((line) => line.includes(digestOf(layers[0].bytes))).length <= 2,
      true,
    );
    assert.deepEqual(chainIds(["sha256:a", "sha256:b"])[1], digestOf("sha256:a sha256:b"));
  }));

test("images: a transfer that breaks goes on where it broke", () =>
  withRegistry({ breakAfter: 90_000 }, async ({ pull, registry }) => {
    await pull();
    const ranges = registry.requests.flatMap((line) => / bytes=(\d+)-$/.exec(line)?.[1] ?? []);
    assert.ok(ranges.length >= 2 && ranges.every((from) => Number(from) > 0), ranges.join());
  }));

test("images: a registry that cannot resume starts over, and one that never gets further is given up", async () => {
  await withRegistry({ breakAfter: 90_000, ignoresRanges: true }, async ({ pull }) => {
    await assert.rejects(pull(), { kind: "unavailable", message: /cannot be transferred/ });
  });
  await withRegistry({ breakAfter: 0 }, async ({ pull }) => {
    await assert.rejects(pull(), { kind: "unavailable" });
  });
});

test("images: what has another digest or size is not kept", () =>
  withRegistry({ corrupts: true }, async ({ pull, directory }) => {
    await assert.rejects(pull(), { kind: "unavailable", message: /something else/ });
    assert.deepEqual(readdirSync(join(directory, "partial")), []);
    assert.ok(!readdirSync(directory).includes("layers"));
  }));

test("images: a manifest that is not the one of the digest is refused", () =>
  withRegistry({}, async ({ pull, registry }) => {
    const wanted = digestOf("wanted");
    registry.manifests.set(`team/app@${wanted}`, { mediaType: "x", bytes: Buffer.from("{}") });
    await assert.rejects(pull(`team/app@${wanted}`), { kind: "unavailable", message: /another manifest/ });
  }));

test("images: a layer that unpacks to something else than the configuration says is refused", () =>
  withRegistry({}, async ({ pull, registry, directory }) => {
    const lying = {
      repository: "lying",
      tag: "1",
      layers: [{ bytes: layers[0].bytes, diffId: digestOf("other") }],
    };
    putImage(registry, lying, ownPlatform().architecture);
    await assert.rejects(pull("lying:1"), { kind: "invalid", message: /a layer is sha256/ });
    assert.deepEqual(readdirSync(join(directory, "layers")), []);
  }));

test("images: passing trouble is waited out, lasting trouble is told", async () => {
  for (const status of [429, 500, 503])
    await withRegistry({ failures: { count: 3, status } }, async ({ pull }) => void (await pull()));
  await withRegistry({ failures: { count: 100, status: 503 } }, async ({ pull }) => {
    await assert.rejects(pull(), { kind: "unavailable", message: /503/ });
  });
  await withRegistry({}, async ({ pull }) => {
    await assert.rejects(pull("team/app:none"), { kind: "not-found", message: /MANIFEST_UNKNOWN/ });
  });
  await assert.rejects(openImages({ directory: root, retryMs: 1 }).pull("127.0.0.1:1/a"), {
    kind: "unavailable",
    message: /cannot be reached/,
  });
});

test("images: tokens and passwords, right and wrong", async () => {
  const credentials = { username: "ann", password: "secret" };
  const wrong = { username: "ann", password: "guess" };
  await withRegistry({ auth: { scheme: "bearer" } }, async ({ pull, registry }) => {
    await pull();
    assert.ok(registry.requests.includes("GET /token?service=test&scope=repository%3Ateam%2Fapp%3Apull"));
  });
  for (const scheme of ["bearer", "basic"] as const)
    await withRegistry({ auth: { scheme, ...credentials } }, async ({ pull }) => {
      await assert.rejects(pull(), { kind: "forbidden" });
      await assert.rejects(
        pull(undefined, { credentials: wrong }),
        (error: Error) => !error.message.includes("guess"),
      );
      await pull(undefined, { credentials });
    });
  await withRegistry({ auth: { scheme: "bearer" } }, async ({ pull }) => {
    await pull(undefined, { credentials: wrong, isAuthSoft: true });
  });
});

test("images: a registry may not send us to the machine's own services", async () => {
  const elsewhere = "http://169.254.169.254/latest/meta-data";
  await withRegistry({ redirectBlobsTo: elsewhere }, async ({ pull }) => {
    await assert.rejects(pull(), { kind: "forbidden" });
  });
  await withRegistry({ auth: { scheme: "bearer", realm: elsewhere } }, async ({ pull }) => {
    await assert.rejects(pull(), { kind: "forbidden" });
  });
  const refused = (url: string, isLoopbackAllowed = false) =>
    assert.rejects(async () => get(new URL(url), { isLoopbackAllowed }), { kind: "forbidden" }, url);
  for (const url of [
    "http://example.com/",
    "https://127.0.0.1/",
    "https://localhost/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0.0.0.0/",
    "https://[fe80::1]/",
    "https://user:password@127.0.0.1/",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
  ])
    await refused(url);
  for (const url of [
    "https://169.254.1.1/",
    "https://[::ffff:a9fe:a9fe]/",
    "http://10.0.0.1/",
    "https://[::]/",
  ])
    await refused(url, true);
});

test("images: a registry that is away does not matter if the image is here", () =>
  withRegistry({}, async ({ pull, registry }) => {
    putImage(registry, { repository: "app", tag: "latest", layers }, ownPlatform().architecture);
    const first = await pull("app");
    await registry.close().catch(() => undefined);
    assert.deepEqual(await pull("app"), first);
    await assert.rejects(pull("app", { isForced: true }), { kind: "unavailable" });
    registry.close = () => Promise.resolve();
  }));

test("blobs: what another process left half done is taken over", async () => {
  const directory = mkdtempSync(join(root, "blobs-"));
  const bytes = Buffer.from("0123456789".repeat(100));
  const digest = digestOf(bytes);
  const blobs = openBlobs(directory);
  await blobs.fetch({ digest: digestOf("a"), size: 1, mediaType: "" }, async () => ({
    body: streamOf(Buffer.from("a")),
    fromByte: 0,
  }));
  writeFileSync(join(directory, "partial", `${digest.slice(7)}.999999999`), bytes.subarray(0, 400));
  const asked: number[] = [];
  const path = await blobs.fetch({ digest, size: bytes.length, mediaType: "" }, async (_, fromByte) => {
    asked.push(fromByte);
    return { body: streamOf(bytes.subarray(fromByte)), fromByte };
  });
  assert.deepEqual(asked, [400]);
  assert.equal(statSync(path).size, 1000);
  await assert.rejects(
    blobs.fetch({ digest: digestOf("b"), size: 1, mediaType: "" }, async () => ({
      body: streamOf(bytes),
      fromByte: 0,
    })),
    {
      message: /longer than the 1 bytes/,
    },
  );
});

async function* streamOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

const config = Buffer.from(
  JSON.stringify({
    os: "linux",
    architecture: ownPlatform().architecture,
    config: {},
    rootfs: { diff_ids: layers.map(({ diffId }) => diffId) },
  }),
);

test("archive: docker save's, with links between layers and a name to choose by", async () => {
  const manifest = [
    { Config: "config.json", RepoTags: ["team/app:1"], Layers: ["a/layer.tar", "b/layer.tar"] },
  ];
  const archive = join(root, "saved.tar");
  const entries = [
    { name: "kept/layer.tar", text: base },
    { name: "a/layer.tar", type: "symlink" as const, linkname: "../kept/layer.tar" },
    { name: "b/layer.tar", text: above },
    { name: "config.json", text: config },
    { name: "manifest.json", text: JSON.stringify(manifest) },
    { name: "../../escape", text: "only a key" },
  ];
  writeFileSync(archive, gzipSync(await tarOf(entries)));
  const directory = mkdtempSync(join(root, "store-"));
  const images = openImages({ directory });
  const image = await images.load(archive, "team/app:1");
  assert.deepEqual(
    image.layers.map((path) => readFileSync(join(path, "etc/name"), "utf8")),
    ["above", "base"],
  );
  assert.deepEqual(await images.pull("team/app:1"), image, "afterwards the name is known");
  assert.equal(
    readdirSync(join(directory, "blobs/sha256")).length,
    3,
    "nothing but what the image is made of",
  );
  await assert.rejects(images.load(archive, "team/other"), {
    kind: "not-found",
    message: /only team\/app:1/,
  });
});

test("archive: an OCI layout", async () => {
  const target = {
    blobs: new Map<string, Buffer>(),
    manifests: new Map<string, { mediaType: string; bytes: Buffer }>(),
  };
  const digest = putImage(target, { repository: "app", tag: "1", layers }, ownPlatform().architecture);
  const documents = [...target.manifests.values()].map(({ bytes }) => [digestOf(bytes), bytes] as const);
  const index = {
    manifests: [{ digest, size: 1, annotations: { "org.opencontainers.image.ref.name": "v1" } }],
  };
  const archive = join(root, "layout.tar");
  writeFileSync(
    archive,
    await tarOf([
      { name: "oci-layout", text: '{"imageLayoutVersion":"1.0.0"}' },
      { name: "index.json", text: JSON.stringify(index) },
      ...[...target.blobs, ...new Map(documents)].map(([name, text]) => ({
        name: `blobs/${name.replace(":", "/")}`,
        text,
      })),
    ]),
  );
  const image = await openImages({ directory: mkdtempSync(join(root, "store-")) }).load(
    archive,
    "anything:1",
  );
  assert.equal(image.layers.length, 2);
});

test("archive: what is none is refused in words", async () => {
  const refused = async (bytes: Buffer, message: RegExp) => {
    const archive = join(root, "bad.tar");
    writeFileSync(archive, bytes);
    const images = openImages({ directory: mkdtempSync(join(root, "store-")) });
    await assert.rejects(images.load(archive, "a:1"), { name: "Refusal", message });
  };
  const document = (value: unknown) => tarOf([{ name: "manifest.json", text: JSON.stringify(value) }]);
  await refused(Buffer.from("no archive at all".repeat(100)), /cannot be used/);
  await refused(await tarOf([]), /neither/);
  await refused(await document([]), /no image in it/);
  await refused(await document([null]), /no layers/);
  await refused(
    await document([{ Config: "/etc/passwd", Layers: [] }]),
    /"\/etc\/passwd", which is not in it/,
  );
  await refused(await tarOf([{ name: "manifest.json", text: "{" }]), /cannot be used/);
});
