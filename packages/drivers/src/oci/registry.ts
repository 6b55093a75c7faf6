/**
 * A client of registries, for pulling alone:
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pull
 */
import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Refusal } from "@fractus/core/refusal.ts";
import { parseChallenge } from "./challenge.ts";
import type { Challenge } from "./challenge.ts";
import { digestOf } from "./digest.ts";
import { manifestTypes } from "./manifest.ts";
import type { Descriptor } from "./manifest.ts";
import { digestPattern, formatReference } from "./reference.ts";
import type { ImageReference } from "./reference.ts";
import { get, isLoopbackHost } from "./request.ts";

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface Registry {
  /** The manifest or index of that tag or digest, whose bytes have been checked against it. */
  manifest(tagOrDigest: string): Promise<FetchedManifest>;
  /** A blob's bytes from there on; `fromByte` of the answer is 0 where the registry does not resume. */
  blob(descriptor: Descriptor, fromByte: number): Promise<{ body: IncomingMessage; fromByte: number }>;
}

export interface FetchedManifest {
  readonly digest: string;
  readonly document: unknown;
}

export interface RegistryOptions {
  readonly credentials?: Credentials;
  readonly signal?: AbortSignal;
  /** The wait before the first repetition, in milliseconds; it doubles each time. */
  readonly retryMs?: number;
}

const attempts = 5;
const mostRedirects = 5;
/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests speaks of 4 MiB at least. */
const longestDocument = 4 * 1024 * 1024;
const longestWaitMs = 30_000;

/** Speaks with the registry of that reference. Anonymous without credentials. */
export function openRegistry(reference: ImageReference, options: RegistryOptions = {}): Registry {
  const { credentials, signal, retryMs = 250 } = options;
  const host = reference.registry === "docker.io" ? "registry-1.docker.io" : reference.registry;
  const isLoopbackAllowed = isLoopbackHost(host.replace(/:\d+$/, ""));
  const base = new URL(`${isLoopbackAllowed ? "http" : "https"}://${host}/v2/${reference.repository}/`);
  const name = `${reference.registry}/${reference.repository}`;
  let authorization: string | undefined;

  const once = async (url: URL, headers: Record<string, string>): Promise<IncomingMessage> => {
    let at = url;
    for (let hop = 0; hop <= mostRedirects; hop++) {
      const own = at.origin === base.origin && authorization !== undefined && { authorization };
      const answer = await get(at, { headers: { ...headers, ...own }, isLoopbackAllowed, signal });
      const { location } = answer.headers;
      if (![301, 302, 303, 307, 308].includes(answer.statusCode ?? 0) || location === undefined)
        return answer;
      answer.resume();
      at = new URL(location, at);
    }
    throw new Refusal("unavailable", `${name}: the registry sends us in a circle.`);
  };

  /** Repeats what may go well next time; asks for a token once. */
  const ask = async (url: URL, headers: Record<string, string>): Promise<IncomingMessage> => {
    let hasAuthorized = false;
    for (let attempt = 1; ; attempt++) {
      const answer = await once(url, headers).catch((error: unknown) => {
        if (error instanceof Refusal || signal?.aborted || attempt >= attempts)
          throw error instanceof Refusal ? error : unreachable(name, error);
        return undefined;
      });
      const status = answer?.statusCode ?? 0;
      if (answer && (status === 200 || status === 206)) return answer;
      if (answer && status === 401 && !hasAuthorized) {
        answer.resume();
        const challenge = parseChallenge(answer.headers["www-authenticate"] ?? "");
        authorization = await authorize(challenge);
        hasAuthorized = true;
        continue;
      }
      const isPassing = answer === undefined || status === 429 || status >= 500;
      if (answer && (!isPassing || attempt >= attempts)) throw await refusalOf(name, answer);
      answer?.resume();
      await sleep(waitMs(answer, retryMs * 2 ** (attempt - 1)), undefined, { ...(signal && { signal }) });
    }
  };

  const authorize = async (challenge: Challenge | undefined): Promise<string> => {
    const basic =
      credentials &&
      `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64")}`;
    if (challenge?.scheme === "bearer") return `Bearer ${await fetchToken(challenge, basic)}`;
    if (challenge?.scheme === "basic" && basic !== undefined) return basic;
    throw new Refusal("forbidden", `${name}: the registry asks for a name and a password.`);
  };

  const fetchToken = async (
    challenge: Extract<Challenge, { scheme: "bearer" }>,
    basic: string | undefined,
  ): Promise<string> => {
    const url = tokenUrl(challenge, reference.repository);
    const headers = basic === undefined ? {} : { authorization: basic };
    const answer = await get(url, { headers, isLoopbackAllowed, signal }).catch((error: unknown) => {
      throw error instanceof Refusal ? error : unreachable(url.host, error);
    });
    if (answer.statusCode !== 200) throw await refusalOf(name, answer);
    const { token, access_token } = JSON.parse((await readAll(answer)).toString()) as Record<string, unknown>;
    const found = token ?? access_token;
    if (typeof found !== "string" || /[^\x21-\x7e]/.test(found))
      throw new Refusal("unavailable", `${url.host} gave no token.`);
    return found;
  };

  return {
    async manifest(tagOrDigest) {
      const url = new URL(`manifests/${tagOrDigest}`, base);
      const bytes = await readAll(await ask(url, { accept: manifestTypes.join(", ") }));
      const isDigest = digestPattern.test(tagOrDigest);
      const digest = digestOf(bytes, isDigest ? tagOrDigest : "sha256");
      if (isDigest && digest !== tagOrDigest)
        throw new Refusal("unavailable", `${name}: the registry gave another manifest than ${tagOrDigest}.`);
      return { digest, document: parseJson(bytes, formatReference(reference)) };
    },

    async blob({ digest }, fromByte) {
      const range: Record<string, string> = fromByte > 0 ? { range: `bytes=${fromByte}-` } : {};
      const body = await ask(new URL(`blobs/${digest}`, base), { ...range, "accept-encoding": "identity" });
      return { body, fromByte: body.statusCode === 206 ? startOf(body) : 0 };
    },
  };
}

