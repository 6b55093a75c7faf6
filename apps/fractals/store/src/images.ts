import type { Kysely } from "kysely";
import type { Schema } from "./schema.ts";

export async function putImage(db: Kysely<Schema>, key: string, bytes: Uint8Array): Promise<void> {
  await db
    .insertInto("images")
    .values({ key, bytes })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ bytes }))
    .execute();
}

export async function getImage(db: Kysely<Schema>, key: string): Promise<Uint8Array | undefined> {
  const row = await db.selectFrom("images").select("bytes").where("key", "=", key).executeTakeFirst();
  return row?.bytes;
}

export async function deleteImage(db: Kysely<Schema>, key: string): Promise<void> {
  await db.deleteFrom("images").where("key", "=", key).execute();
}

export async function imageKeys(db: Kysely<Schema>): Promise<string[]> {
  const rows = await db.selectFrom("images").select("key").orderBy("key").execute();
  return rows.map((row) => row.key);
}
