import type { Fractal, Timings } from "@fractals/client/fractal.ts";
import type { FractalRow } from "@fractals/store/schema.ts";

/** A row of the database as the API writes it. */
export function fractalJson(row: FractalRow): Fractal {
  return {
    uuid: row.uuid,
    status: row.status,
    kind: row.kind,
    width: row.width,
    height: row.height,
    iterations: row.iterations,
    xa: row.xa,
    xb: row.xb,
    ya: row.ya,
    yb: row.yb,
    cx: row.cx,
    cy: row.cy,
    power: row.power,
    palette: row.palette,
    colouring: row.colouring,
    samples: row.samples,
    seed: row.seed,
    url: `/fractal/${row.uuid}`,
    duration: row.duration,
    size: row.size,
    checksum: row.checksum,
    generated_by: row.generated_by,
    attempts: row.attempts,
    created_at: isoTime(row.created_at_ms)!,
    started_at: isoTime(row.started_at_ms),
    finished_at: isoTime(row.finished_at_ms),
    timings: row.timings === null ? null : (JSON.parse(row.timings) as Timings),
    error: row.error,
  };
}

export function isoTime(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
