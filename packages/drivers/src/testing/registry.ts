/** A registry for tests: what the specification says of pulls, and what goes wrong on the way. */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { digestOf } from "../oci/digest.ts";

export interface TestRegistry {
  /** `127.0.0.1:40123` */
  readonly host: string;
  /** All requests so far: `GET /v2/app/blobs/sha256:… bytes=100-`. */
  readonly requests: string[];
  /** By digest. */
  readonly blobs: Map<string, Buffer>;
  /** By `repository:tag` and `repository@digest`. */
  readonly manifests: Map<string, { readonly mediaType: string; readonly bytes: Buffer }>;
  close(): Promise<void>;
}

export interface RegistryFaults {
  /** Blob transfers break off after so many bytes. */
  breakAfter?: number;
  /** It answers ranges with everything. */
  ignoresRanges?: boolean;
  /** So many requests are answered with this status first. */
  failures?: { count: number; status: number };
  /** Asks for one of these. */
  auth?: { scheme: "bearer" | "basic"; username?: string; password?: string; realm?: string };
  /** Where blobs are said to be. */
  redirectBlobsTo?: string;
  /** Blobs come with other bytes. */
  corrupts?: boolean;
}

export async function openTestRegistry(faults: RegistryFaults = {}): Promise<TestRegistry> {
  const requests: string[] = [];
  const blobs: TestRegistry["blobs"] = new Map();
  const manifests: TestRegistry["manifests"] = new Map();
  const server = createServer((request, response) => {
    requests.push([request.method, request.url, request.headers.range].filter(Boolean).join(" "));
    if (request.url?.startsWith("/token")) return giveToken(request, response, faults);
    if (faults.failures && faults.failures.count > 0) {
      faults.failures.count--;
      response.writeHead(faults.failures.status, { "retry-after": "0.01" }).end();
      return;
    }
    if (!isAuthorized(request, faults)) return challenge(response, server.address() as AddressInfo, faults);
    const [, repository, kind, reference] =
      /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(request.url ?? "") ?? [];
    if (kind === "manifests") {
      const found = manifests.get(`${repository}${reference.includes(":") ? "@" : ":"}${reference}`);
      if (found) response.writeHead(200, { "content-type": found.mediaType }).end(found.bytes);
      else notFound(response, "MANIFEST_UNKNOWN");
    } else if (kind === "blobs" && blobs.has(reference))
      sendBlob(request, response, blobs.get(reference) ?? Buffer.alloc(0), faults);
    else notFound(response, "BLOB_UNKNOWN");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    blobs,
    manifests,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function isAuthorized({ headers }: IncomingMessage, { auth }: RegistryFaults): boolean {
  if (!auth) return true;
  return auth.scheme === "bearer"
    ? headers.authorization === "Bearer let-me-in"
    : headers.authorization === basic(auth);
}

function basic({ username, password }: { username?: string; password?: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function challenge(response: ServerResponse, { port }: AddressInfo, { auth }: RegistryFaults): void {
  const realm = auth?.realm ?? `http://127.0.0.1:${port}/token`;
  const words =
    auth?.scheme === "bearer" ? `Bearer realm="${realm}",service="test"` : 'Basic realm="Registry"';
  response.writeHead(401, { "www-authenticate": words }).end();
}

function giveToken(request: IncomingMessage, response: ServerResponse, { auth }: RegistryFaults): void {
  const isKnown = auth?.username === undefined || request.headers.authorization === basic(auth);
  response.writeHead(isKnown ? 200 : 401, { "content-type": "application/json" });
  response.end(JSON.stringify(isKnown ? { token: "let-me-in", expires_in: 60 } : { errors: [] }));
}

function notFound(response: ServerResponse, code: string): void {
  response.writeHead(404, { "content-type": "application/json" });
  response.end(JSON.stringify({ errors: [{ code, message: "not here" }] }));
}

function sendBlob(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
  faults: RegistryFaults,
): void {
  if (faults.redirectBlobsTo !== undefined) {
    response.writeHead(307, { location: faults.redirectBlobsTo }).end();
    return;
  }
  const from = faults.ignoresRanges
    ? 0
    : Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const rest = (faults.corrupts ? Buffer.alloc(bytes.length) : bytes).subarray(from);
  const range = { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(from > 0 ? 206 : 200, { "content-length": rest.length, ...(from > 0 && range) });
  const { breakAfter } = faults;
  if (breakAfter === undefined || rest.length <= breakAfter) response.end(rest);
  else response.write(rest.subarray(0, breakAfter), () => setTimeout(() => response.destroy(), 20));
}

export interface TestImage {
  readonly repository: string;
  readonly tag: string;
  /** Archives as they are pushed, compressed or not, with the digest of what they unpack to. */
  readonly layers: readonly { readonly bytes: Buffer; readonly diffId: string }[];
  /** `Env`, `Cmd` and so on. */
  readonly config?: object;
  readonly isDocker?: boolean;
}

/** Puts an image there as a push would, below an index with one for another platform. Answers with the digest of the index. */
export function putImage(
  registry: Pick<TestRegistry, "blobs" | "manifests">,
  image: TestImage,
  architecture: string,
): string {
  const type = (name: string) =>
    image.isDocker
      ? `application/vnd.docker.${{ index: "distribution.manifest.list.v2+json", manifest: "distribution.manifest.v2+json", config: "container.image.v1+json", layer: "image.rootfs.diff.tar.gzip" }[name]}`
      : `application/vnd.oci.image.${{ index: "index.v1+json", manifest: "manifest.v1+json", config: "config.v1+json", layer: "layer.v1.tar" }[name]}`;
  const blob = (bytes: Buffer, name: string) => {
    const digest = digestOf(bytes);
    registry.blobs.set(digest, bytes);
    return { mediaType: type(name), digest, size: bytes.length };
  };
  const config = Buffer.from(
    JSON.stringify({
      os: "linux",
      architecture,
      config: image.config ?? {},
      rootfs: { type: "layers", diff_ids: image.layers.map(({ diffId }) => diffId) },
    }),
  );
  const document = (name: string, value: object, tags: readonly string[]) => {
    const mediaType = type(name);
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...value }));
    const digest = digestOf(bytes);
    for (const key of [`@${digest}`, ...tags])
      registry.manifests.set(`${image.repository}${key}`, { mediaType, bytes });
    return { mediaType, digest, size: bytes.length };
  };
  const layers = image.layers.map(({ bytes }) => blob(bytes, "layer"));
  const manifest = document("manifest", { config: blob(config, "config"), layers }, []);
  const other = { ...manifest, platform: { os: "linux", architecture: "s390x" } };
  const own = { ...manifest, platform: { os: "linux", architecture } };
  return document("index", { manifests: [other, own] }, [`:${image.tag}`]).digest;
}
