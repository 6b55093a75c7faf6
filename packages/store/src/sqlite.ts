import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { SqliteDialect, type SqliteDatabase } from "kysely";

/**
 * Opens a SQLite file for Kysely, with a write-ahead log that is flushed at every commit: what was
 * committed survives a crash of the process and of the machine. Only one process may have it open.
 *
 * @param path a file, made with its folder when missing, or `:memory:`
 */
export function sqliteDialect(path: string): SqliteDialect {
  if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;");
  database.exec(`PRAGMA cache_size = -${cacheKibibytes}; PRAGMA wal_autocheckpoint = ${pagesInLog};`);
  return new SqliteDialect({ database: kyselyDatabase(database) });
}

/**
 * Ids are random, so a large transaction touches as many pages as it has rows. With the usual 2 MiB of cache and a
 * log of 4 MiB each of them would be read again, and be copied into the file, within every such transaction.
 */
const cacheKibibytes = 32 * 1024;
const pagesInLog = 8 * 1024;

/** Shows a `node:sqlite` database to Kysely, which expects the shape of better-sqlite3. Statements are prepared once. */
function kyselyDatabase(database: DatabaseSync): SqliteDatabase {
  const prepared = new Map<string, StatementSync>();
  return {
    prepare(text) {
      let statement = prepared.get(text);
      if (statement === undefined) {
        statement = database.prepare(text);
        if (prepared.size >= 200) prepared.clear();
        prepared.set(text, statement);
      }
      return shown(statement);
    },
    close: () => database.close(),
  };
}

function shown(statement: StatementSync): ReturnType<SqliteDatabase["prepare"]> {
  const bound = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...bound(parameters)),
    run: (parameters) => statement.run(...bound(parameters)),
    iterate: (parameters) => statement.iterate(...bound(parameters)),
  };
}
