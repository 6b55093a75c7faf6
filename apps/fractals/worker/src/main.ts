import { fractalsClient } from "@fractals/client/client.ts";
import { createPool } from "@fractals/kernel/pool.ts";
import { processLog, type Log } from "@fractals/program/log.ts";
import { UsageError } from "@fractals/program/options.ts";
import { stopSignal } from "@fractals/program/stop-signal.ts";
import { openQueue } from "@fractals/queue/queue.ts";
import { startBeat } from "./beat.ts";
import { readSettings, type Settings } from "./config.ts";
import { drawTask } from "./draw-task.ts";

/** Draws until it is told to stop; resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const settings = readSettings(argv);
    if ("help" in settings) {
      process.stdout.write(settings.help);
      return 0;
    }
    await work(settings, processLog("faafo.worker", settings.level), stopSignal());
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`faafo-worker: ${error.message}\n`);
    return 2;
  }
}

async function work(settings: Settings, log: Log, stop: AbortSignal): Promise<void> {
  const api = fractalsClient(settings.endpointUrl);
  const pool = createPool({ threads: settings.threads });
  const queue = openQueue(settings.transportUrl, log);
  const beat = startBeat(api, settings.name, { host: settings.host, pid: process.pid });
  log.info(`${settings.name} draws for ${settings.endpointUrl} on ${settings.threads} thread(s)`);

  const consumer = queue.consume({
    async handle({ task }, stopping) {
      beat.drawing(task.uuid);
      const dependencies = { api, pool, worker: settings.name, log, onProgress: beat.progress };
      const outcome = await drawTask(task, dependencies, afterGrace(stopping, settings.graceMs));
      beat.idle(outcome === "done");
      return outcome;
    },
    reject: (body, error) =>
      log.error(`dropped a message that is no task: ${body.subarray(0, 200).toString()}`, error),
  });
  await new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve(), { once: true }));

  log.info("stopping");
  await consumer.stop();
  await Promise.all([queue.close(), beat.stop(), pool.close()]);
}

/** Aborted a while after `signal`, so that a picture that is nearly there may be finished. */
function afterGrace(signal: AbortSignal, graceMs: number): AbortSignal {
  const controller = new AbortController();
  const end = () => controller.abort(signal.reason);
  signal.addEventListener("abort", () => setTimeout(end, graceMs).unref(), { once: true });
  return controller.signal;
}
