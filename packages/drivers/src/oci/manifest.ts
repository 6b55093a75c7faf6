/**
 * The documents that describe an image, in the words of both Docker and the OCI:
 * https://github.com/opencontainers/image-spec/blob/main/manifest.md
 * https://distribution.github.io/distribution/spec/manifest-v2-2/
 */
import { Refusal } from "@fractus/core/refusal.ts";
import { digestPattern } from "./reference.ts";

export interface Descriptor {
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
  readonly mediaType: string;
}

/** One image for one platform. */
export interface ImageManifest {
  readonly config: Descriptor;
  /** The lowest comes first. */
  readonly layers: readonly Descriptor[];
}

export interface Platform {
  readonly architecture: string;
  readonly variant?: string;
}

/** What we accept, as it is said in requests. */
export const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** 127 is what Docker allows; overlay takes 500. */
const mostLayers = 127;

/** This machine's, in the words of Go, which images use. */
export function ownPlatform(): Platform {
  const names: Record<string, string> = { x64: "amd64", ia32: "386", loong64: "loong64" };
  return { architecture: names[process.arch] ?? process.arch };
}

/** An image, or the descriptor of the one in a list that fits the platform. Refuses what is neither, and a list without one. */
export function readManifest(
  document: unknown,
  platform: Platform,
): { readonly image: ImageManifest } | { readonly chosen: Descriptor } {
  const manifest = record(document, "the manifest");
  if (Array.isArray(manifest.manifests)) return { chosen: choose(manifest.manifests, platform) };
  if (manifest.schemaVersion === 1)
    throw unfit("its manifest is of schema 1, which is out of use since 2017: push it again");
  if (!Array.isArray(manifest.layers)) throw unfit("its manifest names no layers");
  if (manifest.layers.length > mostLayers) throw unfit(`it has more than ${mostLayers} layers`);
  return {
    image: { config: descriptor(manifest.config), layers: manifest.layers.map(descriptor) },
  };
}

/** The first that fits exactly, else the first of the architecture without a variant, else any of it. */
function choose(entries: readonly unknown[], platform: Platform): Descriptor {
  const offers = entries.map((entry) => {
    const value = record(entry, "an entry of the index");
    const { os, architecture, variant } = record(value.platform ?? {}, "a platform");
    return { value, os, architecture, variant };
  });
  const fitting = offers.filter(
    ({ os, architecture }) =>
      (os === "linux" && architecture === platform.architecture) || (os === undefined && offers.length === 1),
  );
  const best =
    fitting.find(({ variant }) => variant === platform.variant) ??
    fitting.find(({ variant }) => variant === undefined) ??
    fitting[0];
  if (best) return descriptor(best.value);
  const words = offers
    .map(({ os, architecture }) => `${String(os)}/${String(architecture)}`)
    .filter((name) => !name.includes("unknown"));
  throw unfit(
    `there is none for linux/${platform.architecture}, only for ${[...new Set(words)].join(", ") || "nothing"}`,
  );
}

function descriptor(value: unknown): Descriptor {
  const { digest, size, mediaType = "" } = record(value, "a descriptor");
  if (typeof digest !== "string" || !digestPattern.test(digest)) throw unfit("a digest in it is none");
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0)
    throw unfit("a size in it is none");
  if (typeof mediaType !== "string") throw unfit("a media type in it is none");
  return { digest, size, mediaType };
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw unfit(`${what} is no object`);
  return value as Record<string, unknown>;
}

function unfit(why: string): Refusal {
  return new Refusal("invalid", `The image cannot be used: ${why}.`);
}

/** What the image itself says about how it is run. */
export interface ImageConfig {
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly workDirectory?: string;
  readonly user?: string;
  readonly stopSignal?: string;
  /** Digests of the unpacked layers, the lowest first. */
  readonly diffIds: readonly string[];
}

/** https://github.com/opencontainers/image-spec/blob/main/config.md; refuses one for another system or machine. */
export function readImageConfig(document: unknown, platform: Platform): ImageConfig {
  const { os = "linux", architecture, config, rootfs } = record(document, "the configuration");
  if (os !== "linux") throw unfit(`it is made for ${JSON.stringify(os)}`);
  if (architecture !== undefined && architecture !== platform.architecture)
    throw unfit(`it is made for ${JSON.stringify(architecture)}, this is ${platform.architecture}`);
  const how = record(config ?? {}, "config");
  const { diff_ids } = record(rootfs ?? {}, "rootfs");
  const diffIds = texts(diff_ids, "rootfs.diff_ids");
  if (!diffIds.every((digest) => digestPattern.test(digest))) throw unfit("a digest of a layer is none");
  return {
    env: texts(how.Env, "Env"),
    entrypoint: texts(how.Entrypoint, "Entrypoint"),
    command: texts(how.Cmd, "Cmd"),
    ...optional("workDirectory", how.WorkingDir),
    ...optional("user", how.User),
    ...optional("stopSignal", how.StopSignal),
    diffIds,
  };
}

function texts(value: unknown, name: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string"))
    throw unfit(`${name} is no list of texts`);
  return value;
}

function optional<Name extends string>(name: Name, value: unknown): Partial<Record<Name, string>> {
  return typeof value === "string" && value !== ""
    ? ({ [name]: value } as Partial<Record<Name, string>>)
    : {};
}
