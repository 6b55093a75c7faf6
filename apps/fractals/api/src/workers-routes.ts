import type { WorkerBeat } from "@fractals/client/client.ts";
import type { WorkersView } from "@fractals/client/fractal.ts";
import type { Store } from "@fractals/store/store.ts";
import { forgetWorkers, noteWorker } from "@fractals/store/workers.ts";
import type { FastifyInstance } from "fastify";
import * as schema from "./schemas.ts";

interface Dependencies {
  readonly store: Store;
  readonly view: () => Promise<WorkersView>;
  readonly onBeat: () => void;
}

/** The workers: who there is, their beat, and their leave-taking, after which they are not shown as silent but gone. */
export function workersRoutes(app: FastifyInstance, { store, view, onBeat }: Dependencies): void {
  app.get(
    "/v1/worker",
    { schema: { summary: "Who draws what now", response: { 200: schema.WorkersAnswer } } },
    view,
  );

  app.put(
    "/v1/worker/:name",
    { schema: { summary: "A worker's beat", params: schema.WorkerParams, body: schema.WorkerBeatBody } },
    async ({ params, body }, reply) => {
      const { name } = params as { name: string };
      await noteWorker(store.db, { name, ...(body as WorkerBeat), seen_at_ms: Date.now() });
      onBeat();
      return reply.code(204).send();
    },
  );

  app.delete(
    "/v1/worker/:name",
    { schema: { summary: "A worker leaves", params: schema.WorkerParams } },
    async ({ params }, reply) => {
      await forgetWorkers(store.db, { name: (params as { name: string }).name });
      onBeat();
      return reply.code(204).send();
    },
  );
}
