import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { suite, test } from "node:test";
import {
  beginFractal,
  deleteFractal,
  endFractal,
  endedSince,
  fractalByUuid,
  insertFractals,
  listFractals,
  requeueUnfinished,
  totals,
  type SortField,
} from "./fractals.ts";
import { outboxLength, relayTasks } from "./outbox.ts";
import type { FractalRow } from "./schema.ts";
import type { Store } from "./store.ts";
import { emptyTrash, trashedImages } from "./trash.ts";
import { forgetWorkers, noteWorker, workersSince } from "./workers.ts";

/** A queued fractal; `at` is when it was created. */
function row(at: number, fields: Partial<FractalRow> = {}): FractalRow {
  return {
    uuid: randomUUID(),
    status: "queued",
    kind: "julia",
    width: 649,
    height: 869,
    iterations: 362,
    xa: -1.77488588389,
    xb: 3.08249829401,
    ya: -1.31213919301,
    yb: 1.95281690897,
    cx: -0.4,
    cy: 0.6,
    power: 2,
    palette: "classic",
    colouring: "counts",
    samples: 1,
    seed: 4294967295,
    generated_by: null,
    attempts: 0,
    created_at_ms: at,
    started_at_ms: null,
    finished_at_ms: null,
    duration: null,
    size: null,
    checksum: null,
    timings: null,
    error: null,
    ...fields,
  };
}

const done = (at: number) => ({
  status: "done" as const,
  generated_by: "w",
  finished_at_ms: at,
  duration: 4.163147,
  size: 71585,
  checksum: "ab",
  timings: "{}",
});

