import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { Client } from "./client.ts";
import { fetchTrusting } from "./tls.ts";

/** A certificate for 127.0.0.1 that vouches for itself, and its key; both for this test only. */
const pem = readFileSync(new URL("./fixtures/loopback.pem", import.meta.url), "utf8");

test("tls: an authority of one's own is trusted, and nobody else's", async () => {
  const server = createServer({ cert: pem, key: pem }, (request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      response.setHeader("X-Nomad-Index", "7");
      response.writeHead(request.url === "/v1/nodes" ? 403 : 200);
      response.end(JSON.stringify({ path: request.url, token: request.headers["x-nomad-token"], body }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = new Client({ address, token: "t", fetch: fetchTrusting(pem) });
    const answer: unknown = await client.search.prefix("a");
    assert.deepEqual(answer, { path: "/v1/search", token: "t", body: '{"Prefix":"a","Context":"all"}' });
    await assert.rejects(client.nodes.list(), { status: 403 });
    const stranger = new Client({ address });
    await assert.rejects(stranger.search.prefix("a"), { status: 0, message: /self-signed/ });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
