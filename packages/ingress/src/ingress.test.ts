import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request as httpRequest } from "node:http";
import type { IncomingMessage, RequestOptions } from "node:http";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "@fractus/core/clock.ts";
import type { Clock } from "@fractus/core/clock.ts";
import { startIngress } from "./ingress.ts";
import { freePort, startBackend, textOf, withDoor } from "./testing/backend.ts";

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

async function ask(url: string, options: RequestOptions = {}, body?: string | Buffer): Promise<Answer> {
  const request = httpRequest(url, { agent: false, ...options });
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, text: await textOf(response) };
}

/** Sends bytes as they are and reads until the other side closes. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(text);
  let answer = "";
  socket.on("data", (chunk) => (answer += String(chunk)));
  socket.on("error", () => socket.destroy());
  await once(socket, "close");
  return answer;
}

test("ingress: requests are shared among the healthy instances", async () => {
  const [a, b, c] = await Promise.all(["a", "b", "c"].map((id) => startBackend(id)));
  await withDoor([a, b, { ...c, isHealthy: false }], async ({ url, ingress }) => {
    const texts = [];
    for (let i = 0; i < 8; i++) texts.push((await ask(url)).text);
    assert.equal(texts.sort().join(""), "aaaabbbb");
    assert.deepEqual(ingress.addresses(), [{ name: "default/web", url }]);
    const [stats] = ingress.stats();
    assert.deepEqual([stats.requests, stats.failures, stats.open], [8, 0, 0]);
    assert.deepEqual(
      stats.backends.map(({ requests }) => requests),
      [4, 4, 0],
    );
  });
  await Promise.all([a, b, c].map(({ close }) => close()));
});

test("ingress: the one with the fewest open requests is next", async () => {
  const slow = await startBackend("slow", (request, response) => {
    if (request.url === "/wait") setTimeout(() => response.end("slow"), 100);
    else response.end("slow");
  });
  const fast = await startBackend("fast");
  await withDoor([slow], async ({ url, show }) => {
    const first = ask(`${url}/wait`);
    await sleep(30);
    show([slow, fast]);
    const texts = [];
    for (let i = 0; i < 4; i++) texts.push((await ask(url)).text);
    assert.deepEqual(texts, ["fast", "fast", "fast", "fast"]);
    assert.equal((await first).text, "slow");
  });
  await Promise.all([slow.close(), fast.close()]);
});

test("ingress: headers end to end, and who asked", async () => {
  let seen: IncomingMessage["headers"] = {};
  const a = await startBackend("a", (request, response) => {
    seen = request.headers;
    response.writeHead(201, "Made", [
      ["Set-Cookie", "x=1"],
      ["Set-Cookie", "y=2"],
      ["Connection", "keep-alive, X-Hop"],
      ["X-Hop", "1"],
    ]);
    response.end("ok");
  });
  await withDoor([a], async ({ url }) => {
    const headers = {
      Host: "shop.example",
      "X-Forwarded-For": "10.0.0.1",
      "X-Forwarded-Proto": "gopher",
      Connection: "close, X-Mine",
      "X-Mine": "1",
      "X-Other": "2",
    };
    const answer = await ask(url, { headers });
    assert.equal(answer.status, 201);
    assert.deepEqual(answer.headers["set-cookie"], ["x=1", "y=2"]);
    assert.equal(answer.headers["x-hop"], undefined);
  });
  assert.equal(seen.host, "shop.example");
  assert.equal(seen["x-forwarded-host"], "shop.example");
  assert.equal(seen["x-forwarded-for"], "10.0.0.1, 127.0.0.1");
  assert.equal(seen["x-forwarded-proto"], "http");
  assert.equal(seen["x-mine"], undefined);
  assert.equal(seen["x-other"], "2");
  await a.close();
});

test("ingress: bodies of both kinds and all methods come through as they are", async () => {
  const a = await startBackend("a", (request, response) => {
    void textOf(request).then((text) => {
      const { "content-length": length = "-", "transfer-encoding": encoding = "-" } = request.headers;
      response.end(`${request.method} ${length} ${encoding} ${text}`);
    });
  });
  await withDoor([a], async ({ url }) => {
    assert.equal((await ask(url, { method: "POST" }, "hello")).text, "POST 5 - hello");
    assert.equal((await ask(url, { method: "PUT" }, "hello")).text, "PUT 5 - hello");
    const chunked = { method: "POST", headers: { "Transfer-Encoding": "chunked" } };
    assert.equal((await ask(url, chunked, "hello")).text, "POST - chunked hello");
    const chunkedDelete = { method: "DELETE", headers: { "Transfer-Encoding": "chunked" } };
    assert.equal((await ask(url, chunkedDelete, "bye")).text, "DELETE - chunked bye");
    assert.equal((await ask(url, { method: "POST", headers: { "Content-Length": 0 } })).text, "POST 0 - ");
    assert.equal((await ask(url, { method: "HEAD" })).text, "");
    assert.match((await ask(url)).text, /^GET - - /);
  });
  await a.close();
});

test("ingress: a large body flows at the pace of the slower side and is not kept", async () => {
  const size = 24 * 1024 * 1024;
  let received = 0;
  const a = await startBackend("a", (request, response) => {
    setTimeout(() => {
      request.on("data", (chunk: Buffer) => (received += chunk.length));
      request.on("end", () => response.end(Buffer.alloc(size, "x")));
    }, 100);
  });
  await withDoor([a], async ({ url, ingress }) => {
    const request = httpRequest(url, { method: "PUT", agent: false, headers: { "Content-Length": size } });
    const isAllTaken = request.write(Buffer.alloc(size, "y"));
    request.end();
    await sleep(50);
    assert.equal(isAllTaken, false);
    assert.ok(request.writableLength > size / 2, "the backend did not read, and yet the body was taken");
    const [response] = (await once(request, "response")) as [IncomingMessage];
    assert.equal((await textOf(response)).length, size);
    assert.equal(received, size);
    assert.equal(ingress.stats()[0].failures, 0);
  });
  await a.close();
});

test("ingress: a refused connection is made elsewhere, whatever the method", async () => {
  const dead = await startBackend("dead");
  await dead.close();
  const live = await startBackend(
    "live",
    (request, response) => void textOf(request).then((text) => response.end(text)),
  );
  await withDoor([dead, live], async ({ url, ingress }) => {
    for (let i = 0; i < 4; i++) assert.equal((await ask(url, { method: "POST" }, "body")).text, "body");
    const [stats] = ingress.stats();
    assert.equal(stats.failures, 0);
    assert.ok(stats.retries >= 1);
  });
  await live.close();
});

test("ingress: a connection that broke is repeated for idempotent methods only, body and all", async () => {
  let broken = 0;
  const breaker = await startBackend("breaker", (request) => {
    broken++;
    request.on("data", () => request.socket.destroy());
    request.on("end", () => request.socket.destroy());
  });
  const live = await startBackend(
    "live",
    (request, response) => void textOf(request).then((text) => response.end(text)),
  );
  await withDoor([breaker, live], async ({ url, ingress }) => {
    for (let i = 0; i < 4; i++) assert.equal((await ask(url, { method: "PUT" }, "body")).text, "body");
    assert.ok(broken >= 1);
    const posts = [];
    for (let i = 0; i < 4; i++) posts.push((await ask(url, { method: "POST" }, "body")).status);
    assert.ok(posts.includes(502) && posts.includes(200), posts.join(" "));
    assert.equal(ingress.stats()[0].failures, posts.filter((status) => status === 502).length);
  });
  await withDoor([breaker], async ({ url }) => {
    broken = 0;
    assert.equal((await ask(url)).status, 502);
    assert.equal(broken, 3, "a request that breaks backends is not given to all of them");
  });
  await Promise.all([breaker.close(), live.close()]);
});

test("ingress: idle connections that the backend closed cost no request", async () => {
  const a = await startBackend("a", (request, response) => {
    response.end("a");
    response.on("finish", () => setImmediate(() => request.socket.destroy()));
  });
  await withDoor([a], async ({ url, ingress }) => {
    const agent = new Agent({ keepAlive: true });
    for (let i = 0; i < 50; i++) {
      assert.equal((await ask(url, { agent, method: i % 2 ? "POST" : "GET" })).text, "a");
    }
    agent.destroy();
    assert.equal(ingress.stats()[0].failures, 0);
  });
  await a.close();
});

test("ingress: requests wait for a healthy instance, for a bounded time and in bounded number", async () => {
  const a = await startBackend("a");
  await withDoor(
    [],
    async ({ url, ingress, show }) => {
      const waiting = [ask(url), ask(url, { method: "POST" }, "x")];
      await sleep(50);
      assert.equal(ingress.stats()[0].waiting, 2);
      const third = await ask(url);
      assert.equal(third.status, 503);
      assert.match(third.text, /No healthy instance of default\/web/);
      show([a]);
      assert.deepEqual(
        (await Promise.all(waiting)).map(({ text }) => text),
        ["a", "a"],
      );
      show([{ ...a, isHealthy: false }]);
      assert.equal((await ask(url)).status, 503);
    },
    { maxWaiting: 2 },
  );
  await a.close();
});

test("ingress: one that leaves ends what it has begun, and its idle connections are closed", async () => {
  const sockets = new Set();
  const old = await startBackend("old", (request, response) => {
    if (request.url === "/slow") setTimeout(() => response.end("slow old"), 150);
    else response.end("old");
  });
  old.server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const next = await startBackend("next");
  await withDoor([old], async ({ url, ingress, show }) => {
    const slow = ask(`${url}/slow`);
    await ask(url);
    await sleep(30);
    assert.equal(sockets.size, 2);
    show([next]);
    await sleep(30);
    assert.equal(sockets.size, 1);
    assert.equal((await ask(url)).text, "next");
    assert.equal(ingress.stats()[0].backends.find(({ id }) => id === "old")?.isLeaving, true);
    assert.equal((await slow).text, "slow old");
    await sleep(30);
    assert.equal(sockets.size, 0);
  });
  await Promise.all([old.close(), next.close()]);
});

test("ingress: a caller who leaves takes the request to the backend along, and that is no failure", async () => {
  let wasClosed = false;
  const a = await startBackend("a", (_, response) => response.on("close", () => (wasClosed = true)));
  await withDoor([a], async ({ url, ingress }) => {
    const request = httpRequest(url, { agent: false });
    request.on("error", () => {});
    request.end();
    await sleep(50);
    request.destroy();
    await sleep(50);
    assert.equal(wasClosed, true);
    const [stats] = ingress.stats();
    assert.deepEqual([stats.failures, stats.open], [0, 0]);
  });
  await a.close();
});

test("ingress: an upload that its caller gives up ends at the backend too", async () => {
  let wasCut = false;
  const a = await startBackend("a", (request) => {
    request.resume();
    request.on("error", () => (wasCut = true));
  });
  await withDoor([a], async ({ url, ingress }) => {
    const request = httpRequest(url, { method: "POST", agent: false });
    request.on("error", () => {});
    request.write("part");
    await sleep(50);
    request.destroy();
    await sleep(50);
    assert.equal(wasCut, true);
    const [stats] = ingress.stats();
    assert.deepEqual([stats.failures, stats.open], [0, 0]);
  });
  await a.close();
});

test("ingress: an answer that comes before the body was read is passed back", async () => {
  const a = await startBackend("a", (request, response) => {
    request.resume();
    response.writeHead(413).end("too large");
  });
  await withDoor([a], async ({ url, ingress }) => {
    for (let i = 0; i < 3; i++) {
      const request = httpRequest(url, { method: "PUT", agent: false });
      request.on("error", () => {});
      request.write("x".repeat(2_000_000));
      const [response] = (await once(request, "response")) as [IncomingMessage];
      assert.equal(response.statusCode, 413);
      assert.equal(await textOf(response), "too large");
      request.destroy();
    }
    assert.equal((await ask(url)).status, 413);
    assert.equal(ingress.stats()[0].failures, 0);
  });
  await a.close();
});

test("ingress: an answer that breaks off is cut for the caller too", async () => {
  const a = await startBackend("a", (request, response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("half");
    setTimeout(() => request.socket.destroy(), 20);
  });
  await withDoor([a], async ({ url, ingress }) => {
    await assert.rejects(ask(url));
    assert.equal(ingress.stats()[0].failures, 1);
  });
  await a.close();
});

test("ingress: requests that can be read in two ways are refused and reach no backend", async () => {
  let reached = 0;
  const a = await startBackend("a", (_, response) => {
    reached++;
    response.end("a");
  });
  const ambiguous = [
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
    "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
    "GET nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(40_000)}\r\n\r\n`,
  ];
  await withDoor([a], async ({ port }) => {
    for (const text of ambiguous) assert.match(await raw(port, text), /^HTTP\/1.1 4\d\d /, text.slice(0, 80));
    assert.equal(reached, 0);
    const absolute = "GET http://b/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    assert.match(await raw(port, absolute), /^HTTP\/1.1 200 /);
  });
  await a.close();
});

test("ingress: a WebSocket opens, carries both ways, and a refusal of it is passed back", async () => {
  const a = await startBackend("a", (_, response) => response.writeHead(403).end("no sockets"));
  const b = await startBackend("b");
  b.server.on("upgrade", (request, socket) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Key: ${request.headers["sec-websocket-key"]}\r\n\r\nhi`,
    );
    socket.on("data", (chunk) => socket.end(`echo ${String(chunk)}`));
  });
  const opening =
    "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\nfirst";
  await withDoor([b], async ({ port, ingress }) => {
    const answer = await raw(port, opening);
    assert.match(answer, /^HTTP\/1.1 101 /);
    assert.match(answer, /X-Key: k\r\n/);
    assert.match(answer, /\r\n\r\nhiecho first$/);
    await sleep(20);
    assert.equal(ingress.stats()[0].open, 0);
  });
  await withDoor([a], async ({ port }) =>
    assert.match(await raw(port, opening), /^HTTP\/1.1 403 [^]*no sockets/),
  );
  await withDoor([], async ({ port }) => assert.match(await raw(port, opening), /^HTTP\/1.1 503 /));
  await Promise.all([a.close(), b.close()]);
});

test("ingress: tcp passes bytes and half-closed ends, and tries the next instance", async () => {
  const echo = createServer({ allowHalfOpen: true }, (socket) => {
    let text = "";
    socket.on("data", (chunk) => (text += String(chunk)));
    socket.on("end", () => socket.end(text.toUpperCase()));
  });
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  const { port: echoPort } = echo.address() as AddressInfo;
  const live = { id: "live", address: "127.0.0.1", port: echoPort, isHealthy: true };
  const dead = { ...live, id: "dead", port: await freePort() };
  await withDoor(
    [dead, live],
    async ({ port, ingress }) => {
      for (let i = 0; i < 3; i++) {
        const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
        socket.end("shout");
        let text = "";
        for await (const chunk of socket) text += String(chunk);
        assert.equal(text, "SHOUT");
      }
      await sleep(20);
      const [stats] = ingress.stats();
      assert.deepEqual([stats.requests, stats.failures, stats.open], [3, 0, 0]);
      assert.match(ingress.addresses()[0].url, /^tcp:/);
    },
    { mode: "tcp" },
  );
  await new Promise((resolve) => echo.close(resolve));
});

test("ingress: a shared port serves by host and path", async () => {
  const [shop, api] = await Promise.all([startBackend("shop"), startBackend("api")]);
  const sharedPort = await freePort();
  const ingress = await startIngress({ address: "127.0.0.1", sharedPort, log: () => {}, graceMs: 100 });
  ingress.update([
    { name: "p/shop", host: "shop", path: "/", mode: "http", backends: [shop] },
    { name: "p/api", path: "/api", mode: "http", backends: [api] },
  ]);
  const url = `http://127.0.0.1:${sharedPort}`;
  assert.equal((await ask(url, { headers: { Host: "shop.localhost" } })).text, "shop");
  assert.equal((await ask(`${url}/api/x`)).text, "api");
  assert.equal((await ask(url)).status, 404);
  assert.deepEqual(
    ingress.addresses().map(({ url }) => url),
    [`http://shop.localhost:${sharedPort}/`, `${url}/api`],
  );
  await ingress.close();
  await Promise.all([shop.close(), api.close()]);
});

test("ingress: a taken port is a fault that names its holder, and is had as soon as it is free", async () => {
  const [holder, a] = await Promise.all([startBackend("holder"), startBackend("a")]);
  const lines: string[] = [];
  const hasty: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 10, signal) };
  const log = (line: string) => lines.push(line);
  const ingress = await startIngress({ address: "127.0.0.1", log, clock: hasty, graceMs: 100 });
  ingress.update([{ name: "p/web", port: holder.port, mode: "http", backends: [a] }]);
  await ingress.settled();
  assert.match(ingress.faults()[0], new RegExp(`Service p/web cannot have port ${holder.port}: .* has it`));
  if (process.platform === "linux") assert.ok(ingress.faults()[0].includes(`(pid ${process.pid})`));
  assert.deepEqual(ingress.addresses(), []);
  await holder.close();
  for (let turn = 0; turn < 100 && ingress.faults().length > 0; turn++) await sleep(30);
  assert.equal((await ask(`http://127.0.0.1:${holder.port}`)).text, "a");
  assert.equal(lines.length, 2);
  await ingress.close();
  await a.close();
});

test("ingress: a door that nobody wants lingers, then its port is free", async () => {
  const a = await startBackend("a");
  await withDoor(
    [a],
    async ({ ingress, url, show }) => {
      ingress.update([]);
      const waiting = ask(url);
      await sleep(30);
      show([a]);
      assert.equal((await waiting).text, "a");
      ingress.update([]);
      await sleep(300);
      await assert.rejects(ask(url), /ECONNREFUSED/);
      assert.deepEqual(ingress.stats(), []);
    },
    { lingerMs: 200 },
  );
  await a.close();
});
