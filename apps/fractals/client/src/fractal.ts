/**
 * The fractal as the API writes it: what was asked for, how far it is, and what came of it.
 *
 * States: `queued` (accepted, waiting for a worker), `drawing` (a worker has taken it), `done`
 * (the picture is stored), `failed` (given up, `error` says why). `queued` and `drawing` may
 * alternate when a worker dies; `done` and `failed` are final.
 */
import type { Colouring, Kind, Palette, Picture } from "@fractals/kernel/picture.ts";

export const statuses = ["queued", "drawing", "done", "failed"] as const;
export type Status = (typeof statuses)[number];

/** What a caller may ask for. Whatever is left out is chosen by the API: at random for a Julia constant, by default elsewhere. */
export type FractalRequest = Partial<Picture> & { readonly uuid?: string; readonly seed?: number };

/** How long the parts of one drawing took, in milliseconds. They are measured by the worker. */
export interface Timings {
  readonly computeMs: number;
  readonly colourMs: number;
  readonly encodeMs: number;
}

export interface Fractal {
  readonly uuid: string;
  readonly status: Status;
  readonly kind: Kind;
  /** Pixels. */
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
  /** The seed from which everything random about it was derived. */
  readonly seed: number;
  /** Where the picture is, relative to the API's own address: `/fractal/<uuid>`. */
  readonly url: string;
  /** Seconds from taking the task to having the picture; null until it is done. */
  readonly duration: number | null;
  /** Bytes of the PNG; null until it is done. */
  readonly size: number | null;
  /** SHA-256 of the PNG in hex; null until it is done. */
  readonly checksum: string | null;
  /** The worker that drew it, or draws it now. */
  readonly generated_by: string | null;
  /** How many times a worker has begun to draw it. */
  readonly attempts: number;
  /** ISO 8601, UTC. */
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly timings: Timings | null;
  readonly error: string | null;
}

/** One page of a list. */
export interface FractalPage {
  /** From 1. */
  readonly page: number;
  readonly total_pages: number;
  /** Over all pages. */
  readonly num_results: number;
  readonly objects: readonly Fractal[];
}

export interface ListOptions {
  readonly page?: number;
  /** -1 for all. */
  readonly resultsPerPage?: number;
  readonly status?: Status;
  readonly kind?: Kind;
  /** A field name, with `-` before it for descending order. */
  readonly sort?: string;
}

/** What a worker sends with the picture. */
export interface Drawn {
  readonly duration: number;
  readonly generated_by: string;
  readonly timings: Timings;
}

/** Who draws what now. */
export interface WorkersView {
  readonly queue: {
    /** Tasks waiting in the queue; null while the queue cannot be asked. */
    readonly depth: number | null;
    readonly consumers: number | null;
  };
  readonly workers: readonly {
    readonly name: string;
    readonly host: string;
    readonly pid: number;
    /** ISO 8601: when it last told the API that it is there. */
    readonly seen_at: string;
    readonly drawing: string | null;
    readonly progress: number | null;
    /** Pictures since it started. */
    readonly drawn: number;
  }[];
  readonly rates: { readonly done_last_minute: number; readonly failed_last_minute: number };
  readonly totals: Readonly<Record<Status, number>>;
}

/** One line of `GET /v1/events` (server-sent events; the event's name is `type`). */
export type FractalEvent =
  | { readonly type: "fractal"; readonly fractal: Fractal }
  | { readonly type: "deleted"; readonly uuid: string }
  | { readonly type: "workers"; readonly view: WorkersView };
