import { fileURLToPath } from "node:url";
import { openImages } from "@fractals/images/open-images.ts";
import { processLog, type Log } from "@fractals/program/log.ts";
import { UsageError } from "@fractals/program/options.ts";
import { stopSignal } from "@fractals/program/stop-signal.ts";
import { openQueue } from "@fractals/queue/queue.ts";
import { deleteImage, getImage, imageKeys, putImage } from "@fractals/store/images.ts";
import { openStore, type Store } from "@fractals/store/store.ts";
import { buildApp } from "./app.ts";
import { readSettings, type Settings } from "./config.ts";
import { giveUpTasks } from "./give-up.ts";
import { relayLoop } from "./relay.ts";
import { sweepLoop } from "./sweep.ts";

const galleryDirectory = fileURLToPath(new URL("../../gallery/dist", import.meta.url));

/** Runs the API until it is told to stop; resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const settings = readSettings(argv);
    if ("help" in settings) {
      process.stdout.write(settings.help);
      return 0;
    }
    await serve(settings, processLog("faafo.api", settings.level), stopSignal());
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`faafo-api: ${error.message}\n`);
    return 2;
  }
}

async function serve(settings: Settings, log: Log, stop: AbortSignal): Promise<void> {
  const store = await openStore(settings.databaseUrl);
  const images = await openImages(settings.imageStore, imageTable(store));
  const queue = openQueue(settings.transportUrl, log);
  const relay = relayLoop(store, queue, log);
  const sweep = sweepLoop({ store, images, queue, wakeRelay: relay.wake, log });
  const givenUp = giveUpTasks(queue, store, log);
  queue.onOpen(relay.wake);
  const app = await buildApp({
    store,
    images,
    queue,
    wake: { relay: relay.wake, sweep: sweep.wake },
    galleryDirectory,
    log,
  });

  await app.listen({ host: settings.host, port: settings.port });
  log.info(`listening on ${app.listeningOrigin}, pictures in ${images.description}`);
  sweep.wake();
  await new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve(), { once: true }));

  log.info("stopping");
  await app.close();
  await Promise.all([relay.stop(), sweep.stop(), givenUp.stop()]);
  await queue.close();
  await store.close();
}

function imageTable({ db }: Store) {
  return {
    put: (key: string, bytes: Uint8Array) => putImage(db, key, bytes),
    get: (key: string) => getImage(db, key),
    delete: (key: string) => deleteImage(db, key),
    keys: () => imageKeys(db),
  };
}
