import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { environmentWith } from "./config.ts";
import { skipWithout } from "./needs.ts";

const server = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/** The reason why RabbitMQ cannot be run here, or false. */
export function skipWithoutRabbitmq(): string | false {
  return skipWithout([server], "rabbitmq-server");
}

export interface Rabbitmq {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts Debian's RabbitMQ with an empty data directory, on loopback only: the listener, the distribution
 * port and a port mapper of its own, which also ends with it.
 *
 * @param options.definitions a definition file it loads at the start
 */
export async function startRabbitmq(options: { readonly definitions?: unknown } = {}): Promise<Rabbitmq> {
  const home = mkdtempSync(join(tmpdir(), "fractus-rabbitmq-"));
  const [port, distributionPort, mapperPort] = await Promise.all([freePort(), freePort(), freePort()]);
  mkdirSync(join(home, "data"));
  writeFileSync(join(home, "rabbitmq.conf"), `listeners.tcp.1 = 127.0.0.1:${port}\nlog.console = false\n`);
  writeFileSync(join(home, "advanced.config"), "[{kernel, [{inet_dist_use_interface, {127,0,0,1}}]}].\n");
  if (options.definitions !== undefined) {
    writeFileSync(join(home, "definitions.json"), JSON.stringify(options.definitions));
    appendFileSync(join(home, "rabbitmq.conf"), `load_definitions = ${home}/definitions.json\n`);
  }
  writeFileSync(join(home, "plugins"), "[].\n");
  const mapper = spawn("epmd", ["-address", "127.0.0.1", "-port", String(mapperPort)], { stdio: "ignore" });
  const broker = spawn(server, [], {
    stdio: "ignore",
    detached: true,
    env: environmentWith({
      HOME: home,
      RABBITMQ_CONFIG_FILE: join(home, "rabbitmq.conf"),
      RABBITMQ_ADVANCED_CONFIG_FILE: join(home, "advanced.config"),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(home, "plugins"),
      RABBITMQ_MNESIA_BASE: join(home, "data"),
      RABBITMQ_LOG_BASE: home,
      RABBITMQ_NODENAME: `contract${port}@localhost`,
      RABBITMQ_DIST_PORT: String(distributionPort),
      ERL_EPMD_ADDRESS: "127.0.0.1",
      ERL_EPMD_PORT: String(mapperPort),
    }),
  });
  const gone = new Promise<void>((resolve) => broker.once("exit", () => resolve()));
  const stop = async () => {
    if (broker.exitCode === null && broker.pid !== undefined) process.kill(-broker.pid, "SIGKILL");
    await gone;
    mapper.kill("SIGKILL");
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await untilOpen(port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `amqp://guest:guest@127.0.0.1:${port}/`, stop };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function untilOpen(port: number): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (await isOpen(port)) return;
    await sleep(100);
  }
  throw new Error("RabbitMQ did not open its port within 30 s");
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
