/** Everything meets here: settings are read, ports found, processes begun, watched and stopped. */
import { join, relative } from "node:path";
import { Refusal } from "@fractus/core/refusal.ts";
import { firstFractals } from "./demo.ts";
import { endpointUrl, fractalsProcesses, transportUrl, type FractalsPlaces } from "./fractals-processes.ts";
import { freePort } from "./free-port.ts";
import { help, readOptions, type Settings } from "./options.ts";
import { whenReady } from "./ready.ts";
import { takeDataDirectory } from "./run-file.ts";
import { supervise, type ProcessSpec, type Supervised } from "./supervise.ts";

const readyLimitMs = 20_000;
const say = (line: string) => void process.stdout.write(`${line}\n`);
const warn = (line: string) => void process.stderr.write(`${line}\n`);

/** Runs Fractals until Ctrl-C; resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const settings = readOptions(argv);
    if (settings === "help") say(help);
    else await run(settings, stopSignal());
    return 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    warn(`fractus: ${error.message}`);
    return 1;
  }
}

async function run(settings: Settings, stop: AbortSignal): Promise<void> {
  const runFile = await takeDataDirectory(settings.dataDirectory);
  const places = await findPlaces(settings);
  const supervised: Supervised[] = [];
  const logDirectory = join(settings.dataDirectory, "log");
  const onChange = () =>
    runFile.write(
      supervised.flatMap(({ name, identity }) => {
        const running = identity();
        return running ? [{ name, ...running }] : [];
      }),
    );
  const onEnd = (name: string, how: string, pauseMs: number) =>
    warn(
      `${name} ${how}; it starts again in ${pauseMs / 1000} s. Its log: ${shown(join(logDirectory, `${name}.log`))}`,
    );
  const begin = (spec: ProcessSpec) => {
    supervised.push(supervise(spec, { logDirectory, onEnd, onChange }));
    onChange();
  };
  const { services, workers } = fractalsProcesses(places);
  try {
    // Workers would only compete for the cores until there is something to connect to.
    services.forEach(begin);
    await whenReady(`${endpointUrl(places)}/readyz`, readyLimitMs, stop);
    if (!stop.aborted) workers.forEach(begin);
    if (!stop.aborted) say(welcome(places));
    if (settings.demo && !stop.aborted) await firstFractals(settings.dataDirectory, endpointUrl(places));
    await whenAborted(stop);
  } finally {
    for (const each of stopOrder(supervised)) await Promise.all(each.map((one) => one.stop()));
    runFile.remove();
  }
  say("Everything has stopped.");
}

async function findPlaces({
  host,
  port,
  amqpPort,
  dataDirectory,
  workers,
}: Settings): Promise<FractalsPlaces> {
  return {
    host,
    dataDirectory,
    workers,
    port: await freePort({ host, wanted: port, purpose: "the gallery" }, warn),
    amqpPort: await freePort({ host, wanted: amqpPort, purpose: "the message broker" }, warn),
  };
}

/** Workers first, so that each can hand over or give back what it draws; then the API, then the broker. */
function stopOrder(supervised: readonly Supervised[]): Supervised[][] {
  const named = (name: string) => supervised.filter((each) => each.name === name);
  return [supervised.filter((each) => each.name.startsWith("worker")), named("api"), named("broker")];
}

function welcome(places: FractalsPlaces): string {
  const endpoint = endpointUrl(places);
  return `
Fractals is running.

  gallery   ${endpoint}/
  API       ${endpoint}/v1/fractal        described at ${endpoint}/docs
  queue     ${transportUrl(places)}
  workers   ${places.workers}
  data      ${shown(places.dataDirectory)}, logs in ${shown(join(places.dataDirectory, "log"))}

  try       bin/faafo --endpoint-url ${endpoint} --verbose create

Ctrl-C stops everything.`;
}

function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith("..") ? path : near || ".";
}

function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort();
  process.on("SIGINT", abort).on("SIGTERM", abort).on("SIGHUP", abort);
  return controller.signal;
}

function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
