/** The side of the front door that faces the callers: reads requests, finds the door each is for. */
import { createServer, ServerResponse } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { Door } from "./door.ts";
import { forward, respondPlainly } from "./forward.ts";
import type { Target } from "./headers.ts";
import { isWebSocket, responseHeaders, targetOf } from "./headers.ts";
import { tunnel } from "./tunnel.ts";

const limits = {
  /** In bytes, names and values together; a longer header is answered with 431. */
  maxHeaderSize: 32 * 1024,
  /** A header that is not complete by then is answered with 408. */
  headersTimeout: 30_000,
  /** A body may take as long as it likes. */
  requestTimeout: 0,
  /** Longer than clients keep connections, so that they rather than we close an idle one. */
  keepAliveTimeout: 120_000,
};

/** A server that is not listening yet. */
export function httpListener(
  find: (target: Target) => Door | undefined,
  log: (line: string) => void,
): Server {
  const handle = (request: IncomingMessage, response: ServerResponse, upgrade?: Upgrade) => {
    serve(find, request, response, upgrade).catch((error: unknown) => {
      log(
        `ingress: ${request.method} ${request.url}: ${error instanceof Error ? error.stack : String(error)}`,
      );
      if (response.headersSent) response.destroy();
      else respondPlainly(response, 500, "The front door failed.");
    });
  };
  const server = createServer({ ...limits, shouldUpgradeCallback: isWebSocket }, (request, response) =>
    handle(request, response),
  );
  server.on("upgrade", (request, socket, head) => handleUpgrade(request, socket, head, handle));
  return server;
}

type Upgrade = (answer: IncomingMessage, upstream: Duplex, head: Buffer) => void;

async function serve(
  find: (target: Target) => Door | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  upgrade?: Upgrade,
): Promise<void> {
  const target = targetOf(request);
  if (!target) return respondPlainly(response, 400, "The request can be read in more than one way.");
  const door = find(target);
  if (!door) return respondPlainly(response, 404, `No service answers for ${target.host} at this path.`);
  const gone = new AbortController();
  response.on("close", () => !response.writableFinished && gone.abort());
  await forward(door, { request, response, target, gone, upgrade });
}

/** Until the backend agrees, an opening is a request like any other, whose answer ends the connection. */
function handleUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  handle: (request: IncomingMessage, response: ServerResponse, upgrade: Upgrade) => void,
): void {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(request.socket);
  response.on("finish", () => socket.end());
  socket.on("error", () => socket.destroy());
  handle(request, response, (answer, upstream, first) => {
    response.detachSocket(request.socket);
    socket.write(openingAnswer(answer), "latin1");
    if (first.length > 0) socket.write(first);
    if (head.length > 0) upstream.write(head);
    void tunnel(socket, upstream);
  });
}

function openingAnswer(answer: IncomingMessage): string {
  const raw = [
    ...responseHeaders(answer),
    "Connection",
    "Upgrade",
    "Upgrade",
    answer.headers.upgrade ?? "websocket",
  ];
  const lines = raw.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${raw[i + 1]}\r\n`] : []));
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join("")}\r\n`;
}
