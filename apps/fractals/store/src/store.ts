import { Kysely, type Transaction } from "kysely";
import { Migrator } from "kysely/migration";
import type pg from "pg";
import { listenForChanges, notifyChanges, type Change } from "./changes.ts";
import { parseDatabaseUrl } from "./database-url.ts";
import { migrations, type Dialect } from "./migrations.ts";
import { openPool, postgresDialect, postgresKysely } from "./postgres.ts";
import type { Schema } from "./schema.ts";
import { openSqlite, sqliteDialect } from "./sqlite.ts";

export interface Store {
  /** For reading and for writes that nobody needs to hear of. */
  readonly db: Kysely<Schema>;
  /** What the database is: `sqlite` or `postgres`. */
  readonly dialect: Dialect["name"];
  /** Runs `work` in one transaction; once it is committed, the changes it returns are told to all listeners. */
  change<T>(
    work: (transaction: Transaction<Schema>) => Promise<{ result: T; changes: readonly Change[] }>,
  ): Promise<T>;
  onChange(listener: (changes: readonly Change[]) => void): void;
  close(): Promise<void>;
}

/**
 * Opens the database at `url` (see `parseDatabaseUrl`) and brings its tables up to date.
 *
 * @throws {Error} when it cannot be opened, or was written by a newer version
 */
export async function openStore(url: string): Promise<Store> {
  const place = parseDatabaseUrl(url);
  const pool = place.kind === "postgres" ? openPool(place.url) : undefined;
  const dialect = place.kind === "postgres" ? postgresDialect : sqliteDialect;
  const db = new Kysely<Schema>({
    dialect: place.kind === "postgres" ? postgresKysely(pool!) : openSqlite(place.path),
  });
  try {
    await migrate(db, dialect);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return storeOver(db, dialect, pool);
}

async function migrate(db: Kysely<Schema>, dialect: Dialect): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations(dialect) } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw new Error("The database's tables could not be brought up to date.", { cause: error });
}

async function storeOver(db: Kysely<Schema>, dialect: Dialect, pool: pg.Pool | undefined): Promise<Store> {
  const listeners = new Set<(changes: readonly Change[]) => void>();
  const tell = (changes: readonly Change[]) => {
    for (const listener of listeners) listener(changes);
  };
  const listening = pool && (await listenForChanges(pool, tell));
  return {
    db,
    dialect: dialect.name,
    async change(work) {
      const { result, changes } = await db.transaction().execute(async (transaction) => {
        const worked = await work(transaction);
        if (listening) await notifyChanges(transaction, worked.changes);
        return worked;
      });
      if (!listening && changes.length > 0) tell(changes);
      return result;
    },
    onChange: (listener) => void listeners.add(listener),
    async close() {
      listening?.stop();
      await db.destroy();
    },
  };
}
