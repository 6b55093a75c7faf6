import type { Kysely, RawBuilder } from "kysely";
import type { Migration } from "kysely/migration";

/** What the two databases spell differently. */
export interface Dialect {
  readonly name: "sqlite" | "postgres";
  /** The type of a key that counts upwards by itself. */
  readonly counter: RawBuilder<unknown>;
  readonly bytes: RawBuilder<unknown>;
}

/** All migrations by name; they run in the order of their names and are never changed once released. */
export function migrations(dialect: Dialect): Record<string, Migration> {
  return {
    "0001-fractals": {
      async up(db: Kysely<unknown>) {
        await createFractals(db);
        await createOutbox(db, dialect);
        await db.schema
          .createTable("trash")
          .addColumn("key", "text", (column) => column.primaryKey())
          .execute();
        await createWorkers(db);
        await db.schema
          .createTable("images")
          .addColumn("key", "text", (column) => column.primaryKey())
          .addColumn("bytes", dialect.bytes, (column) => column.notNull())
          .execute();
      },
    },
  };
}

async function createFractals(db: Kysely<unknown>): Promise<void> {
  let table = db.schema
    .createTable("fractals")
    .addColumn("uuid", "text", (column) => column.primaryKey())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull());
  for (const name of ["width", "height", "iterations", "power", "samples", "attempts"]) {
    table = table.addColumn(name, "integer", (column) => column.notNull());
  }
  for (const name of ["xa", "xb", "ya", "yb", "cx", "cy"]) {
    table = table.addColumn(name, "double precision", (column) => column.notNull());
  }
  await table
    .addColumn("palette", "text", (column) => column.notNull())
    .addColumn("colouring", "text", (column) => column.notNull())
    .addColumn("seed", "bigint", (column) => column.notNull())
    .addColumn("generated_by", "text")
    .addColumn("created_at_ms", "bigint", (column) => column.notNull())
    .addColumn("started_at_ms", "bigint")
    .addColumn("finished_at_ms", "bigint")
    .addColumn("duration", "double precision")
    .addColumn("size", "bigint")
    .addColumn("checksum", "text")
    .addColumn("timings", "text")
    .addColumn("error", "text")
    .execute();
  await index(db, "fractals", ["created_at_ms", "uuid"]);
  await index(db, "fractals", ["status", "created_at_ms", "uuid"]);
  await index(db, "fractals", ["kind", "created_at_ms", "uuid"]);
  await index(db, "fractals", ["finished_at_ms"]);
}

async function createOutbox(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await db.schema
    .createTable("outbox")
    .addColumn("position", dialect.counter, (column) => column.primaryKey())
    .addColumn("uuid", "text", (column) => column.notNull().unique())
    .execute();
}

async function createWorkers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("workers")
    .addColumn("name", "text", (column) => column.primaryKey())
    .addColumn("host", "text", (column) => column.notNull())
    .addColumn("pid", "integer", (column) => column.notNull())
    .addColumn("seen_at_ms", "bigint", (column) => column.notNull())
    .addColumn("drawing", "text")
    .addColumn("progress", "double precision")
    .addColumn("drawn", "integer", (column) => column.notNull())
    .execute();
}

async function index(db: Kysely<unknown>, table: string, columns: string[]): Promise<void> {
  await db.schema
    .createIndex(`${table}_${columns.join("_")}`)
    .on(table)
    .columns(columns)
    .execute();
}
