import type { Kysely } from "kysely";
import type { Schema, WorkerRow } from "./schema.ts";

/** Notes the last beat of a worker; a name that is new is added. */
export async function noteWorker(db: Kysely<Schema>, row: WorkerRow): Promise<void> {
  const { name: _, ...state } = row;
  await db
    .insertInto("workers")
    .values(row)
    .onConflict((conflict) => conflict.column("name").doUpdateSet(state))
    .execute();
}

/** The workers that were heard since then, by name. */
export async function workersSince(db: Kysely<Schema>, sinceMs: number): Promise<WorkerRow[]> {
  return db.selectFrom("workers").selectAll().where("seen_at_ms", ">", sinceMs).orderBy("name").execute();
}

/** Forgets a worker by name, or all that have been silent since before then. */
export async function forgetWorkers(
  db: Kysely<Schema>,
  which: { readonly name: string } | { readonly silentSinceMs: number },
): Promise<void> {
  const query = db.deleteFrom("workers");
  await (
    "name" in which
      ? query.where("name", "=", which.name)
      : query.where("seen_at_ms", "<", which.silentSinceMs)
  ).execute();
}
