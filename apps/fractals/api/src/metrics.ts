import { statuses, type WorkersView } from "@fractals/client/fractal.ts";
import type { FastifyInstance } from "fastify";
import { Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

/** Figures for Prometheus at `/metrics`. Counts of fractals and the queue are read when they are asked for. */
export function metricsRoutes(
  app: FastifyInstance,
  view: () => Promise<WorkersView>,
): { drawn(seconds: number): void } {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  // Measuring the loop's delay wakes the process each time: every 10 ms, unless it is told otherwise.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 1000 });
  const requests = new Histogram({
    name: "fractals_http_request_seconds",
    help: "Time from the request to the end of the answer.",
    labelNames: ["method", "route", "status"],
    registers,
  });
  const drawing = new Histogram({
    name: "fractals_drawing_seconds",
    help: "Time a worker needed for a picture.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers,
  });
  const fractals = new Gauge({
    name: "fractals_total",
    help: "Fractals by state.",
    labelNames: ["status"],
    registers,
  });
  const depth = new Gauge({
    name: "fractals_queue_depth",
    help: "Tasks waiting in the queue; NaN when it cannot be asked.",
    registers,
  });
  const workers = new Gauge({
    name: "fractals_workers",
    help: "Workers that were heard of late.",
    registers,
  });

  app.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "unknown";
    requests.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
  app.get(
    "/metrics",
    { schema: { summary: "Figures for Prometheus", produces: ["text/plain"] } },
    async (_, reply) => {
      const current = await view();
      for (const status of statuses) fractals.set({ status }, current.totals[status]);
      depth.set(current.queue.depth ?? Number.NaN);
      workers.set(current.workers.length);
      return reply.type(registry.contentType).send(await registry.metrics());
    },
  );
  return { drawn: (seconds) => drawing.observe(seconds) };
}