function startOf({ headers }: IncomingMessage): number {
  return Number(/^bytes (\d+)-/.exec(headers["content-range"] ?? "")?.[1] ?? Number.NaN);
}

function tokenUrl(
  { realm, service, scope }: { realm: string; service?: string; scope?: string },
  repository: string,
): URL {
  if (!URL.canParse(realm)) throw new Refusal("unavailable", "The registry names no place to get a token.");
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set("service", service);
  url.searchParams.set("scope", scope ?? `repository:${repository}:pull`);
  return url;
}

function waitMs(answer: IncomingMessage | undefined, otherwiseMs: number): number {
  const seconds = Number(answer?.headers["retry-after"]);
  return Math.min(seconds > 0 ? seconds * 1000 : otherwiseMs, longestWaitMs);
}

async function readAll(body: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > longestDocument) throw new Refusal("invalid", "The registry's answer is too long.");
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function parseJson(bytes: Buffer, name: string): unknown {
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch (cause) {
    throw new Refusal("invalid", `${name}: its manifest is no JSON.`, { cause });
  }
}

function unreachable(name: string, cause: unknown): Refusal {
  return new Refusal("unavailable", `${name} cannot be reached: ${(cause as Error).message}.`, { cause });
}

/** The registry's own words are cut short: they are someone else's text. */
async function refusalOf(name: string, answer: IncomingMessage): Promise<Refusal> {
  const status = answer.statusCode ?? 0;
  const words = (await readAll(answer).catch(() => Buffer.alloc(0))).toString().slice(0, 300).trim();
  const detail = words === "" ? "" : ` (${words})`;
  if (status === 404) return new Refusal("not-found", `There is no such image or layer in ${name}${detail}.`);
  if (status === 401 || status === 403)
    return new Refusal("forbidden", `${name} may not be pulled with what it was asked with${detail}.`);
  return new Refusal("unavailable", `${name}: the registry answered with ${status}${detail}.`);
}
