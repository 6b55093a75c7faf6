import { createWriteStream } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import { pipeline } from "node:stream/promises";
import { Refusal } from "@fractus/core/refusal.ts";
import { withoutPassword } from "./artifact-source.ts";
import { limitBytes } from "./limit-bytes.ts";
import type { Address, AddressPolicy } from "./source-address.ts";
import { checkedAddresses } from "./source-address.ts";

export interface DownloadOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Any certificate will do. */
  readonly insecure: boolean;
  readonly policy: AddressPolicy;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

const maxRedirects = 10;
/** A server that says nothing for so long is given up. */
const silenceMs = 30_000;

/** Fetches a URL into a new file. Each redirect is checked as if it were the source. */
export async function download(url: string, path: string, options: DownloadOptions): Promise<void> {
  const response = await open(new URL(url), options);
  const length = Number(response.headers["content-length"] ?? 0);
  if (length > options.maxBytes) {
    response.destroy();
    throw new Refusal(
      "invalid",
      `It has ${length} bytes, more than the ${options.maxBytes} that are allowed.`,
    );
  }
  try {
    const { signal, maxBytes } = options;
    await pipeline(response, limitBytes(maxBytes, "the download"), createWriteStream(path, { flags: "wx" }), {
      signal,
    });
  } catch (error) {
    throw asRefusal(error, url, options.signal);
  }
}

async function open(first: URL, options: DownloadOptions): Promise<IncomingMessage> {
  let url = first;
  for (let hop = 0; hop <= maxRedirects; hop++) {
    // Headers may be credentials: they are for the host that the job names.
    const headers = url.origin === first.origin ? options.headers : {};
    const response = await request(url, { ...options, headers });
    const status = response.statusCode ?? 0;
    if (status === 200) return response;
    response.destroy();
    const { location } = response.headers;
    const isRedirect = [301, 302, 303, 307, 308].includes(status) && location !== undefined;
    if (!isRedirect)
      throw new Refusal("unavailable", `${withoutPassword(url.href)} answers with status ${status}.`);
    if (!URL.canParse(location, url.href)) throw new Refusal("invalid", "It redirects to what is no URL.");
    url = new URL(location, url);
  }
  throw new Refusal("invalid", `It redirects more than ${maxRedirects} times.`);
}

async function request(url: URL, options: DownloadOptions): Promise<IncomingMessage> {
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new Refusal("invalid", `It redirects to ${url.protocol}//, which is not fetched.`);
  const addresses = await checkedAddresses(url.hostname, options.policy);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  try {
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = send(url, {
        agent: false,
        lookup: answering(addresses),
        rejectUnauthorized: !options.insecure,
        headers: { "user-agent": "fractus", "accept-encoding": "identity", ...options.headers },
        signal: options.signal,
        timeout: silenceMs,
      });
      outgoing.on("response", resolve);
      outgoing.on("error", reject);
      outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer for ${silenceMs / 1000} s`)));
      outgoing.end();
    });
  } catch (error) {
    throw asRefusal(error, url.href, options.signal);
  }
}

/** A lookup that knows nothing but the addresses that were checked. */
function answering(addresses: readonly Address[]): LookupFunction {
  return (_host, options, callback) => {
    if (options.all) callback(null, [...addresses]);
    else callback(null, addresses[0].address, addresses[0].family);
  };
}

function asRefusal(error: unknown, url: string, signal: AbortSignal): unknown {
  if (error instanceof Refusal) return error;
  if (signal.aborted) return signal.reason;
  const reason = error instanceof Error ? error.message : String(error);
  return new Refusal("unavailable", `${withoutPassword(url)} does not answer as it should: ${reason}.`, {
    cause: error,
  });
}
