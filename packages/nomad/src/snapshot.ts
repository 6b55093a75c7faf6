/**
 * The whole state as one file: lines of JSON, compressed with gzip. The first line says what it is, each
 * other is one row of a table.
 *
 *     {"format":"fractus-snapshot","version":1,"index":4711}
 *     {"table":"jobs","value":{…}}
 */
import { Readable } from "node:stream";
import { createGzip, gunzipSync } from "node:zlib";
import { Refusal } from "@fractus/core/refusal.ts";
import type { Context } from "@fractus/control/context.ts";
import type { Draft } from "@fractus/control/state/change.ts";
import { type State, type TableName, tableNames, type ValueOf } from "@fractus/control/state/state.ts";

const format = "fractus-snapshot";
const version = 1;

/** Most bytes that a snapshot may have once it is unpacked. */
const mostBytes = 4 * 1024 * 1024 * 1024 - 1;

/** The file. What is in it belongs together: the state does not change while it is gathered. */
export function snapshotOf(state: State): Readable {
  const rows = tableNames.flatMap((table) => [...state[table].values()].map((value) => ({ table, value })));
  return Readable.from(linesOf(rows, state.index)).pipe(createGzip());
}

/** Rows do not change, they are replaced: those that were gathered are still as they were. */
function* linesOf(rows: readonly object[], index: number): Generator<string> {
  yield `${JSON.stringify({ format, version, index })}\n`;
  for (const row of rows) yield `${JSON.stringify(row)}\n`;
}

/**
 * Makes the state what the file says; what is not in it goes.
 *
 * @throws Refusal invalid for a file that is none
 */
export async function restoreSnapshot({ ledger }: Pick<Context, "ledger">, bytes: Buffer): Promise<number> {
  const rows = rowsOf(bytes);
  return ledger.transact("restore", (draft) => {
    const kept = new Set<string>();
    for (const { table, value } of rows) {
      kept.add(`${table}\n${idOf(draft, table, value)}`);
      draft.put(table, value);
    }
    for (const table of tableNames)
      for (const id of draft.state[table].ids()) if (!kept.has(`${table}\n${id}`)) draft.remove(table, id);
    return draft.index;
  });
}

function idOf(draft: Draft, table: TableName, value: unknown): string {
  return (draft.state[table].idOf as (value: unknown) => string)(value);
}

interface Row {
  readonly table: TableName;
  readonly value: ValueOf<TableName>;
}

function rowsOf(bytes: Buffer): Row[] {
  let text: string;
  try {
    text = gunzipSync(bytes, { maxOutputLength: mostBytes }).toString("utf8");
  } catch (cause) {
    throw new Refusal("invalid", "This is no snapshot: it cannot be unpacked.", { cause });
  }
  const [head, ...lines] = text.split("\n").filter((line) => line !== "");
  const heading = jsonOf(head ?? "", 1) as { readonly format?: string; readonly version?: number };
  if (heading.format !== format) throw new Refusal("invalid", "This is no snapshot of Fractus.");
  if (heading.version !== version)
    throw new Refusal("invalid", `This snapshot has version ${heading.version}; ${version} can be read.`);
  return lines.map((line, at) => {
    const row = jsonOf(line, at + 2) as Partial<Row>;
    if (!row.table || !tableNames.includes(row.table) || typeof row.value !== "object")
      throw new Refusal("invalid", `Line ${at + 2} of the snapshot is no row.`);
    return row as Row;
  });
}

function jsonOf(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new Refusal("invalid", `Line ${number} of the snapshot is no JSON.`, { cause });
  }
}
