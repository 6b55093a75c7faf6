import { createHash } from "node:crypto";
import type { Drawn } from "@fractals/client/fractal.ts";
import type { ImageStore } from "@fractals/images/image-store.ts";
import { beginFractal, endFractal, fractalByUuid, type Ending } from "@fractals/store/fractals.ts";
import type { FractalRow } from "@fractals/store/schema.ts";
import type { Store } from "@fractals/store/store.ts";
import type { FastifyInstance } from "fastify";
import { Fault, noFractal } from "./answer.ts";
import { fractalJson } from "./fractal-json.ts";
import { imageKeysOf, pictureKey, thumbnailKey } from "./image-keys.ts";
import * as schema from "./schemas.ts";

interface Dependencies {
  readonly store: Store;
  readonly images: ImageStore;
  /** Told the seconds that each finished drawing took. */
  readonly onDrawn: (seconds: number) => void;
}

interface Update extends Partial<Drawn> {
  readonly status?: "drawing" | "failed" | "done";
  readonly generated_by: string;
  readonly error?: string;
  readonly image?: string;
  readonly thumbnail?: string;
  readonly checksum?: string;
  readonly size?: number;
}

/** Base64 of the largest picture that can be asked for, uncompressed, and some room for the rest. */
const bodyLimit = 176 * 1024 * 1024;

/**
 * What a worker does: `PUT` says that it begins, hands over the picture, or gives up (CL-17: the worker
 * never writes the database itself). Each may be repeated: a fractal that has ended stays as it is.
 */
export function resultsRoutes(app: FastifyInstance, dependencies: Dependencies): void {
  app.put(
    "/v1/fractal/:uuid",
    {
      bodyLimit,
      schema: {
        summary: "A worker begins, hands over the picture, or gives up",
        params: schema.UuidParams,
        body: schema.FractalUpdate,
        response: { 200: schema.FractalAnswer },
      },
    },
    async ({ params, body }) => {
      const { uuid } = params as { uuid: string };
      const update = body as Update;
      const row = await fractalByUuid(dependencies.store.db, uuid);
      if (!row) throw noFractal(uuid);
      if (row.status === "done" || row.status === "failed") return fractalJson(row);
      const changed = await apply(dependencies, row, update);
      if (changed) return fractalJson(changed);
      return fractalJson(await settledMeanwhile(dependencies, uuid));
    },
  );
}

function apply(dependencies: Dependencies, row: FractalRow, update: Update): Promise<FractalRow | undefined> {
  if (update.image !== undefined) return finish(dependencies, row, update, update.image);
  switch (update.status) {
    case "drawing":
      return changing(dependencies.store, row.uuid, (transaction) =>
        beginFractal(transaction, row.uuid, { worker: update.generated_by, nowMs: Date.now() }),
      );
    case "failed":
      return end(dependencies.store, row.uuid, {
        status: "failed",
        error: update.error ?? "The worker gave no reason.",
        generated_by: update.generated_by,
        finished_at_ms: Date.now(),
      });
    default:
      throw new Fault(400, "image is missing: a fractal is done when its picture is here.", "image");
  }
}

/** The picture first, then the row: a fractal that is `done` always has its picture. */
async function finish(
  { store, images, onDrawn }: Dependencies,
  row: FractalRow,
  update: Update,
  image: string,
): Promise<FractalRow | undefined> {
  const png = checkedPng(row, image, update);
  await images.put(pictureKey(row.uuid), png);
  if (update.thumbnail !== undefined) {
    await images.put(thumbnailKey(row.uuid), pngOf(update.thumbnail, "thumbnail"));
  }
  const duration = update.duration ?? 0;
  const ended = await end(store, row.uuid, {
    status: "done",
    generated_by: update.generated_by,
    finished_at_ms: Date.now(),
    duration,
    size: png.length,
    checksum: sha256(png),
    timings: update.timings ? JSON.stringify(update.timings) : null,
  });
  if (ended) onDrawn(duration);
  return ended;
}

/** Nothing was changed because someone was faster: they ended it, or deleted it and its pictures must go too. */
async function settledMeanwhile({ store, images }: Dependencies, uuid: string): Promise<FractalRow> {
  const row = await fractalByUuid(store.db, uuid);
  if (row) return row;
  for (const key of imageKeysOf(uuid)) await images.delete(key);
  throw noFractal(uuid);
}

function end(store: Store, uuid: string, ending: Ending): Promise<FractalRow | undefined> {
  return changing(store, uuid, (transaction) => endFractal(transaction, uuid, ending));
}

function changing(
  store: Store,
  uuid: string,
  work: (transaction: Parameters<typeof beginFractal>[0]) => Promise<FractalRow | undefined>,
): Promise<FractalRow | undefined> {
  return store.change(async (transaction) => {
    const result = await work(transaction);
    return { result, changes: result ? [{ uuid, deleted: false }] : [] };
  });
}

/** @throws {Fault} unless it is a PNG of the size asked for and agrees with what the worker says of it */
function checkedPng(row: FractalRow, image: string, { checksum, size }: Update): Buffer {
  const png = pngOf(image, "image");
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  if (width !== row.width || height !== row.height) {
    throw new Fault(
      400,
      `image is ${width} x ${height} pixels; ${row.width} x ${row.height} were asked for.`,
      "image",
    );
  }
  if (size !== undefined && size !== png.length)
    throw new Fault(400, `size says ${size}, image has ${png.length} bytes.`, "size");
  if (checksum !== undefined && checksum !== sha256(png))
    throw new Fault(400, "checksum is not that of the image.", "checksum");
  return png;
}

const signature = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");

function pngOf(base64: string, field: string): Buffer {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length < 33 || !bytes.subarray(0, 16).equals(signature))
    throw new Fault(400, `${field} is not a PNG in base64.`, field);
  return bytes;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
