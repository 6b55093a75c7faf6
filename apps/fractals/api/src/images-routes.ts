import type { ImageStore } from "@fractals/images/image-store.ts";
import { fractalByUuid } from "@fractals/store/fractals.ts";
import type { FractalRow } from "@fractals/store/schema.ts";
import type { Store } from "@fractals/store/store.ts";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Fault, noFractal } from "./answer.ts";
import { byteRange } from "./byte-range.ts";
import { pictureKey, thumbnailKey } from "./image-keys.ts";
import * as schema from "./schemas.ts";

interface Dependencies {
  readonly store: Store;
  readonly images: ImageStore;
}

/** The pictures. One never changes once it is there, so it may be kept by whoever has it. */
export function imagesRoutes(app: FastifyInstance, { store, images }: Dependencies): void {
  const options = (summary: string) => ({
    schema: { summary, params: schema.UuidParams, produces: ["image/png"] },
  });

  app.get("/fractal/:uuid", options("The picture"), async (request, reply) => {
    const row = await doneFractal(store, request);
    const png = await images.get(pictureKey(row.uuid));
    if (!png)
      throw new Fault(500, `The picture of fractal ${row.uuid} is missing from the ${images.description}.`);
    return sendPng(request, reply, { png, etag: `"${row.checksum}"`, name: row.uuid });
  });

  app.get("/fractal/:uuid/thumbnail", options("The picture, small"), async (request, reply) => {
    const row = await doneFractal(store, request);
    const png = (await images.get(thumbnailKey(row.uuid))) ?? (await images.get(pictureKey(row.uuid)));
    if (!png)
      throw new Fault(500, `The picture of fractal ${row.uuid} is missing from the ${images.description}.`);
    return sendPng(request, reply, {
      png,
      etag: `"${row.checksum}-${png.length}"`,
      name: `${row.uuid}-thumbnail`,
    });
  });
}

async function doneFractal(store: Store, request: FastifyRequest): Promise<FractalRow> {
  const uuid = (request.params as { uuid: string }).uuid.replace(/\.png$/, "");
  const row = await fractalByUuid(store.db, uuid);
  if (!row) throw noFractal(uuid);
  if (row.status !== "done") {
    const why = row.status === "failed" ? `it failed: ${row.error}` : `it is ${row.status}`;
    throw new Fault(404, `Fractal ${uuid} has no picture, ${why}.`);
  }
  return row;
}

function sendPng(
  request: FastifyRequest,
  reply: FastifyReply,
  { png, etag, name }: { readonly png: Uint8Array; readonly etag: string; readonly name: string },
): FastifyReply {
  void reply
    .header("etag", etag)
    .header("cache-control", "public, max-age=31536000, immutable")
    .header("accept-ranges", "bytes")
    .header("content-disposition", `inline; filename="${name}.png"`)
    .type("image/png");
  if (matches(request.headers["if-none-match"], etag)) return reply.code(304).send();
  const range = byteRange(request.headers.range, png.length);
  const ifRange = request.headers["if-range"];
  if (range === undefined || (ifRange !== undefined && ifRange !== etag)) return reply.send(asBuffer(png));
  if (range === "unsatisfiable")
    return reply.code(416).header("content-range", `bytes */${png.length}`).send();
  return reply
    .code(206)
    .header("content-range", `bytes ${range.first}-${range.last}/${png.length}`)
    .send(asBuffer(png.subarray(range.first, range.last + 1)));
}

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(",").some((part) => ["*", etag].includes(part.trim().replace(/^W\//, "")));
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
