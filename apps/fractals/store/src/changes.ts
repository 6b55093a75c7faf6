import { sql, type Transaction } from "kysely";
import type pg from "pg";
import type { Schema } from "./schema.ts";

/** A fractal was written or deleted, by this process or, on PostgreSQL, by any other. */
export interface Change {
  readonly uuid: string;
  readonly deleted: boolean;
}

const channel = "fractals_changed";
/** A notification holds less than 8,000 bytes; a change takes about 40. */
const changesPerNotification = 150;
const reconnectMs = 1000;

/** Tells every process that listens on the same PostgreSQL database, once the transaction is committed. */
export async function notifyChanges(
  transaction: Transaction<Schema>,
  changes: readonly Change[],
): Promise<void> {
  for (let at = 0; at < changes.length; at += changesPerNotification) {
    const payload = changes
      .slice(at, at + changesPerNotification)
      .map((change) => (change.deleted ? `-${change.uuid}` : change.uuid))
      .join(" ");
    await sql`select pg_notify(${channel}, ${payload})`.execute(transaction);
  }
}

/**
 * Hears the changes of all processes, over a connection of its own that is opened again when it breaks.
 * What is changed while it is broken is not heard: pages that were told of no change refetch when they come back.
 */
export async function listenForChanges(
  pool: pg.Pool,
  tell: (changes: readonly Change[]) => void,
): Promise<{ stop(): void }> {
  let stopped = false;
  let client: pg.PoolClient | undefined;
  let timer: NodeJS.Timeout | undefined;

  const again = () => {
    client?.release(true);
    client = undefined;
    if (!stopped) timer = setTimeout(() => void connect().catch(again), reconnectMs);
  };
  const connect = async () => {
    client = await pool.connect();
    client.once("error", again);
    client.on("notification", ({ payload }) => tell(parse(payload ?? "")));
    await client.query(`listen ${channel}`);
  };
  await connect();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      client?.removeListener("error", again);
      client?.on("error", () => {});
      client?.release(true);
    },
  };
}

function parse(payload: string): Change[] {
  return payload
    .split(" ")
    .filter((part) => part !== "")
    .map((part) =>
      part.startsWith("-") ? { uuid: part.slice(1), deleted: true } : { uuid: part, deleted: false },
    );
}
