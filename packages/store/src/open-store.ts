import { Refusal } from "@fractus/core/refusal.ts";
import type { RowStore } from "./row.ts";

/**
 * Opens the store at a URL: `sqlite:PATH`, `sqlite::memory:`, or `postgres://…`.
 *
 * @throws Refusal invalid for a URL that is neither
 */
export async function openStore(url: string, tables: readonly string[]): Promise<RowStore> {
  if (url.startsWith("sqlite:")) {
    const { openSqliteStore } = await import("./sqlite-store.ts");
    return openSqliteStore(url.slice("sqlite:".length), tables);
  }
  if (/^postgres(ql)?:\/\//.test(url)) {
    const { openPostgresStore } = await import("./postgres-store.ts");
    return openPostgresStore(url, tables);
  }
  throw new Refusal(
    "invalid",
    `"${withoutPassword(url)}" is no store: use sqlite:PATH or postgres://USER@HOST/DATABASE.`,
  );
}

function withoutPassword(url: string): string {
  return url.replace(/:[^:@/]*@/, ":…@");
}
