import type { Kysely, Transaction } from "kysely";
import { fractalsByUuid } from "./fractals.ts";
import type { FractalRow, Schema } from "./schema.ts";
import type { Store } from "./store.ts";

/**
 * Hands the oldest tasks of the outbox to `publish` and removes them once it has resolved.
 * When it rejects they stay; when the process dies in between they are published again.
 *
 * On PostgreSQL the rows stay locked meanwhile, so that several processes never publish the same ones.
 * On SQLite there is one process, and the database is not held up while the queue answers.
 *
 * @returns how many were published; fewer than `limit` means that none are left
 */
export async function relayTasks(
  { db, dialect }: Pick<Store, "db" | "dialect">,
  limit: number,
  publish: (rows: readonly FractalRow[]) => Promise<void>,
): Promise<number> {
  if (dialect === "sqlite") return relay(db, limit, publish, false);
  return db.transaction().execute((transaction) => relay(transaction, limit, publish, true));
}

async function relay(
  db: Kysely<Schema> | Transaction<Schema>,
  limit: number,
  publish: (rows: readonly FractalRow[]) => Promise<void>,
  lock: boolean,
): Promise<number> {
  let oldest = db.selectFrom("outbox").select("uuid").orderBy("position").limit(limit);
  if (lock) oldest = oldest.forUpdate().skipLocked();
  const uuids = (await oldest.execute()).map(({ uuid }) => uuid);
  if (uuids.length === 0) return 0;
  const rows = new Map((await fractalsByUuid(db, uuids)).map((row) => [row.uuid, row]));
  await publish(uuids.flatMap((uuid) => rows.get(uuid) ?? []));
  await db.deleteFrom("outbox").where("uuid", "in", uuids).execute();
  return uuids.length;
}

/** How many tasks the queue has not yet confirmed. */
export async function outboxLength(db: Kysely<Schema>): Promise<number> {
  const { count } = await db
    .selectFrom("outbox")
    .select((row) => row.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(count);
}
