import http from "node:http";
import https from "node:https";
import type { ServiceCheck } from "@fractus/core/job.ts";
import type { Outcome } from "./outcome.ts";
import { bounded, failed, outputLimitBytes } from "./outcome.ts";

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

const redirectsFollowed = 5;

/**
 * Asks once and reads as much of the answer as is kept. 2xx passes and 429 is a warning
 * (https://developer.hashicorp.com/consul/docs/register/health-check/vm); a redirect is followed as long as
 * it stays on the same server.
 */
export function probeHttp(check: ServiceCheck, endpoint: Endpoint, signal: AbortSignal): Promise<Outcome> {
  const scheme = check.protocol === "https" ? "https" : "http";
  const host = endpoint.address.includes(":") ? `[${endpoint.address}]` : endpoint.address;
  return ask(check, new URL(check.path ?? "/", `${scheme}://${host}:${endpoint.port}`), signal, 0);
}

async function ask(check: ServiceCheck, url: URL, signal: AbortSignal, hops: number): Promise<Outcome> {
  const method = (check.method ?? "GET").toUpperCase();
  const question = `${method} ${url.href}`;
  const response = await send(check, url, signal);
  if (response instanceof Error) return failed(`${question}: ${reasonOf(response)}`);
  const { statusCode = 0, statusMessage, headers } = response;
  const target = isRedirect(statusCode) && URL.parse(headers.location ?? "", url);
  if (target && target.origin === url.origin && hops < redirectsFollowed) {
    response.destroy();
    return ask(check, target, signal, hops + 1);
  }
  const beginning = await readBeginning(response);
  const words = target
    ? `${statusMessage}, a redirect that a check does not follow: ${target.href}`
    : statusMessage;
  const output = bounded(`${question}: ${statusCode} ${words}\n${beginning}`.trimEnd());
  return { verdict: verdictOf(statusCode), output, statusCode };
}

function verdictOf(statusCode: number): Outcome["verdict"] {
  if (statusCode >= 200 && statusCode < 300) return "pass";
  return statusCode === 429 ? "warning" : "fail";
}

function isRedirect(statusCode: number): boolean {
  return [301, 302, 303, 307, 308].includes(statusCode);
}

function send(check: ServiceCheck, url: URL, signal: AbortSignal): Promise<http.IncomingMessage | Error> {
  return new Promise((resolve) => {
    const options = {
      method: check.method?.toUpperCase(),
      headers: { connection: "close", ...headersOf(check) },
      agent: false,
      signal,
      rejectUnauthorized: !check.skipsTlsVerification,
    };
    try {
      const request = (url.protocol === "https:" ? https : http).request(url, options, resolve);
      request.on("error", resolve);
      request.end(check.body);
    } catch (error) {
      resolve(error as Error);
    }
  });
}

function headersOf(check: ServiceCheck): Record<string, string | readonly string[]> {
  const entries = Object.entries(check.headers ?? {});
  return Object.fromEntries(
    entries.map(([name, values]) => [name, values.length === 1 ? values[0] : [...values]]),
  );
}

/** As much of the body as is kept; of a longer one the rest is not read. */
async function readBeginning(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      if ((size += chunk.length) >= outputLimitBytes) break;
    }
  } catch {
    chunks.push(Buffer.from(" (the body was cut off)"));
  }
  return bounded(Buffer.concat(chunks).toString());
}

/** A refused connection to a name with several addresses has its words one level down. */
export function reasonOf(error: Error): string {
  if (error instanceof AggregateError && error.message === "") return String(error.errors[0]);
  return error.message;
}
