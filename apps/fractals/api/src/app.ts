import fastifySwagger from "@fastify/swagger";
import fastifySwaggerUi from "@fastify/swagger-ui";
import type { ImageStore } from "@fractals/images/image-store.ts";
import type { Log } from "@fractals/program/log.ts";
import type { Queue } from "@fractals/queue/queue.ts";
import type { Store } from "@fractals/store/store.ts";
import Fastify, { type FastifyInstance } from "fastify";
import { answerErrors, Fault } from "./answer.ts";
import { eventsRoutes } from "./events-routes.ts";
import { fractalsRoutes } from "./fractals-routes.ts";
import { galleryRoutes } from "./gallery-routes.ts";
import { healthRoutes } from "./health-routes.ts";
import { imagesRoutes } from "./images-routes.ts";
import { metricsRoutes } from "./metrics.ts";
import { resultsRoutes } from "./results-routes.ts";
import { validatorCompiler } from "./validate.ts";
import { workersRoutes } from "./workers-routes.ts";
import { workersView } from "./workers-view.ts";

export interface AppDependencies {
  readonly store: Store;
  readonly images: ImageStore;
  readonly queue: Pick<Queue, "depth" | "isOpen">;
  readonly wake: { relay(): void; sweep(): void };
  readonly galleryDirectory: string;
  readonly log: Log;
}

const bodyLimit = 4 * 1024 * 1024;

/** All routes in one application that does not listen yet. */
export async function buildApp(dependencies: AppDependencies): Promise<FastifyInstance> {
  const { store, images, queue, log } = dependencies;
  const app = Fastify({
    bodyLimit,
    forceCloseConnections: "idle",
  });
  app.setValidatorCompiler(validatorCompiler());
  app.setErrorHandler(answerErrors(log));
  app.setNotFoundHandler((request) => {
    throw new Fault(
      404,
      `There is no ${request.method} ${request.url.split("?")[0]} here; /docs lists what there is.`,
    );
  });
  app.addHook("onSend", async (_, reply) => {
    void reply.header("x-content-type-options", "nosniff").header("referrer-policy", "no-referrer");
  });
  await app.register(fastifySwagger, {
    openapi: { info: { title: "Fractals", description: "Request fractals and look at them.", version: "1" } },
  });
  await app.register(fastifySwaggerUi, { routePrefix: "/docs", staticCSP: true });

  const view = () => workersView(store, queue, Date.now());
  const metrics = metricsRoutes(app, view);
  const events = eventsRoutes(app, {
    store,
    view,
    onError: (error) => log.error("an event could not be told", error),
  });
  fractalsRoutes(app, dependencies);
  resultsRoutes(app, { store, images, onDrawn: metrics.drawn });
  imagesRoutes(app, { store, images });
  workersRoutes(app, { store, view, onBeat: events.workersChanged });
  healthRoutes(app, { store, queue });
  app.get("/openapi.json", { schema: { hide: true } }, () => app.swagger());
  await galleryRoutes(app, dependencies.galleryDirectory);
  return app;
}
