/** TLS with an authority that the machine does not know; Node only. */
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { Readable } from "node:stream";

/**
 * A `fetch` that trusts the given authority instead of the well-known ones. It follows no redirects.
 *
 * @param authority certificates, PEM
 */
export function fetchTrusting(authority: string): typeof fetch {
  return async (input, init = {}) => {
    const sent = new Request(input, init);
    const body = sent.body ? Buffer.from(await sent.arrayBuffer()) : undefined;
    return responseOf(await ask(sent, { authority, body }));
  };
}

function ask(
  sent: Request,
  options: { readonly authority: string; readonly body: Buffer | undefined },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const message = request(sent.url, {
      method: sent.method,
      headers: Object.fromEntries(sent.headers),
      ca: options.authority,
      signal: sent.signal,
    });
    message.on("response", resolve);
    message.on("error", reject);
    message.end(options.body);
  });
}

function responseOf(message: IncomingMessage): Response {
  const headers = new Headers();
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const status = message.statusCode ?? 500;
  const isEmpty = status === 204 || status === 304;
  if (isEmpty) message.resume();
  const body = isEmpty ? null : (Readable.toWeb(message) as ReadableStream<Uint8Array>);
  return new Response(body, { status, statusText: message.statusMessage ?? "", headers });
}
