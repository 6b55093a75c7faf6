import { existsSync } from "node:fs";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { Fault } from "./answer.ts";

const policy = [
  "default-src 'self'",
  "img-src 'self' blob: data:",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'self'",
  "object-src 'none'",
].join("; ");

/** The gallery's files. Names with a hash in them may be kept for ever; the page itself is asked for each time. */
export async function galleryRoutes(app: FastifyInstance, directory: string): Promise<void> {
  if (!existsSync(`${directory}/index.html`)) {
    app.get("/", { schema: { hide: true } }, () => {
      throw new Fault(
        404,
        "The gallery is not built here; the API is at /v1/fractal, its description at /docs.",
      );
    });
    return;
  }
  await app.register(fastifyStatic, {
    root: directory,
    wildcard: false,
    cacheControl: false,
    setHeaders(reply, path) {
      reply.header("content-security-policy", policy);
      reply.header(
        "cache-control",
        path.includes("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
      );
    },
  });
}
