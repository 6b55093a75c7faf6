/**
 * The calls of RabbitMQ's management API that tools make: who is connected, what is in the queues, and
 * the definitions to take along. https://www.rabbitmq.com/docs/http-api-reference
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Broker } from "./broker.ts";
import { Fault } from "./fault.ts";
import { Rates } from "./rates.ts";
import type { ConnectionView, QueueView } from "./views.ts";

type Answer = { readonly status: number; readonly body?: unknown };

const bodyLimitBytes = 4 * 1024 * 1024;

/**
 * A handler for `node:http` that answers below `/api/`. Users log in with HTTP basic authentication; only
 * users without restrictions may, since the answers show everything.
 */
export function managementHandler(broker: Broker) {
  const rates = new Rates();
  return (request: IncomingMessage, response: ServerResponse): void => {
    answer(broker, rates, request)
      .catch((error: unknown) => failure(error))
      .then(({ status, body }) => {
        const headers = {
          "content-type": "application/json",
          ...(status === 401 && { "www-authenticate": 'Basic realm="Fractus broker"' }),
        };
        response.writeHead(status, headers).end(body === undefined ? undefined : JSON.stringify(body));
      })
      .catch(() => response.destroy());
  };
}

async function answer(broker: Broker, rates: Rates, request: IncomingMessage): Promise<Answer> {
  if (!isAdministrator(broker, request.headers.authorization)) {
    return { status: 401, body: { error: "not_authorized", reason: "Login failed" } };
  }
  const path = new URL(request.url ?? "/", "http://broker").pathname;
  const [api, noun, ...names] = path.slice(1).split("/").map(decodeURIComponent);
  if (api !== "api") return notFound;
  if (request.method === "GET" || request.method === "HEAD") return read(broker, rates, noun, names);
  if (request.method === "POST" && noun === "definitions") {
    broker.importDefinitions(JSON.parse(await bodyOf(request)));
    return { status: 204 };
  }
  return { status: 405, body: { error: "Method Not Allowed", reason: `${request.method} ${path}` } };
}

const notFound: Answer = { status: 404, body: { error: "Object Not Found", reason: "Not Found" } };

function read(broker: Broker, rates: Rates, noun: string | undefined, names: readonly string[]): Answer {
  const inHost = (items: readonly { readonly vhost: string }[]): Answer => ({
    status: 200,
    body: items.filter((item) => names[0] === undefined || item.vhost === names[0]),
  });
  switch (noun) {
    case "overview":
      return { status: 200, body: overview(broker, rates) };
    case "whoami":
      return { status: 200, body: { tags: ["administrator"] } };
    case "queues":
      return queues(broker, rates, names);
    case "connections":
      return { status: 200, body: broker.connections().map(connectionJson) };
    case "exchanges":
      return inHost(broker.definitions().exchanges);
    case "bindings":
      return inHost(broker.definitions().bindings);
    case "vhosts":
      return { status: 200, body: broker.definitions().vhosts };
    case "definitions":
      return { status: 200, body: broker.definitions() };
    default:
      return notFound;
  }
}

function queues(broker: Broker, rates: Rates, [host, name]: readonly string[]): Answer {
  const found = broker
    .queues()
    .filter((queue) => host === undefined || queue.virtualHost === host)
    .filter((queue) => name === undefined || queue.name === name)
    .map((queue) => queueJson(queue, rates));
  if (name === undefined) return { status: 200, body: found };
  return found.length > 0 ? { status: 200, body: found[0] } : notFound;
}

function queueJson(queue: QueueView, rates: Rates) {
  const { published, delivered, redelivered, acked } = queue.totals;
  const key = `${queue.virtualHost} ${queue.name}`;
  const counted = (name: string, count: number) => ({
    [name]: count,
    [`${name}_details`]: { rate: rates.of(`${key} ${name}`, count) },
  });
  return {
    name: queue.name,
    vhost: queue.virtualHost,
    durable: queue.isDurable,
    exclusive: queue.isExclusive,
    auto_delete: queue.isAutoDelete,
    arguments: queue.arguments,
    type: queue.arguments["x-queue-type"] ?? "classic",
    state: "running",
    consumers: queue.consumers,
    messages: queue.ready + queue.unacked,
    messages_ready: queue.ready,
    messages_unacknowledged: queue.unacked,
    message_bytes_ready: queue.readyBytes,
    message_stats: {
      ...counted("publish", published),
      ...counted("deliver_get", delivered),
      ...counted("redeliver", redelivered),
      ...counted("ack", acked),
    },
  };
}

function connectionJson(connection: ConnectionView) {
  return {
    name: connection.name,
    user: connection.user,
    vhost: connection.virtualHost,
    state: connection.state === "open" ? "running" : connection.state,
    protocol: "AMQP 0-9-1",
    channels: connection.channels,
    timeout: connection.heartbeatSeconds,
    connected_at: connection.connectedAtMs,
    recv_oct: connection.receivedBytes,
    send_oct: connection.sentBytes,
    client_properties: connection.clientProperties,
  };
}

function overview(broker: Broker, rates: Rates) {
  const all = broker.queues();
  const connections = broker.connections();
  const sum = (value: (queue: QueueView) => number) => all.reduce((total, queue) => total + value(queue), 0);
  const published = sum((queue) => queue.totals.published);
  const delivered = sum((queue) => queue.totals.delivered);
  const { exchanges } = broker.definitions();
  return {
    management_version: "3.10.8",
    rabbitmq_version: "3.10.8",
    product_name: "Fractus",
    product_version: "0.1.0",
    queue_totals: {
      messages: sum((queue) => queue.ready + queue.unacked),
      messages_ready: sum((queue) => queue.ready),
      messages_unacknowledged: sum((queue) => queue.unacked),
    },
    object_totals: {
      channels: connections.reduce((total, connection) => total + connection.channels, 0),
      connections: connections.length,
      consumers: sum((queue) => queue.consumers),
      exchanges: exchanges.length,
      queues: all.length,
    },
    message_stats: {
      publish: published,
      publish_details: { rate: rates.of("publish", published) },
      deliver_get: delivered,
      deliver_get_details: { rate: rates.of("deliver_get", delivered) },
    },
    listeners: [{ protocol: "amqp", ip_address: broker.host, port: broker.port }],
    alarm: broker.alarm() ?? null,
  };
}

function isAdministrator(broker: Broker, authorization: string | undefined): boolean {
  const [scheme, encoded] = (authorization ?? "").split(" ");
  if (scheme.toLowerCase() !== "basic" || encoded === undefined) return false;
  const [, name, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, "base64").toString("utf8")) ?? [];
  return name !== undefined && broker.isAdministrator(name, password);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyLimitBytes) throw new TypeError(`a body may have ${bodyLimitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Malformed JSON, paths and definitions are the client's; anything else is ours. */
function failure(error: unknown): Answer {
  const isTheirs =
    error instanceof Fault ||
    error instanceof TypeError ||
    error instanceof SyntaxError ||
    error instanceof URIError;
  if (isTheirs) return { status: 400, body: { error: "bad_request", reason: error.message } };
  return { status: 500, body: { error: "internal_error", reason: "the broker failed" } };
}
