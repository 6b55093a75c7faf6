/** The built pages of the dashboard: a few files, which are read again when they have been built anew. */
import { readFileSync, statSync } from "node:fs";
import { extname, join, normalize, sep } from "node:path";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};

/** Nothing is loaded from elsewhere, and no page may frame these. */
const policy =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/** Serves the files of a directory at `/`, and its index for every page that is none of them. */
export function serveDashboard(app: FastifyInstance, directory: string): void {
  app.setNotFoundHandler((request, reply) => {
    const path = decodePath(request.url);
    const isPage = request.method === "GET" || request.method === "HEAD";
    if (isPage && path !== undefined && !path.startsWith("/v1/")) {
      const file = readInside(directory, path === "/" ? "/index.html" : path);
      if (file) return answer(reply, path, file);
      const index = wantsPage(request) ? readInside(directory, "/index.html") : undefined;
      if (index) return answer(reply, "/index.html", index);
    }
    return reply
      .code(404)
      .type("text/plain; charset=utf-8")
      .send(`There is nothing at ${request.url.split("?")[0]}.\n`);
  });
}

function decodePath(url: string): string | undefined {
  try {
    return decodeURIComponent(url.split("?")[0]);
  } catch {
    return undefined;
  }
}

function wantsPage(request: FastifyRequest): boolean {
  return (request.headers.accept ?? "").includes("text/html");
}

function readInside(directory: string, path: string): Buffer | undefined {
  const full = normalize(join(directory, path));
  if (path.includes("\0") || !full.startsWith(directory + sep)) return undefined;
  try {
    return statSync(full).isFile() ? readFileSync(full) : undefined;
  } catch {
    return undefined;
  }
}

function answer(reply: FastifyReply, path: string, body: Buffer): FastifyReply {
  // Assets bear a hash of what is in them in their names; pages do not.
  const isLasting = path.startsWith("/assets/");
  return reply
    .headers({
      "Cache-Control": isLasting ? "public, max-age=31536000, immutable" : "no-cache",
      "Content-Security-Policy": policy,
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
    })
    .code(200)
    .type(types[extname(path) || ".html"] ?? "application/octet-stream")
    .send(body);
}
