/** `fractus up`: the cloud in this terminal, until Ctrl-C. */
import { relative, join } from "node:path";
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { isTerminal } from "@fractus/core/allocation.ts";
import type { Control } from "@fractus/control/control.ts";
import { jobId } from "@fractus/control/state/state.ts";
import { startCloud, type Cloud } from "../cloud.ts";
import { readSettings, settingsHelp } from "../config/config.ts";
import type { Settings } from "../config/settings.ts";
import { runningIn, takeDataDirectory } from "../data-directory.ts";
import { firstFractals } from "../demo.ts";
import { fractalsVolumes, galleryUrl, queueUrl, runFractals, type FractalsPlaces } from "../fractals-job.ts";
import { freePort } from "../free-port.ts";
import { logTo } from "../log-file.ts";

const readyLimitMs = 30_000;

export const upHelp = `usage: fractus up [settings]

Runs the cloud in this terminal until Ctrl-C, which ends everything that runs on it. With --detach it
runs in the background: "fractus down" ends it. SIGUSR2 ends the cloud and leaves its tasks running.

${settingsHelp()}

Each setting may stand in a file (--config) or in the environment (FRACTUS_HTTP_PORT) as well; "fractus config"
shows what is in force and where it comes from.
`;

interface Terminal {
  say(line: string): void;
  warn(line: string): void;
}

/** Resolves with the exit code when the cloud has stopped. */
export async function up(argv: readonly string[], terminal: Terminal): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h") || argv.includes("-help")) {
    terminal.say(upHelp.trimEnd());
    return 0;
  }
  if (argv.includes("--detach") || argv.includes("-d")) {
    return inBackground(
      argv.filter((word) => word !== "--detach" && word !== "-d"),
      terminal,
    );
  }
  const settings = readSettings(argv);
  const stop = stopSignals();
  const hold = takeDataDirectory(settings.dataDirectory);
  try {
    const leaves = await run(settings, { terminal, stop, announce: (address) => hold.announce(address) });
    terminal.say(leaves ? "The cloud has stopped; its tasks run on." : "Everything has stopped.");
  } finally {
    hold.release();
  }
  return 0;
}

type Stop = { readonly signal: AbortSignal; readonly leavesTasks: () => boolean };

/** Resolves with whether tasks were left running. */
async function run(
  settings: Settings,
  means: { readonly terminal: Terminal; readonly stop: Stop; readonly announce: (address: string) => void },
): Promise<boolean> {
  const { terminal, stop } = means;
  const { log, flush } = logTo(join(settings.dataDirectory, "log", "cloud.log"));
  const warn = (line: string) => {
    terminal.warn(line);
    log(line);
  };
  const isIsolated = settings.isolate ?? process.getuid?.() === 0;
  const volumes = settings.runsFractals ? fractalsVolumes(settings) : {};
  const cloud = await startCloud(settings, { log, warn, volumes });
  try {
    means.announce(cloud.address);
    const places = settings.runsFractals
      ? await findPlaces(cloud, settings, { isIsolated, warn })
      : undefined;
    if (places && !stop.signal.aborted) await startFractals(cloud, settings, places, stop.signal);
    await nodesReady(cloud, AbortSignal.any([stop.signal, AbortSignal.timeout(nodesLimitMs)]));
    if (!stop.signal.aborted) terminal.say(welcome(cloud, settings, places));
    if (places && settings.demo && !stop.signal.aborted)
      await firstFractals(settings.dataDirectory, galleryUrl(places));
    await whenAborted(stop.signal);
  } finally {
    if (stop.leavesTasks()) await cloud.leave();
    else await cloud.down();
    await flush();
  }
  return stop.leavesTasks();
}

/** What is there keeps its port: the broker while it runs, the front door that is open. Else the wanted port, or a free one. */
async function findPlaces(
  { control, ingress }: Cloud,
  settings: Settings,
  how: { readonly isIsolated: boolean; readonly warn: (line: string) => void },
): Promise<FractalsPlaces> {
  const { host } = settings;
  const { isIsolated, warn } = how;
  const broker = runningPort(control, "fractals-queue");
  await ingress.settled();
  const door = ingress.addresses().find(({ name }) => name === "default/fractals-api");
  const open = door && Number(new URL(door.url).port);
  const isWanted = open !== undefined && (settings.port === open || settings.port === 0);
  return {
    host,
    isIsolated,
    port: isWanted ? open : await freePort({ host, wanted: settings.port, purpose: "the gallery" }, warn),
    amqpPort:
      broker ?? (await freePort({ host, wanted: settings.amqpPort, purpose: "the message broker" }, warn)),
  };
}

