import type { Queue } from "@fractals/queue/queue.ts";
import { fractalByUuid } from "@fractals/store/fractals.ts";
import type { Store } from "@fractals/store/store.ts";
import type { FastifyInstance } from "fastify";

/** `/healthz`: the process answers. `/readyz`: it can do its work, or which part it lacks. */
export function healthRoutes(
  app: FastifyInstance,
  { store, queue }: { store: Store; queue: Pick<Queue, "isOpen"> },
): void {
  app.get("/healthz", { schema: { summary: "Does the process answer?" } }, async () => ({ status: "ok" }));

  app.get("/readyz", { schema: { summary: "Can it do its work?" } }, async (_, reply) => {
    const database = await fractalByUuid(store.db, "").then(
      () => "ok",
      () => "cannot be read",
    );
    const parts = { database, queue: queue.isOpen() ? "ok" : "cannot be reached" };
    const ready = Object.values(parts).every((state) => state === "ok");
    return reply.code(ready ? 200 : 503).send({ status: ready ? "ok" : "not ready", ...parts });
  });
}
