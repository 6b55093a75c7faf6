import assert from "node:assert/strict";
import { test } from "node:test";
import { readImageConfig, readManifest } from "./manifest.ts";

const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`;

/** `amd64 a, arm64/v8 b`: an index; answers with the letter of the chosen digest. */
function choice(text: string, architecture: string, variant?: string): string {
  const manifests = text.split(", ").map((entry) => {
    const [platform, letter] = entry.split(" ");
    const [os, name, kind] = (platform.includes(":") ? platform : `linux:${platform}`).split(/[:/]/);
    return {
      digest: digestOf(letter),
      size: 7,
      mediaType: "x",
      platform: { os, architecture: name, ...(kind && { variant: kind }) },
    };
  });
  const answer = readManifest({ schemaVersion: 2, manifests }, { architecture, ...(variant && { variant }) });
  return "chosen" in answer ? answer.chosen.digest.slice(7, 8) : "image";
}

test("manifest: the platform's own image is chosen, the exact variant first", () => {
  assert.equal(choice("arm64 a, amd64 b", "amd64"), "b");
  assert.equal(choice("arm/v6 a, arm/v7 b, amd64 c", "arm", "v7"), "b");
  assert.equal(choice("arm64/v8 a, amd64 b", "arm64"), "a");
  assert.equal(choice("arm64/v9 a, arm64 b", "arm64", "v8"), "b");
  assert.equal(choice("windows:amd64 a, amd64 b, unknown:unknown c", "amd64"), "b");
});

test("manifest: where there is none it is said what there is", () => {
  assert.throws(() => choice("windows:amd64 a, arm64 b, unknown:unknown c", "amd64"), {
    kind: "invalid",
    message: /none for linux\/amd64, only for windows\/amd64, linux\/arm64\./,
  });
});

test("manifest: hostile documents are refused", () => {
  const config = { digest: digestOf("a"), size: 1, mediaType: "x" };
  const layer = { digest: digestOf("b"), size: 1 };
  const good = { schemaVersion: 2, config, layers: [layer] };
  assert.ok("image" in readManifest(good, { architecture: "amd64" }));
  for (const bad of [
    null,
    [],
    "x",
    {},
    { schemaVersion: 1, fsLayers: [] },
    { ...good, layers: "x" },
    { ...good, config: undefined },
    { ...good, layers: [{ ...layer, digest: "sha256:../../etc" }] },
    { ...good, layers: [{ ...layer, size: -1 }] },
    { ...good, layers: [{ ...layer, size: 1e300 }] },
    { ...good, layers: Array.from({ length: 128 }, () => layer) },
    { manifests: [null] },
  ])
    assert.throws(() => readManifest(bad, { architecture: "amd64" }), { kind: "invalid" });
});

test("manifest: the configuration says how the image is run", () => {
  const document = {
    os: "linux",
    architecture: "amd64",
    config: { Env: ["PATH=/bin"], Entrypoint: ["/e"], Cmd: null, WorkingDir: "", User: "web" },
    rootfs: { type: "layers", diff_ids: [digestOf("a")] },
  };
  assert.deepEqual(readImageConfig(document, { architecture: "amd64" }), {
    env: ["PATH=/bin"],
    entrypoint: ["/e"],
    command: [],
    user: "web",
    diffIds: [digestOf("a")],
  });
  assert.throws(() => readImageConfig(document, { architecture: "arm64" }), { message: /made for "amd64"/ });
  assert.throws(() => readImageConfig({ ...document, os: "windows" }, { architecture: "amd64" }), {
    message: /windows/,
  });
  assert.throws(() => readImageConfig({ ...document, config: { Env: "x" } }, { architecture: "amd64" }), {
    message: /Env/,
  });
});
