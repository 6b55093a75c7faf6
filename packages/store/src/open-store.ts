import { PostgresDialect } from "kysely";
import { Refusal } from "@fractus/core/refusal.ts";
import type { RowStore } from "./row.ts";
import { openSqlStore } from "./sql-store.ts";
import { sqliteDialect } from "./sqlite.ts";

/**
 * Opens the store at a URL: `sqlite:PATH`, `sqlite::memory:`, or `postgres://…`.
 *
 * @throws Refusal invalid for a URL that is neither
 */
export async function openStore(url: string, tables: readonly string[]): Promise<RowStore> {
  if (url.startsWith("sqlite:"))
    return polite(await openSqlStore(sqliteDialect(url.slice("sqlite:".length)), tables));
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new Refusal(
      "invalid",
      `"${withoutPassword(url)}" is no store: use sqlite:PATH or postgres://USER@HOST/DATABASE.`,
    );
  }
  const { default: pg } = await import("pg");
  return openSqlStore(new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 2 }) }), tables);
}

/** SQLite does its work at once: after each write everybody else has their turn, or a long row of writes would stop the process. */
function polite(store: RowStore): RowStore {
  return {
    ...store,
    async write(changes, index) {
      await store.write(changes, index);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

function withoutPassword(url: string): string {
  return url.replace(/:[^:@/]*@/, ":…@");
}
