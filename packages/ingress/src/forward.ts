/**
 * One HTTP request through the front door.
 *
 * When an attempt fails before the backend answered anything, it may be made again elsewhere:
 *
 * - no connection came about: always, until the time to wait is over;
 * - the connection broke: only for a method that is idempotent, at most three times, and only if what
 *   was sent of the body is still at hand (https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2).
 *
 * So that the second case does not meet others, a request that is not idempotent gets a fresh connection:
 * one out of the pool may be closed by the backend in the very moment it is used.
 */
import { request as httpRequest } from "node:http";
import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { RequestBody } from "./body.ts";
import type { Door } from "./door.ts";
import type { Target } from "./headers.ts";
import { requestHeaders, responseHeaders } from "./headers.ts";
import type { Upstream } from "./upstream.ts";

const idempotent = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);
const mostAttempts = 3;
const connectTimeoutMs = 3000;

/** What came of one attempt. */
type Attempt =
  | { readonly kind: "answered" | "client-gone" }
  | { readonly kind: "not-connected" | "broken"; readonly error: Error };

/** Where an answer goes, and whether anybody still waits for it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: Target;
  readonly gone: AbortController;
  /** Takes over when the request opens a WebSocket and the backend agrees. */
  readonly upgrade?: (response: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** Resolves when the exchange is over, whatever came of it. */
export async function forward(door: Door, exchange: Exchange): Promise<void> {
  door.requests++;
  door.open++;
  try {
    await tryUntilAnswered(door, exchange);
  } finally {
    door.open--;
  }
}

async function tryUntilAnswered(door: Door, exchange: Exchange): Promise<void> {
  const { request, response, gone } = exchange;
  const mayRepeat = idempotent.has(request.method ?? "") && !exchange.upgrade;
  const body = new RequestBody(request, mayRepeat);
  const deadlineMs = door.deadlineMs();
  let isFresh = !mayRepeat;
  let broken = 0;
  for (;;) {
    const upstream = door.pick() ?? (await door.acquire(deadlineMs, gone.signal));
    if (gone.signal.aborted) return;
    if (!upstream)
      return refuse(door, response, 503, `No healthy instance of ${door.name} could take the request.`);
    const attempt = await send(upstream, exchange, body, isFresh);
    if (!("error" in attempt)) return;
    upstream.failures++;
    if (attempt.kind === "not-connected") door.rest(upstream);
    else if (!mayRepeat || !body.canRepeat || response.headersSent || ++broken >= mostAttempts) {
      return refuse(door, response, 502, `An instance of ${door.name} broke off: ${attempt.error.message}.`);
    }
    isFresh = true;
    door.retries++;
  }
}

/** Answers in place of the backend; an answer that has begun can only be cut off. */
function refuse(door: Door, response: ServerResponse, statusCode: number, words: string): void {
  door.failures++;
  if (response.headersSent) response.destroy();
  else respondPlainly(response, statusCode, words);
}

export function respondPlainly(response: ServerResponse, statusCode: number, words: string): void {
  const headers: Record<string, string> = { "content-type": "text/plain; charset=utf-8" };
  if (statusCode === 503) headers["retry-after"] = "1";
  if (!response.req.complete) headers["connection"] = "close";
  response.writeHead(statusCode, headers).end(`${words}\n`);
}

function send(upstream: Upstream, exchange: Exchange, body: RequestBody, isFresh: boolean): Promise<Attempt> {
  upstream.open++;
  upstream.requests++;
  return new Promise<Attempt>((resolve) => attempt(upstream, exchange, body, isFresh, resolve)).finally(
    () => upstream.open--,
  );
}

function attempt(
  upstream: Upstream,
  exchange: Exchange,
  body: RequestBody,
  isFresh: boolean,
  resolve: (attempt: Attempt) => void,
): void {
  const { gone, response } = exchange;
  let isConnected = false;
  const upward = open(upstream, exchange, isFresh);
  const leave = () => {
    upward.destroy();
    settle({ kind: "client-gone" });
  };
  const settle = (attempt: Attempt) => {
    gone.signal.removeEventListener("abort", leave);
    body.detach();
    resolve(attempt);
  };
  gone.signal.addEventListener("abort", leave);
  whenConnected(upward, () => {
    isConnected = true;
    body.sendTo(upward);
  });
  upward.on("error", (error) => settle({ kind: isConnected ? "broken" : "not-connected", error }));
  upward.on("response", (answer) => {
    passBack(answer, response, settle);
    answer.on("end", () => !upward.writableEnded && upward.destroy());
  });
  upward.on("upgrade", (answer, socket, head) => {
    exchange.upgrade?.(answer, socket, head);
    socket.on("close", () => settle({ kind: "answered" }));
  });
}

function open(upstream: Upstream, exchange: Exchange, isFresh: boolean): ClientRequest {
  const { request, target, upgrade } = exchange;
  const headers = requestHeaders(request, target.host);
  if (upgrade) headers.push("Connection", "Upgrade", "Upgrade", "websocket");
  const { address: host, port } = upstream;
  const options = { host, port, method: request.method, path: target.path, headers, setHost: false };
  const fresh = { createConnection: () => connect({ host, port, noDelay: true }) };
  return httpRequest(isFresh ? { ...options, ...fresh } : { ...options, agent: upstream.pool });
}

/** Calls back when the request has a connection that stands; a connection that does not come about in time is destroyed. */
function whenConnected(upward: ClientRequest, callback: () => void): void {
  upward.on("socket", (socket) => {
    if (!socket.connecting) return callback();
    const timer = setTimeout(
      () => socket.destroy(new Error(`no connection within ${connectTimeoutMs / 1000} s`)),
      connectTimeoutMs,
    );
    socket.once("connect", () => {
      clearTimeout(timer);
      callback();
    });
    socket.once("close", () => clearTimeout(timer));
  });
}

function passBack(
  answer: IncomingMessage,
  response: ServerResponse,
  settle: (attempt: Attempt) => void,
): void {
  answer.on("error", (error) => settle({ kind: "broken", error }));
  response.sendDate = false;
  try {
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, responseHeaders(answer));
  } catch (error) {
    answer.destroy(error as Error);
    return;
  }
  answer.on("data", (chunk: Buffer) => {
    if (response.write(chunk)) return;
    answer.pause();
    response.once("drain", () => answer.resume());
  });
  answer.on("end", () => {
    response.end();
    settle({ kind: "answered" });
  });
}
