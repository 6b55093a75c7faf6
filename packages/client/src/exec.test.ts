import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { WebSocketServer, type WebSocket } from "ws";
import { exec } from "./exec.ts";

/** A server on loopback whose one websocket is handed to the test. */
async function withServer(
  serve: (socket: WebSocket, request: IncomingMessage) => void,
  use: (address: string) => Promise<void>,
): Promise<void> {
  const server = createServer((_request, response) => response.writeHead(404).end());
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    if (request.url?.includes("forbidden")) {
      socket.end(
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 17\r\nConnection: close\r\n\r\nPermission denied",
      );
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => serve(opened, request));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
    server.close();
  }
}

const data = (text: string) => ({ data: Buffer.from(text).toString("base64") });

test("exec: input, output, errors and the exit code go through frames", async () => {
  let query = "";
  const serve = (socket: WebSocket, request: IncomingMessage) => {
    query = decodeURIComponent(request.url ?? "");
    let input = "";
    socket.on("message", (message: Buffer) => {
      const frame = JSON.parse(message.toString()) as { stdin?: { data?: string; close?: boolean } };
      input += Buffer.from(frame.stdin?.data ?? "", "base64").toString();
      if (!frame.stdin?.close) return;
      socket.send(JSON.stringify({ stdout: data(input.toUpperCase()) }));
      socket.send(JSON.stringify({ stderr: data("oh") }));
      socket.send(JSON.stringify({ exited: true, result: { exit_code: 3 } }));
    });
  };
  await withServer(serve, async (address) => {
    const seen = { stdout: "", stderr: "" };
    const code = await exec(
      { address, token: "t", namespace: "web" },
      { allocation: "a1", task: "t1", command: ["tr", "a b"] },
      {
        stdout: (bytes) => (seen.stdout += Buffer.from(bytes).toString()),
        stderr: (bytes) => (seen.stderr += Buffer.from(bytes).toString()),
        stdin: (async function* () {
          yield Buffer.from("hel");
          yield Buffer.from("lo");
        })(),
      },
    );
    assert.deepEqual({ code, ...seen }, { code: 3, stdout: "HELLO", stderr: "oh" });
  });
  assert.match(
    query,
    /^\/v1\/client\/allocation\/a1\/exec\?task=t1&command=\["tr","a\+b"\]&tty=false&namespace=web$/,
  );
});

const silent = { stdout: () => undefined, stderr: () => undefined };

test("exec: a connection that breaks, and a refusal, are errors", async () => {
  const request = { allocation: "a1", task: "t1", command: ["x"] };
  await withServer(
    (socket) => socket.close(1011, "no such task"),
    async (address) => {
      await assert.rejects(exec({ address }, request, silent), { status: 500, message: "no such task" });
      await assert.rejects(exec({ address }, { ...request, allocation: "forbidden" }, silent), {
        status: 403,
        message: "Permission denied",
      });
    },
  );
});