/** What the store keeps to on every database. `withStore` gives an empty one. */
export function storeSuite(
  name: string,
  withStore: (use: (store: Store) => Promise<void>) => Promise<void>,
): void {
  const check = (claim: string, use: (store: Store) => Promise<void>) => {
    test(claim, () => withStore(use));
  };

  void suite(`store: ${name}`, () => {
    check("numbers come back exactly as they were written (CL-54)", async ({ db }) => {
      const written = row(1_700_000_000_123, { xa: 0.1 + 0.2, cx: -5e-324, cy: Number.MAX_VALUE });
      await insertFractals(db, [written]);
      assert.deepEqual({ ...(await fractalByUuid(db, written.uuid)) }, written);
    });

    check("writing a uuid again changes nothing and queues nothing", async ({ db }) => {
      const first = row(1);
      await insertFractals(db, [first]);
      await insertFractals(db, [{ ...first, width: 2 }]);
      assert.equal((await fractalByUuid(db, first.uuid))!.width, 649);
      assert.equal(await outboxLength(db), 1);
    });

    check("a page holds its part, newest first, and says how many there are", async ({ db }) => {
      await insertFractals(
        db,
        Array.from({ length: 25 }, (_, at) => row(at)),
      );
      const sort = { field: "created_at", descending: true } as const;
      const { rows, total } = await listFractals(db, { sort, offset: 20, limit: 10 });
      assert.deepEqual([total, ...rows.map((each) => each.created_at_ms)], [25, 4, 3, 2, 1, 0]);
      assert.equal((await listFractals(db, { sort, offset: 0, limit: undefined })).rows.length, 25);
    });

    check("lists are narrowed by state and kind", async ({ db }) => {
      await insertFractals(db, [
        row(1),
        row(2, { kind: "newton" }),
        row(3, { status: "failed", kind: "newton" }),
      ]);
      const sort = { field: "created_at", descending: false } as const;
      const found = await listFractals(db, { status: "queued", kind: "newton", sort, offset: 0, limit: 10 });
      assert.deepEqual([found.total, found.rows[0].created_at_ms], [1, 2]);
    });

    check("what has no value sorts last, both ways round", async ({ db }) => {
      await insertFractals(db, [row(1, { size: 5 }), row(2), row(3, { size: 7 })]);
      const sizes = async (descending: boolean) => {
        const sort = { field: "size" as SortField, descending };
        return (await listFractals(db, { sort, offset: 0, limit: 10 })).rows.map((each) => each.size);
      };
      assert.deepEqual(
        [await sizes(false), await sizes(true)],
        [
          [5, 7, null],
          [7, 5, null],
        ],
      );
    });

    check("the first result wins; beginning or ending again changes nothing", async ({ db }) => {
      const { uuid } = await inserted(db, row(1));
      assert.equal((await beginFractal(db, uuid, { worker: "a", nowMs: 2 }))!.attempts, 1);
      assert.equal((await beginFractal(db, uuid, { worker: "b", nowMs: 3 }))!.attempts, 2);
      assert.equal((await endFractal(db, uuid, done(4)))!.status, "done");
      assert.equal(await endFractal(db, uuid, { ...done(5), status: "failed" }), undefined);
      assert.equal(await beginFractal(db, uuid, { worker: "c", nowMs: 6 }), undefined);
      const after = (await fractalByUuid(db, uuid))!;
      assert.deepEqual(
        [after.status, after.finished_at_ms, after.attempts, after.duration],
        ["done", 4, 2, 4.163147],
      );
    });

    check("tasks leave the outbox in their order, and stay when the queue refuses", async (store) => {
      const rows = Array.from({ length: 5 }, (_, at) => row(at));
      for (const each of rows) await insertFractals(store.db, [each]);
      await assert.rejects(
        relayTasks(store, 3, () => Promise.reject(new Error("no queue"))),
        /no queue/,
      );
      const published: string[] = [];
      const publish = async (some: readonly FractalRow[]) =>
        void published.push(...some.map((each) => each.uuid));
      assert.equal(await relayTasks(store, 3, publish), 3);
      assert.equal(await relayTasks(store, 3, publish), 2);
      assert.deepEqual(
        published,
        rows.map((each) => each.uuid),
      );
      assert.equal(await outboxLength(store.db), 0);
    });

    check("a deleted fractal leaves its pictures in the trash, and no task", async ({ db }) => {
      const { uuid } = await inserted(db, row(1));
      assert.equal(await deleteFractal(db, uuid, [uuid, `${uuid}.thumb`]), true);
      assert.equal(await deleteFractal(db, uuid, [uuid]), false);
      assert.equal(await outboxLength(db), 0);
      assert.deepEqual((await trashedImages(db, 10)).sort(), [uuid, `${uuid}.thumb`]);
      await emptyTrash(db, [uuid, `${uuid}.thumb`]);
      assert.deepEqual(await trashedImages(db, 10), []);
    });

    check("unfinished fractals can be queued again, but only the old ones", async (store) => {
      await insertFractals(store.db, [
        row(1),
        row(2, { status: "drawing" }),
        row(3, { status: "done" }),
        row(9),
      ]);
      await relayTasks(store, 10, () => Promise.resolve());
      assert.equal(await requeueUnfinished(store.db, 5), 2);
      assert.equal(await requeueUnfinished(store.db, 5), 0);
      assert.equal(await outboxLength(store.db), 2);
    });

    check("counts by state and of the last minute", async ({ db }) => {
      await insertFractals(db, [
        row(1),
        row(2, done(50)),
        row(3, done(100)),
        row(4, { ...done(100), status: "failed" }),
      ]);
      assert.deepEqual(await totals(db), { queued: 1, drawing: 0, done: 2, failed: 1 });
      assert.deepEqual(await endedSince(db, 60), { done: 1, failed: 1 });
    });

    check("a worker is known by its last beat, until it is forgotten", async ({ db }) => {
      const beat = { name: "w", host: "h", pid: 1, drawing: null, progress: null, drawn: 0 };
      await noteWorker(db, { ...beat, seen_at_ms: 1 });
      await noteWorker(db, { ...beat, seen_at_ms: 2, drawn: 7 });
      assert.deepEqual(
        (await workersSince(db, 1)).map((each) => each.drawn),
        [7],
      );
      await forgetWorkers(db, { silentSinceMs: 2 });
      assert.equal((await workersSince(db, 0)).length, 1);
      await forgetWorkers(db, { name: "w" });
      assert.equal((await workersSince(db, 0)).length, 0);
    });

    check("changes are told once they are committed, and not at all when they are not", async (store) => {
      const told: string[] = [];
      store.onChange((changes) =>
        told.push(...changes.map((change) => `${change.uuid}${change.deleted ? " gone" : ""}`)),
      );
      await store.change(async () => ({
        result: 1,
        changes: [
          { uuid: "a", deleted: false },
          { uuid: "b", deleted: true },
        ],
      }));
      await assert.rejects(
        store.change(() => Promise.reject(new Error("undo"))),
        /undo/,
      );
      for (let tries = 0; told.length < 2 && tries < 200; tries++)
        await new Promise((resolve) => setTimeout(resolve, 10));
      assert.deepEqual(told, ["a", "b gone"]);
    });
  });
}

async function inserted(db: Store["db"], one: FractalRow): Promise<FractalRow> {
  await insertFractals(db, [one]);
  return one;
}
