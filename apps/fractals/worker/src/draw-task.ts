/**
 * One task, from being taken to being settled.
 *
 *   taken    -> begun     the API has noted who draws it; a fractal that is gone or has ended needs no drawing
 *   begun    -> drawn     the picture is in memory
 *   drawn    -> done      the API has the picture; only now may the queue forget the task
 *   begun    -> failed    it can never be drawn: the API knows why
 *   any      -> again     the worker was told to stop first: the task goes back to the queue
 *
 * The API may be away at any of these steps: the worker keeps the task and tries again.
 */
import { ApiError, type FractalsClient } from "@fractals/client/client.ts";
import type { Fractal } from "@fractals/client/fractal.ts";
import type { Pool, Rendered } from "@fractals/kernel/pool.ts";
import { PictureError } from "@fractals/kernel/limits.ts";
import { thumbnail } from "@fractals/kernel/thumbnail.ts";
import type { Log } from "@fractals/program/log.ts";
import { backOff, wait } from "@fractals/program/wait.ts";
import type { Outcome } from "@fractals/queue/queue.ts";
import type { Task } from "@fractals/queue/task.ts";

export interface DrawDependencies {
  readonly api: Pick<FractalsClient, "begin" | "finish" | "fail">;
  readonly pool: Pick<Pool, "render">;
  readonly worker: string;
  readonly log: Log;
  /** Told how far the picture is, from 0 to 1. */
  readonly onProgress: (fraction: number) => void;
}

const thumbnailWidth = 480;

/** @param signal aborted when there is no more time for this task */
export async function drawTask(
  task: Task,
  dependencies: DrawDependencies,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    return await settle(task, dependencies, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    dependencies.log.info(`giving back fractal ${task.uuid}`);
    return "again";
  }
}

async function settle(task: Task, dependencies: DrawDependencies, signal: AbortSignal): Promise<Outcome> {
  const { api, worker, log } = dependencies;
  const begun = await untilAnswered(() => api.begin(task.uuid, worker), dependencies, signal);
  if (begun === undefined || begun.status !== "drawing") {
    log.info(`nothing to draw for ${task.uuid}: it is ${begun?.status ?? "deleted"}`);
    return "done";
  }
  const result = await draw(task, dependencies, signal);
  if ("error" in result) return giveUp(task, result.error, dependencies, signal);
  try {
    await untilAnswered(
      () => api.finish(task.uuid, { ...result, generated_by: worker }),
      dependencies,
      signal,
    );
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return giveUp(task, `the API refused the picture: ${error.message}`, dependencies, signal);
  }
  log.info(`drew ${task.uuid} in ${result.duration.toFixed(6)} seconds`);
  return "done";
}

async function giveUp(
  task: Task,
  error: string,
  dependencies: DrawDependencies,
  signal: AbortSignal,
): Promise<Outcome> {
  const { api, worker, log } = dependencies;
  log.warning(`cannot draw ${task.uuid}: ${error}`);
  await untilAnswered(() => api.fail(task.uuid, { generated_by: worker, error }), dependencies, signal);
  return "done";
}

/** `duration` in seconds. */
type Drawing = Pick<Rendered, "png" | "timings"> & {
  readonly duration: number;
  readonly thumbnail: Uint8Array;
};

async function draw(
  { picture }: Task,
  { pool, onProgress }: DrawDependencies,
  signal: AbortSignal,
): Promise<Drawing | { readonly error: string }> {
  try {
    const startedAt = performance.now();
    const { png, timings } = await pool.render(picture, { signal, onProgress });
    const duration = (performance.now() - startedAt) / 1000;
    return { png, timings, duration, thumbnail: await thumbnail(png, thumbnailWidth) };
  } catch (error) {
    if (error instanceof PictureError || error instanceof RangeError) return { error: error.message };
    throw error;
  }
}

/** Asks the API until it answers: undefined when it knows no such fractal (any more). What it refuses is thrown. */
async function untilAnswered(
  ask: () => Promise<Fractal>,
  { log }: DrawDependencies,
  signal: AbortSignal,
): Promise<Fractal | undefined> {
  const pauses = backOff(200, 5000);
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      if (error instanceof ApiError && error.status < 500) throw error;
      log.warning(`the API cannot be reached: ${error instanceof Error ? error.message : String(error)}`);
      await wait(pauses.nextMs(), signal);
    }
  }
}
