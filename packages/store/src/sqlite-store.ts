import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Row, RowChange, RowStore } from "./row.ts";
import { sqlName } from "./schema.ts";

/**
 * Rows in a SQLite file, with a write-ahead log that is flushed at every commit: what was committed survives a crash
 * of the process and of the machine. Only one process may have it open.
 *
 * It speaks to SQLite without a query builder: at a start that saves loading some 250 modules, and for each row it
 * runs one statement that was prepared once.
 *
 * @param path a file, made with its folder when missing, or `:memory:`
 */
export function openSqliteStore(path: string, tables: readonly string[]): RowStore {
  if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path);
  database.exec(pragmas);
  database.exec("CREATE TABLE IF NOT EXISTS progress (id INTEGER PRIMARY KEY, last_index INTEGER NOT NULL)");
  for (const table of tables) database.exec(tableOf(table));
  const statements = new Map(tables.map((table) => [table, statementsFor(database, table)]));
  const progress = database.prepare(
    "INSERT INTO progress (id, last_index) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET last_index = excluded.last_index",
  );
  return {
    load: async () => load(database, tables),
    async write(changes, index) {
      database.exec("BEGIN IMMEDIATE");
      try {
        for (const change of changes) writeRow(statements, change, index);
        progress.run(index);
        database.exec("COMMIT");
      } catch (error) {
        if (database.isTransaction) database.exec("ROLLBACK");
        throw error;
      }
      // SQLite does its work at once: a long row of writes would otherwise let nobody else have a turn.
      await new Promise((resolve) => setImmediate(resolve));
    },
    close: async () => database.close(),
  };
}

/**
 * A page cache of 32 MiB, and a log that is written back when it has 32,768 pages: large transactions come in rows,
 * and a page that several of them change is written back once.
 */
const pragmas = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA busy_timeout = 5000;
  PRAGMA cache_size = -32768;
  PRAGMA wal_autocheckpoint = 32768;
`;

/**
 * Ids are random, and a transaction that makes a thousand rows would change a thousand pages of an index over them.
 * With the time of their making before it, the rows of one transaction are neighbours there.
 */
function tableOf(table: string): string {
  return `CREATE TABLE IF NOT EXISTS ${sqlName(table)} (
    id TEXT NOT NULL, created_index INTEGER NOT NULL, modified_index INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (created_index, id))`;
}

interface Statements {
  readonly put: StatementSync;
  readonly remove: StatementSync;
}

function statementsFor(database: DatabaseSync, table: string): Statements {
  const name = sqlName(table);
  return {
    put: database.prepare(
      `INSERT INTO ${name} (id, created_index, modified_index, body) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET body = excluded.body, modified_index = excluded.modified_index`,
    ),
    remove: database.prepare(`DELETE FROM ${name} WHERE created_index = ? AND id = ?`),
  };
}

function writeRow(statements: ReadonlyMap<string, Statements>, change: RowChange, index: number): void {
  const { put, remove } = statements.get(change.table)!;
  if (change.body === undefined) remove.run(change.createdIndex, change.id);
  else put.run(change.id, change.createdIndex, index, change.body);
}

/** In the order in which the rows were made, since that is the order in which lists show them. */
function load(database: DatabaseSync, tables: readonly string[]): { index: number; rows: Row[] } {
  const last = database.prepare("SELECT last_index FROM progress WHERE id = 1").get();
  const rows: Row[] = [];
  for (const table of tables) {
    const found = database.prepare(`SELECT * FROM ${sqlName(table)} ORDER BY created_index, id`).all();
    for (const { id, body, created_index, modified_index } of found) {
      rows.push({
        table,
        id: String(id),
        body: String(body),
        createdIndex: Number(created_index),
        modifiedIndex: Number(modified_index),
      });
    }
  }
  return { index: Number(last?.last_index ?? 0), rows };
}
