/** An agent on another machine, as others ask it; and the other side of it, where the agent is. */
import { PassThrough, Readable } from "node:stream";
import type { AgentAccess, FileChunk, FollowOptions } from "@fractus/agent/agent-access.ts";
import type { ExecOptions, ExecSession, TerminalSize } from "@fractus/drivers/driver.ts";
import type { Channel, Handlers, Peer } from "./peer.ts";

const plainCalls = [
  "hostStats",
  "allocationStats",
  "restart",
  "signal",
  "checks",
  "isolation",
  "list",
  "stat",
  "collectGarbage",
  "changeMeta",
] as const satisfies readonly (keyof AgentAccess)[];

/** The agent at the other end of the connection, one of several there may be. */
export function remoteAgent(peer: Peer, nodeId: string): AgentAccess {
  const calls = Object.fromEntries(
    plainCalls.map((method) => [
      method,
      (...args: unknown[]) => peer.call(`agent.${method}`, [nodeId, ...args]),
    ]),
  ) as unknown as Pick<AgentAccess, (typeof plainCalls)[number]>;
  return {
    ...calls,
    read: async (id, path, range) => readFrom(peer.open("agent.read", [nodeId, id, path, range])),
    follow: (id, path, { signal, ...from }) =>
      chunksFrom(peer.open("agent.follow", [nodeId, id, path, from]), signal),
    logs: (id, { signal, ...which }) => chunksFrom(peer.open("agent.logs", [nodeId, id, which]), signal),
    exec: (id, order) => execOver(peer.open("agent.exec", [nodeId, id, order])),
  };
}

async function* chunksFrom(channel: Channel, signal: AbortSignal | undefined): AsyncGenerator<FileChunk> {
  const stop = () => channel.end();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    for await (const piece of channel.pieces) yield piece as FileChunk;
  } finally {
    signal?.removeEventListener("abort", stop);
    channel.end();
  }
}

function readFrom(channel: Channel): Readable {
  return Readable.from(
    (async function* () {
      try {
        for await (const piece of channel.pieces) yield piece as Buffer;
      } finally {
        channel.end();
      }
    })(),
    { objectMode: false },
  );
}

type ExecPiece =
  | { readonly stdin: Buffer }
  | { readonly stdinEnd: true }
  | { readonly resize: TerminalSize }
  | { readonly stdout: Buffer }
  | { readonly stderr: Buffer }
  | { readonly exit: Awaited<ExecSession["exit"]> };

async function execOver(channel: Channel): Promise<ExecSession> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.on("data", (data: Buffer) => void channel.send({ stdin: data }));
  stdin.on("end", () => void channel.send({ stdinEnd: true }));
  const started = Promise.withResolvers<void>();
  const exit = (async () => {
    try {
      for await (const piece of channel.pieces as AsyncIterable<ExecPiece | { started: true }>) {
        if ("started" in piece) started.resolve();
        else if ("stdout" in piece) stdout.write(piece.stdout);
        else if ("stderr" in piece) stderr.write(piece.stderr);
        else if ("exit" in piece) return piece.exit;
      }
      return { exitCode: 255 };
    } catch (error) {
      started.reject(error);
      throw error;
    } finally {
      stdout.end();
      stderr.end();
      channel.end();
    }
  })();
  exit.catch(() => {});
  await started.promise;
  return {
    stdin,
    stdout,
    stderr,
    exit,
    resize: (size) => channel.send({ resize: size }),
    kill: () => channel.end(),
  };
}

/** What an agent's machine answers to, for the agents that run on it. */
export function agentHandlers(agentOf: (nodeId: string) => AgentAccess): Handlers {
  const calls = Object.fromEntries(
    plainCalls.map((method) => [
      `agent.${method}`,
      async ([nodeId, ...args]: readonly unknown[]) => {
        const agent = agentOf(String(nodeId)) as unknown as Record<
          string,
          (...args: unknown[]) => Promise<unknown>
        >;
        return agent[method](...args);
      },
    ]),
  );
  return {
    calls,
    channels: {
      "agent.read": async ([nodeId, id, path, range], channel) => {
        const stream = await agentOf(String(nodeId)).read(
          String(id),
          String(path),
          range as { offset?: number; limit?: number },
        );
        channel.signal.addEventListener("abort", () => stream.destroy(), { once: true });
        for await (const data of stream) await channel.send(data);
      },
      "agent.follow": async ([nodeId, id, path, from], channel) => {
        const options = { ...(from as FollowOptions), signal: channel.signal };
        await sendAll(agentOf(String(nodeId)).follow(String(id), String(path), options), channel);
      },
      "agent.logs": async ([nodeId, id, which], channel) => {
        const options = { ...(which as Parameters<AgentAccess["logs"]>[1]), signal: channel.signal };
        await sendAll(agentOf(String(nodeId)).logs(String(id), options), channel);
      },
      "agent.exec": async ([nodeId, id, order], channel) => {
        const agent = agentOf(String(nodeId));
        await serveExec(
          await agent.exec(String(id), order as { task: string; command: readonly string[] } & ExecOptions),
          channel,
        );
      },
    },
  };
}

async function sendAll(pieces: AsyncIterable<unknown>, channel: Channel): Promise<void> {
  for await (const piece of pieces) {
    if (channel.signal.aborted) return;
    await channel.send(piece);
  }
}

async function serveExec(session: ExecSession, channel: Channel): Promise<void> {
  await channel.send({ started: true });
  channel.signal.addEventListener("abort", () => session.kill(), { once: true });
  const output = async (name: "stdout" | "stderr") => {
    for await (const data of session[name]) await channel.send({ [name]: data as Buffer });
  };
  const input = async () => {
    for await (const piece of channel.pieces as AsyncIterable<ExecPiece>) {
      if ("stdin" in piece) session.stdin.write(piece.stdin);
      else if ("stdinEnd" in piece) session.stdin.end();
      else if ("resize" in piece) await session.resize(piece.resize);
    }
  };
  input().catch(() => {});
  await Promise.all([output("stdout"), output("stderr")]);
  await channel.send({ exit: await session.exit });
}
