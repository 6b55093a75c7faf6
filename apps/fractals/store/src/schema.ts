/**
 * The tables of Fractals, the same in SQLite and PostgreSQL.
 *
 * fractals  what was asked for, how far it is and what came of it; never the picture itself
 * outbox    tasks that are accepted but not yet confirmed by the queue; written with the fractal
 * trash     pictures whose fractal was deleted, until the image store has forgotten them
 * workers   the last beat of each worker
 * images    pictures, when the image store is the database
 */
import type { Generated } from "kysely";
import type { Colouring, Kind, Palette } from "@fractals/kernel/picture.ts";
import type { Status } from "@fractals/client/fractal.ts";

export interface FractalRow {
  readonly uuid: string;
  readonly status: Status;
  readonly kind: Kind;
  readonly width: number;
  readonly height: number;
  readonly iterations: number;
  readonly xa: number;
  readonly xb: number;
  readonly ya: number;
  readonly yb: number;
  readonly cx: number;
  readonly cy: number;
  readonly power: number;
  readonly palette: Palette;
  readonly colouring: Colouring;
  readonly samples: number;
  readonly seed: number;
  readonly generated_by: string | null;
  readonly attempts: number;
  readonly created_at_ms: number;
  readonly started_at_ms: number | null;
  readonly finished_at_ms: number | null;
  /** Seconds. */
  readonly duration: number | null;
  /** Bytes of the PNG. */
  readonly size: number | null;
  /** SHA-256 of the PNG, hex. */
  readonly checksum: string | null;
  /** JSON of `Timings`. */
  readonly timings: string | null;
  readonly error: string | null;
}

export interface OutboxRow {
  readonly position: Generated<number>;
  readonly uuid: string;
}

export interface TrashRow {
  readonly key: string;
}

export interface WorkerRow {
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly seen_at_ms: number;
  readonly drawing: string | null;
  readonly progress: number | null;
  readonly drawn: number;
}

export interface ImageRow {
  readonly key: string;
  readonly bytes: Uint8Array;
}

export interface Schema {
  readonly fractals: FractalRow;
  readonly outbox: OutboxRow;
  readonly trash: TrashRow;
  readonly workers: WorkerRow;
  readonly images: ImageRow;
}
