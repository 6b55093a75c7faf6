/** A name server for services, on UDP and TCP. What it answers is in `dns-answer.ts`. */
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import type { Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import type { Dice } from "@fractus/core/dice.ts";
import { seededDice } from "@fractus/core/dice.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { DnsLookup } from "./dns-answer.ts";
import { answerTo } from "./dns-answer.ts";
import { portHolder } from "./port-holder.ts";

export interface DnsOptions {
  /** Such as `127.0.0.1`. */
  readonly address: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly lookup: DnsLookup;
  readonly log: (line: string) => void;
  /** Shuffles the instances; seeded by the machine when absent. */
  readonly dice?: Dice;
}

export interface DnsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Questions are short; a longer message is not one. */
const mostQuestionBytes = 4096;
const idleMs = 10_000;
const mostConnections = 100;

/** Resolves when it answers; refuses with `conflict`, naming who may hold it, if the port is taken. */
export async function startDns(options: DnsOptions): Promise<DnsServer> {
  const answer = answerer(options);
  const udp = await bindUdp(options, answer);
  const { port } = udp.address();
  const sockets = new Set<Socket>();
  try {
    const tcp = await bindTcp({ ...options, port }, sockets, answer);
    return { port, close: () => close(udp, tcp, sockets) };
  } catch (error) {
    udp.close();
    throw error;
  }
}

type Answerer = (message: Buffer, transport: "udp" | "tcp") => Buffer | undefined;

function answerer({ lookup, dice = seededDice(randomInt(2 ** 32)) }: DnsOptions): Answerer {
  return (message, transport) => answerTo(message, { lookup, dice, transport });
}

async function bindUdp({ address, port, log }: DnsOptions, answer: Answerer): Promise<UdpSocket> {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  socket.on("message", (message, from) => {
    const reply = answer(message, "udp");
    if (reply && from.port > 0) socket.send(reply, from.port, from.address, () => undefined);
  });
  socket.bind({ address, port });
  await once(socket, "listening").catch((error: unknown) => {
    throw refusalOf(error, port, "udp");
  });
  socket.on("error", (error) => log(`dns: ${error.message}`));
  return socket;
}

async function bindTcp(
  { address, port, log }: DnsOptions,
  sockets: Set<Socket>,
  answer: Answerer,
): Promise<Server> {
  const server = createServer((socket) => serve(socket, answer));
  server.maxConnections = mostConnections;
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen({ host: address, port });
  await once(server, "listening").catch((error: unknown) => {
    throw refusalOf(error, port, "tcp");
  });
  server.on("error", (error) => log(`dns: ${error.message}`));
  return server;
}

/** Each message comes after its length in two bytes: https://www.rfc-editor.org/rfc/rfc1035#section-4.2.2 */
function serve(socket: Socket, answer: Answerer): void {
  let pending = Buffer.alloc(0);
  socket.setTimeout(idleMs, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("drain", () => socket.resume());
  socket.on("data", (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2) {
      const length = pending.readUInt16BE(0);
      if (length <= mostQuestionBytes && pending.length < length + 2) break;
      const isQuestion = length <= mostQuestionBytes;
      const reply = isQuestion ? answer(pending.subarray(2, length + 2), "tcp") : undefined;
      if (!reply) {
        socket.destroy();
        break;
      }
      pending = pending.subarray(length + 2);
      if (!socket.write(Buffer.concat([lengthOf(reply), reply]))) socket.pause();
    }
  });
}

function lengthOf(message: Buffer): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(message.length);
  return bytes;
}

function refusalOf(error: unknown, port: number, protocol: "udp" | "tcp"): Refusal {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason =
    code === "EADDRINUSE"
      ? `${portHolder(port, protocol) ?? "a program that cannot be seen from here"} has it`
      : code === "EACCES"
        ? "ports that low are for root"
        : message;
  return new Refusal("conflict", `DNS cannot have ${protocol} port ${port}: ${reason}.`, { cause: error });
}

async function close(udp: UdpSocket, tcp: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  await Promise.all([
    new Promise<void>((resolve) => udp.close(resolve)),
    new Promise((resolve) => tcp.close(resolve)),
  ]);
}
