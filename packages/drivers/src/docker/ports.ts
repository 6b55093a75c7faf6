/**
 * A container whose ports differ from the machine's, or that has a map of ports, has a network of its own: what
 * listens in it on all addresses then holds none of the machine's but the published one. It holds nothing but
 * loopback. Its published ports are listened on where the machine is, by a small process that stands in the
 * container's network and passes on what comes: it needs no rules of a firewall, and nothing is left when it ends.
 */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv6, createServer } from "node:net";
import type { Server } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Refusal } from "@fractus/core/refusal.ts";
import type { TaskPort } from "../driver.ts";
import { isAlive, processStat, readIfThere, sendSignal } from "../process-table.ts";
import { tool } from "../tools.ts";
import type { PublishedPort } from "./container-record.ts";
import type { ProxyOrder } from "./port-proxy.ts";
import type { DockerSettings } from "./settings.ts";

export interface NetworkPlan {
  readonly hasOwnNetwork: boolean;
  /** None in the machine's network, where a port is what the task listens on. */
  readonly ports: readonly PublishedPort[];
}

/** Which network the container gets, and what is published. Refuses a label that the group does not have, and what cannot be mapped. */
export function planNetwork(
  { ports: labels, portMap, networkMode }: Pick<DockerSettings, "ports" | "portMap" | "networkMode">,
  given: readonly TaskPort[],
): NetworkPlan {
  const published = [...new Set([...labels, ...Object.keys(portMap)])].map((label) => {
    const port = given.find((each) => each.label === label);
    if (!port) throw wrong(`the group has no port ${JSON.stringify(label)}.`);
    const { hostAddress, hostPort } = port;
    return { hostAddress, hostPort, containerPort: portMap[label] ?? port.containerPort };
  });
  const mapped = published.find(({ hostPort, containerPort }) => hostPort !== containerPort);
  if (networkMode === "none" && published.length > 0)
    throw wrong("with network_mode none no port can be published.");
  if (networkMode === "host" && mapped)
    throw wrong(
      `with network_mode host, port ${mapped.hostPort} cannot be mapped to ${mapped.containerPort}.`,
    );
  const asksForMapping = mapped !== undefined || Object.keys(portMap).length > 0;
  const hasOwnNetwork =
    networkMode === "bridge" || networkMode === "none" || (networkMode === "default" && asksForMapping);
  return { hasOwnNetwork, ports: hasOwnNetwork ? published : [] };
}

/** Begins to listen, unless that is done already. Refuses with `conflict` a port that is taken. */
export async function publish(
  ports: readonly PublishedPort[],
  stateDirectory: string,
  initPid: number,
): Promise<void> {
  if (ports.length === 0 || isAlive(proxyOf(stateDirectory))) return;
  const listeners: { order: ProxyOrder; socket: Server | Socket }[] = [];
  try {
    for (const port of ports) {
      listeners.push({ order: { kind: "tcp", port: port.containerPort }, socket: await listen(port) });
      listeners.push({ order: { kind: "udp", port: port.containerPort }, socket: await bind(port) });
    }
    await handOver(listeners, stateDirectory, initPid).catch(async () => {
      // It may have been killed on the way, as at any later time: then it is begun again.
      await unpublish(stateDirectory);
      await handOver(listeners, stateDirectory, initPid);
    });
  } finally {
    for (const { socket } of listeners) socket.close();
  }
}

/** Resolves when nobody listens any longer. */
export async function unpublish(stateDirectory: string): Promise<void> {
  const proxy = proxyOf(stateDirectory);
  for (let round = 0; proxy && isAlive(proxy); round++) {
    if (round === 500) throw new Error(`process ${proxy.pid} does not end although it was killed`);
    sendSignal(proxy.pid, "SIGKILL");
    await sleep(10);
  }
}

function proxyOf(stateDirectory: string): { pid: number; startTicks: string } | undefined {
  const [pid, startTicks] = (readIfThere(join(stateDirectory, "proxy")) ?? "").split(" ");
  return startTicks === undefined ? undefined : { pid: Number(pid), startTicks };
}

async function listen({ hostAddress, hostPort }: PublishedPort): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  const outcome = listening(server);
  server.listen({ host: hostAddress, port: hostPort });
  await outcome.catch((error: unknown) => notFree(hostAddress, hostPort, error));
  return server;
}

async function bind({ hostAddress, hostPort }: PublishedPort): Promise<Socket> {
  const socket = createSocket(isIPv6(hostAddress) ? "udp6" : "udp4");
  const outcome = listening(socket);
  socket.bind({ address: hostAddress, port: hostPort, exclusive: true });
  await outcome.catch((error: unknown) => notFree(hostAddress, hostPort, error));
  return socket;
}

function listening(socket: Server | Socket): Promise<unknown> {
  return once(socket, "listening");
}

function notFree(address: string, port: number, cause: unknown): never {
  throw new Refusal(
    "conflict",
    `Port ${port} of ${address} cannot be listened on: ${(cause as Error).message}.`,
    { cause },
  );
}

/** The sockets stay what they are, those of the machine's network, whoever holds them. */
async function handOver(
  listeners: readonly { readonly order: ProxyOrder; readonly socket: Server | Socket }[],
  stateDirectory: string,
  initPid: number,
): Promise<void> {
  const startTicks = processStat(initPid)?.startTicks ?? "";
  const child = fork(
    join(import.meta.dirname, "port-proxy.ts"),
    [stateDirectory, String(initPid), startTicks],
    {
      execPath: tool("nsenter"),
      execArgv: [`--target=${initPid}`, "--net", "--", process.execPath, "--max-semi-space-size=1"],
      env: {},
      cwd: "/",
      detached: true,
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    },
  );
  let words = "";
  child.stderr?.setEncoding("utf8").on("data", (part: string) => (words += part));
  const ended = once(child, "exit").then(([code, signal]) => {
    const why = `${String(signal ?? code)}${words === "" ? "" : `: ${words.trim()}`}`;
    throw new Refusal("unavailable", `The process that passes on the ports has ended (${why}).`);
  });
  const ready = once(child, "message");
  ended.catch(() => undefined);
  for (const { order, socket } of listeners) await Promise.race([send(child, order, socket), ended]);
  child.send("go");
  await Promise.race([ready, ended]);
  child.disconnect();
  child.stderr?.destroy();
  child.unref();
}

function send(child: ChildProcess, order: ProxyOrder, socket: Server | Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    child.send(order, socket, {}, (error) => (error ? reject(error) : resolve()));
  });
}

function wrong(words: string): Refusal {
  return new Refusal("invalid", `docker: ${words}`);
}