/** The port of a service of which an instance runs. */
function runningPort({ state }: Control, service: string): number | undefined {
  return state.services
    .by("name", jobId("default", service))
    .find((one) => isRunning(state, one.allocationId))?.port;
}

function isRunning(state: Control["state"], allocationId: string): boolean {
  const allocation = state.allocations.get(allocationId);
  return allocation !== undefined && !isTerminal(allocation);
}

async function startFractals(
  { control }: Cloud,
  settings: Settings,
  places: FractalsPlaces,
  signal: AbortSignal,
): Promise<void> {
  await runFractals(control, settings, places);
  await whenHealthy(control, "fractals-api", AbortSignal.any([signal, AbortSignal.timeout(readyLimitMs)]));
}

async function whenHealthy({ state, ledger }: Control, service: string, signal: AbortSignal): Promise<void> {
  const isHealthy = () => state.services.by("name", jobId("default", service)).some((one) => one.isHealthy);
  while (!isHealthy() && !signal.aborted) await ledger.changed(state.index, signal);
}

const nodesLimitMs = 10_000;

/** Agents say by themselves that they are there, a moment after the doors are open. */
async function nodesReady({ control, agents }: Cloud, signal: AbortSignal): Promise<void> {
  const { state, ledger } = control;
  const areReady = () => agents.every(({ nodeId }) => state.nodes.get(nodeId)?.status === "ready");
  while (!areReady() && !signal.aborted) await ledger.changed(state.index, signal);
}

function welcome(cloud: Cloud, settings: Settings, places: FractalsPlaces | undefined): string {
  const { control, address } = cloud;
  const nodes = [...control.state.nodes.values()];
  const drivers = [
    ...new Set(
      nodes.flatMap((node) =>
        Object.entries(node.drivers)
          .filter(([, one]) => one.isHealthy)
          .map(([name]) => name),
      ),
    ),
  ];
  const lines = [
    "",
    "Fractus is running.",
    "",
    `  cloud     ${address}/          HTTP API at ${address}/v1`,
    `  nodes     ${nodes.length}, with ${drivers.join(", ")}`,
    ...(cloud.joinAddress ? [`  join      ${cloud.joinAddress}   fractus token prints the token`] : []),
    ...(cloud.dnsPort === undefined
      ? []
      : [`  names     NAME.service.fractus at 127.0.0.1:${cloud.dnsPort}`]),
    `  data      ${shown(settings.dataDirectory)}`,
  ];
  if (places) {
    const gallery = galleryUrl(places);
    lines.push(
      "",
      `Fractals runs on it, ${places.isIsolated ? "each task in a root file system of its own" : "as processes"}.`,
      "",
      `  gallery   ${gallery}/`,
      `  API       ${gallery}/v1/fractal        described at ${gallery}/docs`,
      `  queue     ${queueUrl(places)}`,
      `  workers   ${settings.workers}`,
      "",
      `  try       bin/fractus job status fractals`,
      `            bin/fractus job scale fractals worker ${settings.workers + 2}`,
      `            bin/faafo --endpoint-url ${gallery} --verbose create`,
    );
  }
  return [...lines, "", "Ctrl-C stops everything."].join("\n");
}

function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith("..") ? path : near || ".";
}

function stopSignals(): Stop {
  const controller = new AbortController();
  let leaves = false;
  const abort = () => controller.abort();
  process.on("SIGINT", abort).on("SIGTERM", abort).on("SIGHUP", abort);
  process.on("SIGUSR2", () => {
    leaves = true;
    abort();
  });
  return { signal: controller.signal, leavesTasks: () => leaves };
}

function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

async function inBackground(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { dataDirectory } = readSettings(argv);
  const logFile = join(dataDirectory, "log", "up.log");
  mkdirSync(join(dataDirectory, "log"), { recursive: true });
  const log = openSync(logFile, "a");
  const child = spawn(process.execPath, [process.argv[1], "up", ...argv], {
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const ended = new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? 1)));
  for (;;) {
    const address = runningIn(dataDirectory)?.address;
    if (address !== undefined) {
      terminal.say(
        `Fractus is running at ${address} as process ${child.pid}; its output goes to ${shown(logFile)}.`,
      );
      child.unref();
      return 0;
    }
    const code = await Promise.race([
      ended,
      new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 50)),
    ]);
    if (code !== undefined) {
      terminal.warn(`It did not start; ${shown(logFile)} says why.`);
      return code || 1;
    }
  }
}
