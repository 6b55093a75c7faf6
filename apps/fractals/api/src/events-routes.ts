import type { FractalEvent, WorkersView } from "@fractals/client/fractal.ts";
import { fractalsByUuid } from "@fractals/store/fractals.ts";
import type { Store } from "@fractals/store/store.ts";
import type { FastifyInstance } from "fastify";
import type { ServerResponse } from "node:http";
import { fractalJson } from "./fractal-json.ts";

interface Dependencies {
  readonly store: Store;
  readonly view: () => Promise<WorkersView>;
  readonly onError: (error: unknown) => void;
}

/** A listener that reads so slowly that this much waits for it is let go; it will come back and fetch anew. */
const mostWaitingBytes = 1024 * 1024;
const keepAliveMs = 15_000;
const viewEveryMs = 500;

/**
 * Server-sent events: every change of a fractal and of the workers, as it happens.
 * A listener that was away fetches the list again; events are not kept for it.
 *
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function eventsRoutes(
  app: FastifyInstance,
  { store, view, onError }: Dependencies,
): { workersChanged(): void } {
  const listeners = new Set<ServerResponse>();
  const send = (event: FractalEvent) => {
    const text = `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
    for (const listener of listeners) write(listener, text);
  };
  const write = (listener: ServerResponse, text: string) => {
    if (listener.writableLength > mostWaitingBytes) listener.destroy();
    else listener.write(text);
  };

  let viewDue: NodeJS.Timeout | undefined;
  const workersChanged = () => {
    if (listeners.size === 0 || viewDue) return;
    viewDue = setTimeout(() => {
      viewDue = undefined;
      view().then((current) => send({ type: "workers", view: current }), onError);
    }, viewEveryMs);
  };

  store.onChange((changes) => {
    if (listeners.size === 0) return;
    for (const { uuid, deleted } of changes) if (deleted) send({ type: "deleted", uuid });
    const written = changes.filter(({ deleted }) => !deleted).map(({ uuid }) => uuid);
    fractalsByUuid(store.db, written).then((rows) => {
      for (const row of rows) send({ type: "fractal", fractal: fractalJson(row) });
    }, onError);
    workersChanged();
  });

  const keepAlive = setInterval(() => {
    for (const listener of listeners) write(listener, ": still here\n\n");
  }, keepAliveMs);
  keepAlive.unref();

  app.get(
    "/v1/events",
    { schema: { summary: "Changes as server-sent events", produces: ["text/event-stream"] } },
    (request, reply) => {
      reply.hijack();
      const listener = reply.raw;
      listener.writeHead(200, {
        "content-type": "text/event-stream",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
      });
      listener.write("retry: 1000\n\n");
      listeners.add(listener);
      request.raw.once("close", () => listeners.delete(listener));
      workersChanged();
    },
  );
  app.addHook("preClose", async () => {
    clearInterval(keepAlive);
    clearTimeout(viewDue);
    for (const listener of listeners) listener.end();
  });
  return { workersChanged };
}
