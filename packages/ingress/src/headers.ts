/** What becomes of the header of a message on its way through (https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1). */
import type { IncomingMessage } from "node:http";

const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** Set anew by us; `expect` has been answered by our own server. */
const ours = new Set(["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "host", "expect"]);

const methodsWithBody = new Set(["POST", "PUT", "PATCH"]);

/** What a request asks for, in unambiguous words. */
export interface Target {
  readonly host: string;
  /** Path and query, or `*`. */
  readonly path: string;
}

/**
 * Where a request is addressed to, or undefined for one that two servers could read in two ways: several
 * Host lines, both lengths at once, or a target that is neither a path nor a URL
 * (https://www.rfc-editor.org/rfc/rfc9112#section-3.2). Most such requests the parser has refused before.
 */
export function targetOf(request: IncomingMessage): Target | undefined {
  const { url = "", headers, headersDistinct } = request;
  if ((headersDistinct.host?.length ?? 0) > 1) return undefined;
  if (headers["content-length"] !== undefined && headers["transfer-encoding"] !== undefined) return undefined;
  const host = headers.host ?? "";
  if (url.startsWith("/") || url === "*") return { host, path: url };
  const absolute = /^https?:\/\/([^/?#@\s]+)([/?]\S*)?$/i.exec(url);
  if (!absolute) return undefined;
  const path = absolute[2] ?? "/";
  return { host: absolute[1], path: path.startsWith("/") ? path : `/${path}` };
}

/**
 * The header for the backend, as name, value, name, value. The address of the caller is added to
 * X-Forwarded-For, so its last entry is to be trusted; X-Forwarded-Proto and -Host are replaced.
 */
export function requestHeaders(request: IncomingMessage, host: string): string[] {
  const kept = endToEnd(request, ours);
  const before = request.headers["x-forwarded-for"];
  const from = request.socket.remoteAddress ?? "unknown";
  if (host !== "") kept.push("Host", host, "X-Forwarded-Host", host);
  kept.push("X-Forwarded-For", before === undefined ? from : `${String(before)}, ${from}`);
  kept.push("X-Forwarded-Proto", "http");
  if (request.headers["transfer-encoding"] !== undefined) kept.push("Transfer-Encoding", "chunked");
  else if (!hasBody(request) && methodsWithBody.has(request.method ?? "") && !hasLength(request)) {
    kept.push("Content-Length", "0");
  }
  return kept;
}

/** The header for the client. */
export function responseHeaders(response: IncomingMessage): string[] {
  return endToEnd(response, new Set());
}

export function hasBody(request: IncomingMessage): boolean {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  return encoding !== undefined || (length !== undefined && length !== "0");
}

export function isWebSocket(request: IncomingMessage): boolean {
  return request.method === "GET" && request.headers.upgrade?.toLowerCase() === "websocket";
}

function hasLength(request: IncomingMessage): boolean {
  return request.headers["content-length"] !== undefined;
}

/** Without what is meant for this connection alone, whether by its name or named in `Connection`. */
function endToEnd(message: IncomingMessage, without: ReadonlySet<string>): string[] {
  const { rawHeaders } = message;
  const named = message.headers.connection?.toLowerCase().split(/\s*,\s*/) ?? [];
  const kept: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i].toLowerCase();
    if (hopByHop.has(name) || without.has(name)) continue;
    if (named.includes(name) && name !== "content-length") continue;
    kept.push(rawHeaders[i], rawHeaders[i + 1]);
  }
  return kept;
}
