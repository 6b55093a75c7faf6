import { deepEqual, equal, rejects } from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { Refusal } from "@fractus/core/refusal.ts";
import { WebSocket, WebSocketServer } from "ws";
import { type Handlers, Peer } from "./peer.ts";

const handlers: Handlers = {
  calls: {
    add: async ([a, b]) => Number(a) + Number(b),
    echo: async ([value]) => value,
    refuse: async () => {
      throw new Refusal("not-found", "nobody is here");
    },
    hang: (_, signal) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason as Error)),
      ),
  },
  channels: {
    double: async (_, channel) => {
      for await (const piece of channel.pieces) {
        if (piece === "stop") return;
        await channel.send(Number(piece) * 2);
      }
    },
    fail: async () => {
      throw new Refusal("invalid", "no such file");
    },
  },
};

function check(claim: string, run: (asking: Peer, server: WebSocketServer) => Promise<void>): void {
  void test(`peer: ${claim}`, async () => {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    server.on("connection", (socket) => new Peer(socket, handlers));
    await once(server, "listening");
    const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await once(socket, "open");
    const asking = new Peer(socket, handlers);
    try {
      await run(asking, server);
    } finally {
      for (const client of server.clients) client.terminate();
      server.close();
      await asking.closed;
    }
  });
}

check("calls are answered, refusals come through with their kind, bytes as bytes", async (peer) => {
  equal(await peer.call("add", [2, 3]), 5);
  deepEqual(await peer.call("echo", [{ data: Buffer.from([0, 255]) }]), { data: Buffer.from([0, 255]) });
  await rejects(peer.call("refuse", []), { kind: "not-found", message: "nobody is here" });
  await rejects(peer.call("toString", []), { kind: "invalid" });
});

check("a call that is given up is cancelled on the other side, and others go on", async (peer) => {
  const stop = new AbortController();
  const hanging = peer.call("hang", [], stop.signal);
  stop.abort(new Error("enough"));
  await rejects(hanging, /enough/);
  equal(await peer.call("add", [1, 1]), 2);
});

check("a channel carries pieces both ways until one side ends it", async (peer) => {
  const channel = peer.open("double", []);
  const seen: unknown[] = [];
  await channel.send(1);
  await channel.send(2);
  for await (const piece of channel.pieces) {
    seen.push(piece);
    if (seen.length === 2) await channel.send("stop");
  }
  deepEqual(seen, [2, 4]);
  await rejects(
    async () => {
      for await (const _ of peer.open("fail", []).pieces);
    },
    { kind: "invalid", message: "no such file" },
  );
});

check("when the socket is gone everything that waits is refused", async (peer, server) => {
  const hanging = peer.call("hang", []);
  const channel = peer.open("double", []);
  for (const client of server.clients) client.terminate();
  await rejects(hanging, { kind: "unavailable" });
  await rejects(
    async () => {
      for await (const _ of channel.pieces);
    },
    { kind: "unavailable" },
  );
  await rejects(peer.call("add", [1, 1]), { kind: "unavailable" });
});
