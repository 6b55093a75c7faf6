import { Kysely, PostgresDialect, sql, type Transaction } from "kysely";
import pg from "pg";
import type { Row, RowChange, RowStore } from "./row.ts";
import { type Schema, sqlName } from "./schema.ts";

/** How many rows go into one statement: PostgreSQL takes 65,535 values. */
const rowsAtOnce = 200;

/**
 * Rows in a PostgreSQL database, made ready for these tables. Tables that it has and that are not named are left alone.
 *
 * @param url    `postgres://…`
 * @param tables names of the kinds of rows, such as `nodeNotes`
 */
export async function openPostgresStore(url: string, tables: readonly string[]): Promise<RowStore> {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  const database = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  await makeTables(database, tables);
  return {
    load: () => load(database, tables),
    write: (changes, index) => database.transaction().execute((work) => write(work, changes, index)),
    close: () => database.destroy(),
  };
}

async function makeTables(database: Kysely<Schema>, tables: readonly string[]): Promise<void> {
  await database.schema
    .createTable("progress")
    .ifNotExists()
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("last_index", "bigint", (column) => column.notNull())
    .execute();
  for (const table of tables) {
    await database.schema
      .createTable(sqlName(table))
      .ifNotExists()
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("created_index", "bigint", (column) => column.notNull())
      .addColumn("modified_index", "bigint", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .execute();
  }
}

/** In the order in which the rows were made, since that is the order in which lists show them. */
async function load(
  database: Kysely<Schema>,
  tables: readonly string[],
): Promise<{ index: number; rows: Row[] }> {
  const progress = await database
    .selectFrom("progress")
    .select("last_index")
    .where("id", "=", 1)
    .executeTakeFirst();
  const rows: Row[] = [];
  for (const table of tables) {
    const found = await database
      .selectFrom(sqlName(table))
      .selectAll()
      .orderBy("created_index")
      .orderBy("id")
      .execute();
    for (const { id, body, created_index, modified_index } of found) {
      rows.push({
        table,
        id,
        body,
        createdIndex: Number(created_index),
        modifiedIndex: Number(modified_index),
      });
    }
  }
  return { index: Number(progress?.last_index ?? 0), rows };
}

async function write(work: Transaction<Schema>, changes: readonly RowChange[], index: number): Promise<void> {
  for (const [table, rows] of Map.groupBy(changes, (change) => change.table)) {
    const gone = rows.filter((row) => row.body === undefined).map((row) => row.id);
    for (let from = 0; from < gone.length; from += rowsAtOnce) {
      await work
        .deleteFrom(sqlName(table))
        .where("id", "in", gone.slice(from, from + rowsAtOnce))
        .execute();
    }
    const kept = rows.filter((row) => row.body !== undefined);
    for (let from = 0; from < kept.length; from += rowsAtOnce) {
      await put(work, table, kept.slice(from, from + rowsAtOnce), index);
    }
  }
  await work
    .insertInto("progress")
    .values({ id: 1, last_index: index })
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ last_index: index }))
    .execute();
}

async function put(
  work: Transaction<Schema>,
  table: string,
  rows: readonly RowChange[],
  index: number,
): Promise<void> {
  await work
    .insertInto(sqlName(table))
    .values(
      rows.map(({ id, body = "", createdIndex }) => ({
        id,
        body,
        created_index: createdIndex,
        modified_index: index,
      })),
    )
    .onConflict((conflict) =>
      conflict
        .column("id")
        .doUpdateSet({ body: sql`excluded.body`, modified_index: sql`excluded.modified_index` }),
    )
    .execute();
}
