import { connect } from "node:net";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Door } from "./door.ts";
import type { Upstream } from "./upstream.ts";

const connectTimeoutMs = 3000;

/** Passes one TCP connection on to an instance, and the end of either direction with it. */
export async function forwardTcp(door: Door, client: Socket): Promise<void> {
  const gone = new AbortController();
  client.on("close", () => gone.abort());
  client.on("error", () => client.destroy());
  door.requests++;
  door.open++;
  try {
    const found = await connectSomewhere(door, gone.signal);
    if (found) await carry(found, client);
    else if (!gone.signal.aborted) door.failures++;
  } finally {
    door.open--;
    client.destroy();
  }
}

/** Tries one instance after the other: nothing of the client's has been sent, so no harm is done. */
async function connectSomewhere(
  door: Door,
  signal: AbortSignal,
): Promise<{ readonly upstream: Upstream; readonly socket: Socket } | undefined> {
  const deadlineMs = door.deadlineMs();
  for (;;) {
    const upstream = await door.acquire(deadlineMs, signal);
    if (!upstream) return undefined;
    upstream.open++;
    upstream.requests++;
    const socket = await connectTo(upstream);
    if (socket) return { upstream, socket };
    upstream.open--;
    upstream.failures++;
    door.retries++;
    door.rest(upstream);
  }
}

function connectTo({ address: host, port }: Upstream): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: true, timeout: connectTimeoutMs });
    socket.once("timeout", () => socket.destroy());
    socket.once("error", () => socket.destroy());
    socket.once("close", () => resolve(undefined));
    socket.once("connect", () => {
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}

async function carry(
  { upstream, socket }: { readonly upstream: Upstream; readonly socket: Socket },
  client: Socket,
): Promise<void> {
  try {
    await tunnel(client, socket);
  } finally {
    upstream.open--;
  }
}

/** Joins two streams until both are closed; when one breaks, so does the other. */
export async function tunnel(left: Duplex, right: Duplex): Promise<void> {
  await Promise.all([pipeTo(left, right), pipeTo(right, left)]);
}

/** Resolves when `from` is closed. */
function pipeTo(from: Duplex, to: Duplex): Promise<void> {
  return new Promise((resolve) => {
    if (from.destroyed) {
      to.destroy();
      return resolve();
    }
    from.on("error", () => to.destroy());
    from.on("close", () => {
      if (!from.readableEnded) to.destroy();
      resolve();
    });
    from.pipe(to);
  });
}
