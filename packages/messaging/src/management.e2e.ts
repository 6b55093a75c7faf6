import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connect } from "amqplib";
import { managementHandler } from "./management.ts";
import { skipWithout } from "./testing/needs.ts";
import { startOwnBroker } from "./testing/own-broker.ts";
import type { OwnBroker } from "./testing/own-broker.ts";
import { skipWithoutRabbitmq, startRabbitmq } from "./testing/rabbitmq.ts";

/** Asks the management API of a broker with HTTP. */
async function managed(own: OwnBroker) {
  const server = createServer(managementHandler(own.broker));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const ask = async (path: string, init: RequestInit = {}, login = "guest:guest") => {
    const headers = { authorization: `Basic ${Buffer.from(login).toString("base64")}` };
    const response = await fetch(`http://127.0.0.1:${port}/api/${path}`, { ...init, headers });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  };
  return { ask, close: () => new Promise((resolve) => server.close(resolve)) };
}

async function furnish(url: string): Promise<void> {
  const connection = await connect(url, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  await channel.assertExchange("moved", "topic", { durable: true });
  await channel.assertQueue("moved", { durable: true, maxLength: 10, deadLetterExchange: "amq.fanout" });
  await channel.assertQueue("left behind", { durable: false });
  await channel.bindQueue("moved", "moved", "a.*");
  await channel.bindQueue("left behind", "moved", "a.*");
  channel.publish("moved", "a.b", Buffer.from("x"), { persistent: true });
  await channel.waitForConfirms();
  await connection.close();
}

test("management: overview, queues and connections say what is there", async () => {
  const own = await startOwnBroker();
  await furnish(own.url);
  const { ask, close } = await managed(own);
  const connection = await connect(own.url, { clientProperties: { connection_name: "watched" } });
  const overview = await ask("overview");
  assert.deepEqual(overview.body.queue_totals, {
    messages: 2,
    messages_ready: 2,
    messages_unacknowledged: 0,
  });
  assert.equal(overview.body.object_totals.connections, 1);
  const queues = await ask("queues/%2F");
  assert.deepEqual(queues.body.map((queue: { name: string }) => queue.name).sort(), ["left behind", "moved"]);
  const queue = await ask("queues/%2F/moved");
  assert.equal(queue.body.messages_ready, 1);
  assert.equal(queue.body.arguments["x-max-length"], 10);
  assert.equal(queue.body.message_stats.publish, 1);
  const [view] = (await ask("connections")).body;
  assert.equal(view.client_properties.connection_name, "watched");
  assert.equal((await ask("queues/%2F/none")).status, 404);
  assert.equal((await ask("nonsense")).status, 404);
  assert.equal((await ask("queues/%ZZ")).status, 400);
  assert.equal((await ask("overview", {}, "guest:wrong")).status, 401);
  assert.equal((await ask("overview", { method: "DELETE" })).status, 405);
  await connection.close();
  await close();
  await own.stop();
});

test("management: what one broker exports another imports, and it lasts", async () => {
  const from = await startOwnBroker();
  await furnish(from.url);
  const one = await managed(from);
  const file = (await one.ask("definitions")).body;
  assert.deepEqual(
    file.queues.map((queue: { name: string }) => queue.name),
    ["moved"],
  );
  const to = await startOwnBroker();
  const two = await managed(to);
  const body = JSON.stringify(file);
  assert.equal((await two.ask("definitions", { method: "POST", body })).status, 204);
  assert.equal((await two.ask("definitions", { method: "POST", body })).status, 204);
  assert.equal((await two.ask("definitions", { method: "POST", body: "{" })).status, 400);
  const wrong = JSON.stringify({ queues: [{ name: "moved", vhost: "/", durable: false }] });
  assert.equal((await two.ask("definitions", { method: "POST", body: wrong })).status, 400);
  const moved = (await two.ask("definitions")).body;
  for (const list of ["queues", "exchanges", "bindings"]) assert.deepEqual(moved[list], file[list], list);
  for (const each of [one, two]) await each.close();
  await from.stop();
  await to.broker.close();
  const again = await startOwnBroker({ dataDirectory: to.dataDirectory });
  assert.deepEqual(again.broker.definitions().bindings, file.bindings);
  await again.stop();
  rmSync(to.dataDirectory, { recursive: true });
});

test(
  "management: RabbitMQ starts from what we export, users included",
  { skip: skipWithoutRabbitmq() },
  async () => {
    const own = await startOwnBroker({ users: { guest: "guest", worker: "s3cret" } });
    await furnish(own.url);
    const definitions = own.broker.definitions();
    await own.stop();
    const rabbitmq = await startRabbitmq({ definitions });
    const connection = await connect(rabbitmq.url.replace("guest:guest", "worker:s3cret"));
    const channel = await connection.createConfirmChannel();
    channel.publish("moved", "a.b", Buffer.from("x"), { mandatory: true });
    await channel.waitForConfirms();
    assert.equal((await channel.checkQueue("moved")).messageCount, 1);
    await connection.close();
    await rabbitmq.stop();
  },
);

test("access: a user may do what the host allows, and no more", async () => {
  const permissions = { "/": { configure: /^own\./, write: /^(own\.|amq\.default$)/, read: /^own\./ } };
  const own = await startOwnBroker({
    users: { guest: "guest", limited: { password: "l", permissions } },
    virtualHosts: ["/", "other"],
  });
  const url = own.url.replace("guest:guest", "limited:l");
  const connection = await connect(url);
  connection.on("error", () => {});
  const attempt = async (
    code: number | undefined,
    ask: (channel: Awaited<ReturnType<typeof connection.createChannel>>) => Promise<unknown>,
  ) => {
    const channel = await connection.createChannel();
    channel.on("error", () => {});
    const error = await ask(channel).then(
      () => undefined,
      (failure: { code?: number }) => failure,
    );
    assert.equal(error?.code, code);
  };
  await attempt(undefined, (channel) => channel.assertQueue("own.q"));
  await attempt(403, (channel) => channel.assertQueue("other.q"));
  await attempt(403, (channel) => channel.get("other.q"));
  await attempt(403, (channel) => channel.bindQueue("own.q", "amq.topic", "k"));
  await attempt(403, (channel) => channel.deleteQueue("other.q"));
  await connection.close();
  await assert.rejects(connect(`${url}other`));
  await connect(`${own.url}other`).then((one) => one.close());
  assert.equal(own.broker.isAdministrator("limited", "l"), false);
  assert.equal(own.broker.isAdministrator("guest", "guest"), true);
  await own.stop();
});

test(
  "tls: a client that trusts the certificate comes in, one that does not stays out",
  { skip: skipWithout(["/usr/bin/openssl"], "openssl") },
  async () => {
    const home = mkdtempSync(join(tmpdir(), "fractus-tls-"));
    const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const files = ["-keyout", join(home, "key.pem"), "-out", join(home, "cert.pem")];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"];
    execFileSync("/usr/bin/openssl", [...request, ...files, ...subject], { stdio: "ignore" });
    const [key, cert] = ["key.pem", "cert.pem"].map((name) => readFileSync(join(home, name)));
    const own = await startOwnBroker({ tls: { port: 0, key, cert } });
    const url = `amqps://guest:guest@localhost:${own.broker.tlsPort}/`;
    const connection = await connect(url, { ca: [cert] });
    const channel = await connection.createConfirmChannel();
    const { queue } = await channel.assertQueue("");
    channel.sendToQueue(queue, Buffer.alloc(1_000_000));
    await channel.waitForConfirms();
    const message = await channel.get(queue);
    assert.equal(message && message.content.length, 1_000_000);
    await connection.close();
    await assert.rejects(connect(url));
    await own.stop();
    rmSync(home, { recursive: true });
  },
);
