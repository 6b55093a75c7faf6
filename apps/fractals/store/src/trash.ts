import type { Kysely } from "kysely";
import type { Schema } from "./schema.ts";

/** Pictures that are to be forgotten. */
export async function trashedImages(db: Kysely<Schema>, limit: number): Promise<string[]> {
  const rows = await db.selectFrom("trash").select("key").limit(limit).execute();
  return rows.map((row) => row.key);
}

export async function emptyTrash(db: Kysely<Schema>, keys: readonly string[]): Promise<void> {
  if (keys.length > 0) await db.deleteFrom("trash").where("key", "in", keys).execute();
}
