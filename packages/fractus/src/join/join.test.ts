import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import type { AgentAccess } from "@fractus/agent/agent-access.ts";
import type { ControlLink, NodeFacts } from "@fractus/agent/control-link.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import { identityOf, joinToken, readToken } from "./certificate.ts";
import { connectToControl } from "./connect.ts";
import { listenForAgents } from "./listen.ts";

const facts = { id: "n1", name: "n1" } as NodeFacts;

const link = {
  register: async () => ({ ttlMs: 5 }),
  heartbeat: async () => ({ ttlMs: 6 }),
  assignments: async (_nodeId: string, index: number) => ({ index: index + 1, list: [] }),
  report: async () => {
    throw new Refusal("unavailable", "disk full");
  },
} as unknown as ControlLink;

const agent = {
  stat: async (_id: string, path: string) => ({
    name: path,
    isDirectory: false,
    sizeBytes: 3,
    mode: "-rw-r--r--",
    modifiedAtMs: 1,
  }),
  read: async () => Readable.from([Buffer.from("abc"), Buffer.from("def")]),
  async *logs() {
    yield { path: "a", offset: 3, data: Buffer.from("one") };
    yield { path: "a", offset: 6, data: Buffer.from("two") };
  },
  exec: async () => {
    const stdout = new PassThrough();
    const stdin = new PassThrough();
    stdin.on("data", (data: Buffer) => stdout.write(data.toString().toUpperCase()));
    const exit = new Promise<{ exitCode: number }>((resolve) =>
      stdin.once("end", () => (stdout.end(), resolve({ exitCode: 3 }))),
    );
    return { stdin, stdout, stderr: Readable.from([]), exit, resize: async () => {}, kill: () => {} };
  },
} as unknown as AgentAccess;

test("join: an agent of another machine speaks with control over TLS, and is asked in turn", async () => {
  const directory = mkdtempSync(join(tmpdir(), "join-"));
  const identity = await identityOf(directory);
  deepEqual(await identityOf(directory), identity, "made once");
  const attached = new Map<string, AgentAccess>();
  const server = await listenForAgents({
    host: "127.0.0.1",
    port: 0,
    identity,
    link,
    attachAgent: (nodeId, one) => {
      attached.set(nodeId, one);
      return () => attached.delete(nodeId);
    },
  });
  const lines: string[] = [];
  const url = `https://127.0.0.1:${server.port}`;
  const connect = (token: string) =>
    connectToControl({ url, token, agentOf: () => agent, log: (line) => lines.push(line) });
  const connection = connect(joinToken(identity));
  try {
    await rejects(connection.link.heartbeat("n1"), { kind: "not-found" });
    deepEqual(await connection.link.register(facts), { ttlMs: 5 });
    deepEqual(await connection.link.heartbeat("n1"), { ttlMs: 6 });
    deepEqual(await connection.link.assignments("n1", 4), { index: 5, list: [] });
    await rejects(connection.link.report("n1", []), { kind: "unavailable", message: "disk full" });
    const remote = attached.get("n1")!;
    equal((await remote.stat("x", "/a")).sizeBytes, 3);
    equal(await text(await remote.read("x", "/a", {})), "abcdef");
    const seen = [];
    for await (const { data } of remote.logs("x", {
      task: "t",
      stream: "stdout",
      follow: false,
      origin: "start",
      offset: 0,
    }))
      seen.push(String(data));
    deepEqual(seen, ["one", "two"]);
    const session = await remote.exec("x", { task: "t", command: ["cat"] });
    session.stdin.end("hello");
    equal(await text(session.stdout), "HELLO");
    deepEqual(await session.exit, { exitCode: 3 });

    const stranger = connect(joinToken({ ...identity, secret: "x".repeat(32) }));
    const impostor = connect(joinToken({ ...identity, fingerprint: "0".repeat(64) }));
    while (lines.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    match(lines.join("\n"), /the token is not accepted/);
    match(lines.join("\n"), /its certificate is not the one that the token names/);
    stranger.close();
    impostor.close();
  } finally {
    connection.close();
    await server.close();
    rmSync(directory, { recursive: true });
  }
  for (let tries = 0; attached.size > 0 && tries < 100; tries++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  equal(attached.size, 0, "an agent that is gone is not asked");
});

test("join: a text that is no token is refused", () => {
  for (const token of ["", "F1.abc.def", "F2.0.0"]) {
    try {
      readToken(token);
      throw new Error("accepted");
    } catch (error) {
      equal((error as Refusal).kind, "invalid");
    }
  }
});
