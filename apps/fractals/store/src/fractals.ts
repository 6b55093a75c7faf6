import { sql, type Kysely, type SelectQueryBuilder, type Transaction } from "kysely";
import type { FractalRow, Schema } from "./schema.ts";
import type { ListOptions, Status } from "@fractals/client/fractal.ts";
import { statuses } from "@fractals/client/fractal.ts";

type Database = Kysely<Schema> | Transaction<Schema>;

/** The fields by which a list may be sorted and the columns that hold them. */
export const sortColumns = {
  created_at: "created_at_ms",
  finished_at: "finished_at_ms",
  duration: "duration",
  size: "size",
  iterations: "iterations",
  width: "width",
  height: "height",
  kind: "kind",
  status: "status",
  uuid: "uuid",
} as const satisfies Record<string, keyof FractalRow>;

export type SortField = keyof typeof sortColumns;

/** Fields without a value until a fractal is done; SQLite and PostgreSQL would sort the gaps differently. */
const nullable: ReadonlySet<SortField> = new Set(["finished_at", "duration", "size"]);

/** Writes new fractals and their tasks in the outbox; a uuid that exists already is left as it is. */
export async function insertFractals(db: Database, rows: readonly FractalRow[]): Promise<void> {
  const inserted = await db
    .insertInto("fractals")
    .values([...rows])
    .onConflict((conflict) => conflict.column("uuid").doNothing())
    .returning("uuid")
    .execute();
  if (inserted.length === 0) return;
  await db
    .insertInto("outbox")
    .values(inserted.map(({ uuid }) => ({ uuid })))
    .execute();
}

export async function fractalByUuid(db: Database, uuid: string): Promise<FractalRow | undefined> {
  return db.selectFrom("fractals").selectAll().where("uuid", "=", uuid).executeTakeFirst();
}

export async function fractalsByUuid(db: Database, uuids: readonly string[]): Promise<FractalRow[]> {
  if (uuids.length === 0) return [];
  return db.selectFrom("fractals").selectAll().where("uuid", "in", uuids).execute();
}

export interface Page {
  readonly rows: readonly FractalRow[];
  /** Over all pages. */
  readonly total: number;
}

/** One page of the fractals that match, newest first unless `sort` says otherwise. */
export async function listFractals(
  db: Database,
  options: Pick<ListOptions, "status" | "kind"> & {
    readonly sort: { readonly field: SortField; readonly descending: boolean };
    readonly offset: number;
    /** Undefined for all. */
    readonly limit: number | undefined;
  },
): Promise<Page> {
  const matching = <T>(query: SelectQueryBuilder<Schema, "fractals", T>) => {
    let narrowed = query;
    if (options.status) narrowed = narrowed.where("status", "=", options.status);
    if (options.kind) narrowed = narrowed.where("kind", "=", options.kind);
    return narrowed;
  };
  const direction = options.sort.descending ? "desc" : "asc";
  let page = matching(db.selectFrom("fractals").selectAll())
    .orderBy(sortColumns[options.sort.field], (order) => {
      const directed = options.sort.descending ? order.desc() : order.asc();
      return nullable.has(options.sort.field) ? directed.nullsLast() : directed;
    })
    .orderBy("uuid", direction);
  if (options.limit !== undefined) page = page.limit(options.limit).offset(options.offset);
  const counted = await matching(
    db.selectFrom("fractals").select(sql<number>`count(*)`.as("total")),
  ).executeTakeFirstOrThrow();
  return { rows: await page.execute(), total: Number(counted.total) };
}

/** A worker has taken the task: one more attempt. Undefined when there is nothing left to draw. */
export async function beginFractal(
  db: Database,
  uuid: string,
  by: { readonly worker: string; readonly nowMs: number },
): Promise<FractalRow | undefined> {
  return db
    .updateTable("fractals")
    .set((row) => ({
      status: "drawing" as const,
      generated_by: by.worker,
      started_at_ms: by.nowMs,
      attempts: row("attempts", "+", 1),
    }))
    .where("uuid", "=", uuid)
    .where("status", "in", ["queued", "drawing"])
    .returningAll()
    .executeTakeFirst();
}

export type Ending = Pick<FractalRow, "status" | "finished_at_ms" | "generated_by"> &
  Partial<Pick<FractalRow, "duration" | "size" | "checksum" | "timings" | "error">>;

/** Ends a fractal that has not ended. Undefined, and nothing changed, when it has ended before or is gone. */
export async function endFractal(
  db: Database,
  uuid: string,
  ending: Ending,
): Promise<FractalRow | undefined> {
  return db
    .updateTable("fractals")
    .set(ending)
    .where("uuid", "=", uuid)
    .where("status", "in", ["queued", "drawing"])
    .returningAll()
    .executeTakeFirst();
}

/** Forgets a fractal and its task, and puts its pictures into the trash. False when there is none. */
export async function deleteFractal(
  db: Database,
  uuid: string,
  imageKeys: readonly string[],
): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom("fractals").where("uuid", "=", uuid).executeTakeFirst();
  if (numDeletedRows === 0n) return false;
  await db.deleteFrom("outbox").where("uuid", "=", uuid).execute();
  await db
    .insertInto("trash")
    .values(imageKeys.map((key) => ({ key })))
    .onConflict((conflict) => conflict.column("key").doNothing())
    .execute();
  return true;
}

/** How many fractals are in each state. */
export async function totals(db: Database): Promise<Record<Status, number>> {
  const rows = await db
    .selectFrom("fractals")
    .select(["status", sql<number>`count(*)`.as("count")])
    .groupBy("status")
    .execute();
  const counts = Object.fromEntries(rows.map((row) => [row.status, Number(row.count)]));
  return Object.fromEntries(statuses.map((status) => [status, counts[status] ?? 0])) as Record<
    Status,
    number
  >;
}

/** How many have ended since then, by how they ended. */
export async function endedSince(
  db: Database,
  sinceMs: number,
): Promise<{ readonly done: number; readonly failed: number }> {
  const rows = await db
    .selectFrom("fractals")
    .select(["status", sql<number>`count(*)`.as("count")])
    .where("finished_at_ms", ">", sinceMs)
    .groupBy("status")
    .execute();
  const count = (status: Status) => Number(rows.find((row) => row.status === status)?.count ?? 0);
  return { done: count("done"), failed: count("failed") };
}

/**
 * Puts the tasks of all unfinished fractals that were accepted before `beforeMs` into the outbox again
 * and says how many. For a queue that has lost them, such as one with an empty data directory.
 */
export async function requeueUnfinished(db: Database, beforeMs: number): Promise<number> {
  const rows = await db
    .insertInto("outbox")
    .columns(["uuid"])
    .expression((query) =>
      query
        .selectFrom("fractals")
        .select("uuid")
        .where("status", "in", ["queued", "drawing"])
        .where("created_at_ms", "<", beforeMs)
        .orderBy("created_at_ms"),
    )
    .onConflict((conflict) => conflict.column("uuid").doNothing())
    .returning("uuid")
    .execute();
  return rows.length;
}
