import { PostgresDialect, sql } from "kysely";
import pg from "pg";
import type { Dialect } from "./migrations.ts";

export const postgresDialect: Dialect = {
  name: "postgres",
  counter: sql`bigserial`,
  bytes: sql`bytea`,
};

const int8 = 20;

/** A pool of connections that reads 64-bit integers as numbers; ours stay below 2^53. */
export function openPool(url: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    types: {
      getTypeParser: (oid: number, format?: "text" | "binary") =>
        oid === int8
          ? Number
          : (pg.types.getTypeParser as (oid: number, format?: string) => unknown)(oid, format),
    },
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on("error", () => {});
  return pool;
}

export function postgresKysely(pool: pg.Pool): PostgresDialect {
  return new PostgresDialect({ pool });
}
