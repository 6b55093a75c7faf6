import type { Fractal, FractalPage, FractalRequest, ListOptions } from "@fractals/client/fractal.ts";
import {
  deleteFractal,
  fractalByUuid,
  fractalsByUuid,
  insertFractals,
  listFractals,
  type SortField,
} from "@fractals/store/fractals.ts";
import type { Store } from "@fractals/store/store.ts";
import type { FastifyInstance } from "fastify";
import { accept } from "./accept.ts";
import { Fault, noFractal } from "./answer.ts";
import { fractalJson } from "./fractal-json.ts";
import { imageKeysOf } from "./image-keys.ts";
import * as schema from "./schemas.ts";

interface Dependencies {
  readonly store: Store;
  /** There is a new task in the outbox, or a picture in the trash. */
  readonly wake: { relay(): void; sweep(): void };
}

/** What people and pages do with fractals: list, request, look at, delete. */
export function fractalsRoutes(app: FastifyInstance, { store, wake }: Dependencies): void {
  app.get(
    "/v1/fractal",
    {
      schema: {
        summary: "List fractals",
        querystring: schema.ListQuery,
        response: { 200: schema.FractalPageAnswer },
      },
    },
    async ({ query }) => list(store, query as ListQuery),
  );

  const create = async (requests: readonly FractalRequest[]): Promise<Fractal[]> => {
    const rows = requests.map((request) => accept(request, Date.now()));
    await store.change(async (transaction) => {
      await insertFractals(transaction, rows);
      return { result: undefined, changes: rows.map(({ uuid }) => ({ uuid, deleted: false })) };
    });
    wake.relay();
    const written = await fractalsByUuid(
      store.db,
      rows.map((row) => row.uuid),
    );
    const byUuid = new Map(written.map((row) => [row.uuid, fractalJson(row)]));
    return rows.flatMap((row) => byUuid.get(row.uuid) ?? []);
  };

  app.post(
    "/v1/fractal",
    {
      schema: {
        summary: "Request a fractal",
        body: schema.FractalRequestBody,
        response: { 201: schema.FractalAnswer },
      },
    },
    async ({ body }, reply) => {
      const [fractal] = await create([body as FractalRequest]);
      return reply.code(201).header("location", `/v1/fractal/${fractal.uuid}`).send(fractal);
    },
  );

  app.post(
    "/v1/fractals",
    {
      schema: {
        summary: "Request up to 1000 fractals at once: all of them or none",
        body: schema.FractalRequestBodies,
        response: { 201: schema.FractalsAnswer },
      },
    },
    async ({ body }, reply) => reply.code(201).send({ objects: await create(body as FractalRequest[]) }),
  );

  app.get(
    "/v1/fractal/:uuid",
    {
      schema: { summary: "One fractal", params: schema.UuidParams, response: { 200: schema.FractalAnswer } },
    },
    async ({ params }) => {
      const { uuid } = params as { uuid: string };
      const row = await fractalByUuid(store.db, uuid);
      if (!row) throw noFractal(uuid);
      return fractalJson(row);
    },
  );

  app.delete(
    "/v1/fractal/:uuid",
    { schema: { summary: "Delete a fractal and its picture", params: schema.UuidParams } },
    async ({ params }, reply) => {
      const { uuid } = params as { uuid: string };
      const deleted = await store.change(async (transaction) => {
        const result = await deleteFractal(transaction, uuid, imageKeysOf(uuid));
        return { result, changes: result ? [{ uuid, deleted: true }] : [] };
      });
      if (!deleted) throw noFractal(uuid);
      wake.sweep();
      return reply.code(204).send();
    },
  );
}

type ListQuery = Required<Pick<ListOptions, "page" | "sort">> &
  Pick<ListOptions, "status" | "kind"> & { results_per_page: number };

async function list(store: Store, query: ListQuery): Promise<FractalPage> {
  const all = query.results_per_page === -1;
  if (query.results_per_page === 0)
    throw new Fault(400, "results_per_page must be -1 or from 1 to 1000.", "results_per_page");
  const { rows, total } = await listFractals(store.db, {
    ...(query.status && { status: query.status }),
    ...(query.kind && { kind: query.kind }),
    sort: { field: query.sort.replace("-", "") as SortField, descending: query.sort.startsWith("-") },
    offset: all ? 0 : (query.page - 1) * query.results_per_page,
    limit: all ? undefined : query.results_per_page,
  });
  return {
    page: all ? 1 : query.page,
    total_pages: all ? 1 : Math.ceil(total / query.results_per_page),
    num_results: total,
    objects: rows.map(fractalJson),
  };
}
