/**
 * Our front door beside HAProxy, and beside no proxy at all: the same backends, the same client, one after the
 * other in turns within one run. The client and the four backends share the machine with the proxy, so the
 * ratio of the medians is what counts.
 *
 *     npm run bench -- ingress
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Backend } from "../src/front-door.ts";
import { freePort } from "../src/testing/backend.ts";
import { startBackendProcess } from "../src/testing/backend-process.ts";

interface Peer {
  readonly name: string;
  readonly port: number;
  stop(): Promise<void>;
}

interface Sample {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const rounds = 5;
const roundMs = 1500;
const connections = 32;

const backends = await Promise.all(["a", "b", "c", "d"].map(startBackendProcess));
const peers = [direct(backends[0]), await ours(backends), await haproxy(backends)].filter(
  (peer) => peer !== undefined,
);
const samples = new Map<string, Sample[]>(peers.map(({ name }) => [name, []]));
try {
  for (const { port } of peers) await measure(port);
  for (let round = 0; round < rounds; round++) {
    for (const { name, port } of peers) samples.get(name)?.push(await measure(port));
  }
} finally {
  await Promise.all(peers.map((peer) => peer.stop()));
  await Promise.all(backends.map((backend) => backend.stop("SIGKILL")));
}
const medians = new Map([...samples].map(([name, list]) => [name, medianOf(list)]));
const fractus = medians.get("fractus");
for (const [name, { perSecond, p50Ms, p99Ms }] of medians) {
  const ratio =
    fractus && name !== "fractus"
      ? `; fractus has ${(fractus.perSecond / perSecond).toFixed(2)} of the rate, ${(fractus.p50Ms / p50Ms).toFixed(2)} times the p50, ${(fractus.p99Ms / p99Ms).toFixed(2)} times the p99`
      : "";
  console.log(
    `${name}: ${Math.round(perSecond)} requests/s, p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms${ratio}`,
  );
}

function direct({ port }: Backend): Peer {
  return { name: "no proxy, one backend", port, stop: () => Promise.resolve() };
}

/** The ingress as a process of its own. */
async function ours(backends: readonly Backend[]): Promise<Peer> {
  const port = await freePort();
  const ingress = fileURLToPath(new URL("../src/ingress.ts", import.meta.url));
  const doors = JSON.stringify([{ name: "bench/web", port, mode: "http", backends }]);
  const script = `import { startIngress } from ${JSON.stringify(ingress)};
    (await startIngress({ address: "127.0.0.1", log: console.error })).update(${doors});`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" });
  const gone = once(child, "exit");
  await untilOpen(port);
  return {
    name: "fractus",
    port,
    async stop() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

async function haproxy(backends: readonly Backend[]): Promise<Peer | undefined> {
  if (!isInstalled()) {
    console.log("haproxy: not installed, so there is no peer in this run");
    return undefined;
  }
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), "fractus-bench-"));
  const file = join(directory, "haproxy.cfg");
  const servers = backends.map((backend) => `  server ${backend.id} 127.0.0.1:${backend.port}`);
  const lines = [
    "defaults",
    "  mode http",
    "  timeout connect 3s",
    "  timeout client 60s",
    "  timeout server 60s",
  ];
  lines.push(
    "  option forwardfor",
    "listen web",
    `  bind 127.0.0.1:${port}`,
    "  balance leastconn",
    ...servers,
  );
  writeFileSync(file, `${lines.join("\n")}\n`);
  const child = spawn("haproxy", ["-db", "-q", "-f", file], { stdio: "inherit" });
  const gone = once(child, "exit");
  await untilOpen(port);
  return {
    name: "haproxy",
    port,
    async stop() {
      child.kill("SIGKILL");
      await gone;
      rmSync(directory, { recursive: true });
    },
  };
}

function isInstalled(): boolean {
  try {
    execFileSync("haproxy", ["-v"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function untilOpen(port: number): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await sleep(25);
  }
  throw new Error(`Nothing listens on port ${port}.`);
}

/** As many requests as get through, one after the other on each of the connections. */
async function measure(port: number): Promise<Sample> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const timesMs: number[] = [];
  const startedMs = performance.now();
  const worker = async () => {
    while (performance.now() - startedMs < roundMs) {
      const askedMs = performance.now();
      await ask(port, agent);
      timesMs.push(performance.now() - askedMs);
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const seconds = (performance.now() - startedMs) / 1000;
  agent.destroy();
  timesMs.sort((a, b) => a - b);
  const at = (share: number) => timesMs[Math.floor(timesMs.length * share)];
  return { perSecond: timesMs.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
}

function ask(port: number, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, host: "127.0.0.1", agent }, (response) => {
      response.resume();
      response.on("end", () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`status ${response.statusCode}`)),
      );
    });
    request.on("error", reject);
    request.end();
  });
}

function medianOf(list: readonly Sample[]): Sample {
  const median = (pick: (sample: Sample) => number) => list.map(pick).sort((a, b) => a - b)[list.length >> 1];
  return {
    perSecond: median((s) => s.perSecond),
    p50Ms: median((s) => s.p50Ms),
    p99Ms: median((s) => s.p99Ms),
  };
}
