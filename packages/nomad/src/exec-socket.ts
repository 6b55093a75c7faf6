/**
 * A command in a running task, over a websocket.
 *
 * The client sends `{"stdin":{"data"}}`, `{"stdin":{"close":true}}`, `{"tty_size":{…}}` and heartbeats
 * `{}`; the server `{"stdout":{"data"}}`, `{"stderr":{"data"}}`, each ended by `"close":true`, and at last
 * `{"exited":true,"result":{"exit_code"}}`. With `ws_handshake` the client's first message brings the token.
 *
 * Source: https://developer.hashicorp.com/nomad/api-docs/client#exec-allocation
 */
import type { IncomingMessage } from "node:http";
import type { Duplex, Readable } from "node:stream";
import type { ExecSession } from "@fractus/drivers/driver.ts";
import { authenticate } from "@fractus/control/acl/authenticate.ts";
import { groupOf } from "@fractus/core/job.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import { jobId } from "@fractus/control/state/state.ts";
import type { FastifyInstance } from "fastify";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { DoorOptions } from "./door-options.ts";
import { answerFor, Fault } from "./fault.ts";
import { refuseForeignPage, type Sender } from "./origin.ts";

const execPath = /^\/v1\/client\/allocation\/([^/]+)\/exec$/;

/** One message of a client; a terminal's input is small, a file piped in comes in pieces. */
const mostBytes = 4 * 1024 * 1024;

/** How long a client may take to say who it is. */
const handshakeMs = 10_000;

/** Drivers whose tasks are not kept apart from the node's files: a shell there is a shell on the node. */
const unisolated: ReadonlySet<string> = new Set(["raw_exec"]);

/** Takes the upgrades of connections that are for the door; those below other paths are left alone. */
export function upgradeRoutes(app: FastifyInstance, options: DoorOptions): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: mostBytes });
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const url = new URL(request.url ?? "/", "http://door");
    const id = execPath.exec(url.pathname)?.[1];
    if (id === undefined) {
      if (url.pathname.startsWith("/v1/")) socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      const sender = { headers: request.headers, localAddress: request.socket.localAddress };
      const order: Order = {
        id: decodeURIComponent(id),
        query: url.searchParams,
        secret: secretOf(request),
        sender,
      };
      serve(options, client, order).catch((error: unknown) => refuse(options, client, error));
    });
  };
  app.server.on("upgrade", onUpgrade);
  app.addHook("onClose", async () => {
    app.server.off("upgrade", onUpgrade);
    for (const client of sockets.clients) client.terminate();
  });
}

interface Order {
  readonly id: string;
  readonly query: URLSearchParams;
  readonly secret: string | undefined;
  readonly sender: Sender;
}

function secretOf({ headers }: IncomingMessage): string | undefined {
  const token = headers["x-nomad-token"];
  const bearer = /^bearer\s+(.+)$/i.exec(headers.authorization ?? "")?.[1];
  return (Array.isArray(token) ? token[0] : token) ?? bearer;
}

async function serve(options: DoorOptions, client: WebSocket, order: Order): Promise<void> {
  refuseForeignPage(order.sender, options.trustedOrigins);
  const inbox = new Inbox(client);
  const isShaken = order.query.get("ws_handshake") === "true";
  const secret = isShaken ? await inbox.token(options) : order.secret;
  const { allocationId, nodeId, task } = mayRun(options, order, secret);
  const agent = options.control.agents.get(nodeId);
  if (!agent) throw new Refusal("unavailable", `No path to node: ${nodeId}`);
  const session = await agent.exec(allocationId, {
    task,
    command: commandOf(order.query),
    tty: order.query.get("tty") === "true",
  });
  client.once("close", () => session.kill());
  if (client.readyState !== client.OPEN) return session.kill();
  inbox.feed(session);
  const outputs = Promise.all([
    pump(client, "stdout", session.stdout),
    pump(client, "stderr", session.stderr),
  ]);
  const { exitCode } = await session.exit;
  await outputs;
  tell(client, { exited: true, result: { exit_code: exitCode } });
  client.close(1000);
}

function commandOf(query: URLSearchParams): string[] {
  let command: unknown;
  try {
    command = JSON.parse(query.get("command") ?? "[]");
  } catch {
    throw new Fault(400, "command is to be a JSON array of words");
  }
  if (Array.isArray(command) && command.length > 0 && command.every((word) => typeof word === "string"))
    return command;
  throw new Fault(400, "command is to be a JSON array of words");
}

