import type { Picture } from "@fractals/kernel/picture.ts";
import type { PreviewAnswer, PreviewOrder } from "./preview-worker.ts";

let worker: Worker | undefined;
let lastId = 0;
const waiting = new Map<number, (answer: PreviewAnswer) => void>();

/**
 * Draws a picture in a web worker, pixel for pixel as the server would.
 *
 * @throws the signal's reason when it is aborted; an Error when the kernel cannot run here
 */
export async function drawPreview(picture: Picture, signal: AbortSignal): Promise<ImageData> {
  signal.throwIfAborted();
  worker ??= startWorker();
  const id = ++lastId;
  const order = (message: PreviewOrder) => worker?.postMessage(message, []);
  const answer = await new Promise<PreviewAnswer>((resolve, reject) => {
    waiting.set(id, resolve);
    signal.addEventListener("abort", () => {
      waiting.delete(id);
      order({ id });
      reject(signal.reason as Error);
    });
    order({ id, picture });
  });
  if ("error" in answer) throw new Error(answer.error);
  return new ImageData(answer.rgba, answer.width, answer.height);
}

/** The same view with at most so many pixels across. */
export function scaledTo(picture: Picture, { width, samples }: { width: number; samples: number }): Picture {
  const factor = Math.min(1, width / picture.width);
  return {
    ...picture,
    width: Math.max(2, Math.round(picture.width * factor)),
    height: Math.max(2, Math.round(picture.height * factor)),
    samples: Math.min(samples, picture.samples),
  };
}

function startWorker(): Worker {
  const started = new Worker(new URL("./preview-worker.ts", import.meta.url), { type: "module" });
  started.addEventListener("message", ({ data }: MessageEvent<PreviewAnswer>) => {
    waiting.get(data.id)?.(data);
    waiting.delete(data.id);
  });
  started.addEventListener("error", ({ message }) => {
    for (const [id, answer] of waiting) answer({ id, error: message || "The worker could not be started." });
    waiting.clear();
  });
  return started;
}
