import { randomInt, randomUUID } from "node:crypto";
import { checkPicture, PictureError } from "@fractals/kernel/limits.ts";
import { randomJulia, seededRoll } from "@fractals/kernel/random-julia.ts";
import type { FractalRequest } from "@fractals/client/fractal.ts";
import type { FractalRow } from "@fractals/store/schema.ts";

const seedLimit = 2 ** 32;

/**
 * Makes a request complete: everything that decides the picture is fixed here, once, so that whoever
 * draws it, and however often, draws the same. A Julia set without a constant gets one by the
 * tutorial's rule, derived from the seed; without a seed one is drawn.
 *
 * @throws {PictureError} naming the field that is wrong
 */
export function accept(request: FractalRequest, nowMs: number): FractalRow {
  const { uuid, seed = randomInt(seedLimit), cx, cy, ...rest } = request;
  if ((cx === undefined) !== (cy === undefined)) {
    throw new PictureError(
      cx === undefined ? "cx" : "cy",
      "cx and cy belong together: give both or neither.",
    );
  }
  const picture = checkPicture({ ...rest, ...(cx !== undefined && { cx, cy }) });
  const constant =
    picture.kind === "julia" && cx === undefined
      ? randomJulia(picture, seededRoll(seed))
      : { cx: picture.cx, cy: picture.cy };
  return {
    ...picture,
    ...constant,
    uuid: uuid ?? randomUUID(),
    seed,
    status: "queued",
    generated_by: null,
    attempts: 0,
    created_at_ms: nowMs,
    started_at_ms: null,
    finished_at_ms: null,
    duration: null,
    size: null,
    checksum: null,
    timings: null,
    error: null,
  };
}