/** Where the command is to run. @throws Refusal not-found, forbidden; Fault 400 */
function mayRun(options: DoorOptions, order: Order, secret: string | undefined) {
  const { control } = options;
  const { acl } = authenticate(control, secret, options.acl);
  const allocation = control.state.allocations.get(order.id);
  if (!allocation || !acl.allows(allocation.project, "alloc-exec"))
    throw new Refusal("not-found", `alloc not found: ${order.id}`);
  const version = `${jobId(allocation.project, allocation.jobId)}\n${allocation.jobVersion}`;
  const job = control.state.versions.get(version)?.job;
  const tasks = (job && groupOf(job, allocation.group)?.tasks) ?? [];
  const named = order.query.get("task") || (tasks.length === 1 ? tasks[0].name : "");
  const task = tasks.find((one) => one.name === named);
  if (!task) throw new Fault(400, named ? `Task "${named}" not found` : "must provide task name");
  if (unisolated.has(task.driver) && !acl.allows(allocation.project, "alloc-node-exec") && !acl.isManagement)
    throw new Refusal("forbidden", `Permission denied: ${task.driver} needs alloc-node-exec`);
  return { allocationId: allocation.id, nodeId: allocation.nodeId, task: task.name };
}

interface ClientFrame {
  readonly stdin?: { readonly data?: string; readonly close?: boolean };
  readonly tty_size?: { readonly height?: number; readonly width?: number };
  readonly auth_token?: string;
}

/** What the client sends, kept until somebody reads it. */
class Inbox {
  readonly #client: WebSocket;
  readonly #waiting: ClientFrame[] = [];
  #reader: ((frame: ClientFrame) => void) | undefined;

  constructor(client: WebSocket) {
    this.#client = client;
    client.on("message", (data) => {
      const frame = frameOf(data);
      if (!frame) client.close(1007, "this is no frame of JSON");
      else if (this.#reader) this.#reader(frame);
      else this.#waiting.push(frame);
    });
  }

  /** The token in the first message. @throws Refusal forbidden if none comes in time */
  async token({ control }: DoorOptions): Promise<string | undefined> {
    const over = new AbortController();
    const late = control.clock.sleep(handshakeMs, over.signal).then(
      () => undefined,
      () => undefined,
    );
    const frame = await Promise.race([this.#first(), late]);
    over.abort();
    if (!frame) throw new Refusal("forbidden", "No handshake came in time.");
    return frame.auth_token;
  }

  /** Passes on everything to the command. */
  feed(session: ExecSession): void {
    session.stdin.on("error", () => {});
    session.stdin.on("drain", () => this.#client.resume());
    this.#reader = (frame) => {
      const { stdin, tty_size: size } = frame;
      if (stdin?.data && !session.stdin.write(Buffer.from(stdin.data, "base64"))) this.#client.pause();
      if (stdin?.close) session.stdin.end();
      if (size?.height && size.width)
        session.resize({ rows: size.height, columns: size.width }).catch(() => {});
    };
    for (const frame of this.#waiting.splice(0)) this.#reader(frame);
  }

  /** One message; those behind it wait. */
  async #first(): Promise<ClientFrame> {
    const waiting = this.#waiting.shift();
    if (waiting) return waiting;
    return new Promise((resolve) => {
      this.#reader = (frame) => {
        this.#reader = undefined;
        resolve(frame);
      };
    });
  }
}

function frameOf(data: RawData): ClientFrame | undefined {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data);
  try {
    const frame: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof frame === "object" && frame !== null ? frame : undefined;
  } catch {
    return undefined;
  }
}

async function pump(client: WebSocket, name: "stdout" | "stderr", readable: Readable): Promise<void> {
  for await (const chunk of readable) {
    const data = Buffer.from(chunk as Uint8Array).toString("base64");
    await new Promise<void>((resolve) => client.send(JSON.stringify({ [name]: { data } }), () => resolve()));
    if (client.readyState !== client.OPEN) return;
  }
  tell(client, { [name]: { close: true } });
}

function tell(client: WebSocket, frame: Json): void {
  if (client.readyState === client.OPEN) client.send(JSON.stringify(frame));
}

type Json = Readonly<Record<string, unknown>>;

/** The reason of a close is short: at most 123 bytes. */
function refuse(options: DoorOptions, client: WebSocket, error: unknown): void {
  const known = answerFor(error);
  if (!known) options.log("exec failed", { error: String(error instanceof Error ? error.stack : error) });
  const { text } = known ?? { text: "Internal error; the log says more." };
  tell(client, { stderr: { data: Buffer.from(`${text}\n`).toString("base64") } });
  client.close(known ? 1008 : 1011, Buffer.from(text).subarray(0, 120).toString());
}
