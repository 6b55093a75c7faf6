/**
 * What survives: durable exchanges, queues and bindings, and persistent messages in durable queues.
 * The only file with SQL.
 *
 * Changes collect in memory and `commit` writes them in one transaction, so whatever one turn of the
 * event loop brought costs one write. When a commit fails nothing is forgotten: everything is still
 * waiting and goes with the next one. `flush` makes what was committed safe from a power cut.
 *
 * That a message was delivered is not written per message. First deliveries in a queue and priority
 * happen in order of position, so the highest one says it of all; only repeated deliveries are counted
 * one by one (table `attempts`).
 */
import { closeSync, fdatasync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import { decodeTable, encodeTable } from "./codec/field-table.ts";
import { bindingKey } from "./exchange.ts";
import type { Binding, ExchangeIdentity, ExchangeType } from "./exchange.ts";
import type { Content, Entry } from "./message.ts";
import type { Journal, QueueIdentity } from "./queue.ts";

const schemaVersion = 1;

const schema = `
  CREATE TABLE exchanges (
    vhost TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, auto_delete INTEGER NOT NULL,
    internal INTEGER NOT NULL, arguments BLOB NOT NULL, PRIMARY KEY (vhost, name)
  ) WITHOUT ROWID;
  CREATE TABLE queues (
    id INTEGER PRIMARY KEY, vhost TEXT NOT NULL, name TEXT NOT NULL, auto_delete INTEGER NOT NULL,
    arguments BLOB NOT NULL, UNIQUE (vhost, name)
  );
  CREATE TABLE bindings (
    vhost TEXT NOT NULL, key TEXT NOT NULL, source TEXT NOT NULL, destination_kind TEXT NOT NULL,
    destination TEXT NOT NULL, routing_key TEXT NOT NULL, arguments BLOB NOT NULL,
    PRIMARY KEY (vhost, key)
  ) WITHOUT ROWID;
  CREATE TABLE messages (
    position INTEGER PRIMARY KEY, queue INTEGER NOT NULL, priority INTEGER NOT NULL, expires_at INTEGER,
    exchange TEXT NOT NULL, routing_key TEXT NOT NULL, properties BLOB NOT NULL, body BLOB NOT NULL
  );
  CREATE TABLE attempts (position INTEGER PRIMARY KEY, count INTEGER NOT NULL);
  CREATE TABLE delivered (
    queue INTEGER NOT NULL, priority INTEGER NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (queue, priority)
  ) WITHOUT ROWID;
  PRAGMA user_version = ${schemaVersion};
`;

/** What a restart finds. */
export interface Kept {
  readonly exchanges: readonly { readonly vhost: string; readonly identity: ExchangeIdentity }[];
  readonly queues: readonly { readonly vhost: string; readonly identity: QueueIdentity }[];
  readonly bindings: readonly { readonly vhost: string; readonly binding: Binding }[];
  /** In order of position, without their content. */
  readonly entries: Iterable<{ readonly queue: number; readonly entry: Entry }>;
  readonly highestPosition: number;
}

interface Insertion {
  readonly queue: number;
  readonly entry: Entry;
  readonly content: Content;
}

export class Store implements Journal {
  readonly #database: DatabaseSync;
  /** The write-ahead log, which `flush` flushes. */
  readonly #log: number;
  readonly #statements = new Map<string, StatementSync>();
  #insertions = new Map<number, Insertion>();
  #removals: number[] = [];
  #attempts = new Map<number, number>();
  #delivered = new Map<string, readonly [queue: number, priority: number, position: number]>();
  #changes: (() => void)[] = [];
  readonly counts = { commits: 0, bytes: 0 };

  /**
   * Opens or creates `broker.sqlite` in the directory, which this process then has for itself. Throws if
   * another process has it, or if a newer version wrote it.
   */
  constructor(dataDirectory: string) {
    mkdirSync(dataDirectory, { recursive: true });
    const path = join(dataDirectory, "broker.sqlite");
    this.#database = new DatabaseSync(path);
    try {
      this.#prepare();
      this.#log = openSync(`${path}-wal`, "a");
    } catch (error) {
      this.#database.close();
      const isTaken = error instanceof Error && /locked|busy/.test(error.message);
      throw new Error(isTaken ? `another broker uses ${path}` : `cannot open ${path}`, { cause: error });
    }
  }

  #prepare(): void {
    this.#database.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA journal_size_limit = 67108864;
    `);
    const version = Number(this.#database.prepare("PRAGMA user_version").get()?.user_version);
    if (version > schemaVersion) throw new Error(`its schema ${version} is newer than this program`);
    this.#database.exec(version === 0 ? `BEGIN; ${schema} COMMIT;` : "BEGIN IMMEDIATE; COMMIT;");
  }

  load(): Kept {
    const rows = (sql: string) => this.#database.prepare(sql).all();
    const isTrue = (value: unknown) => value === 1;
    const table = (value: unknown) => decodeTable(Buffer.from(value as Uint8Array));
    this.#database.exec("DELETE FROM messages WHERE queue NOT IN (SELECT id FROM queues)");
    return {
      exchanges: rows("SELECT * FROM exchanges").map((row) => ({
        vhost: String(row.vhost),
        identity: {
          name: String(row.name),
          type: String(row.type) as ExchangeType,
          isDurable: true,
          isAutoDelete: isTrue(row.auto_delete),
          isInternal: isTrue(row.internal),
          arguments: table(row.arguments),
        },
      })),
      queues: rows("SELECT * FROM queues ORDER BY id").map((row) => ({
        vhost: String(row.vhost),
        identity: {
          id: Number(row.id),
          name: String(row.name),
          isDurable: true,
          isAutoDelete: isTrue(row.auto_delete),
          owner: undefined,
          arguments: table(row.arguments),
        },
      })),
      bindings: rows("SELECT * FROM bindings").map((row) => ({
        vhost: String(row.vhost),
        binding: {
          source: String(row.source),
          destinationKind: row.destination_kind === "queue" ? "queue" : "exchange",
          destination: String(row.destination),
          routingKey: String(row.routing_key),
          arguments: table(row.arguments),
        },
      })),
      entries: this.#entries(),
      highestPosition: this.#highestPosition(),
    };
  }

  *#entries(): Iterable<{ queue: number; entry: Entry }> {
    const rows = this.#database
      .prepare(
        `SELECT m.position, m.queue, m.priority, m.expires_at, length(m.body) AS bytes,
           coalesce(a.count, m.position <= d.position, 0) AS attempts
         FROM messages m
         LEFT JOIN attempts a ON a.position = m.position
         LEFT JOIN delivered d ON d.queue = m.queue AND d.priority = m.priority
         ORDER BY m.position`,
      )
      .iterate();
    for (const row of rows) {
      const entry: Entry = {
        position: Number(row.position),
        content: undefined,
        bytes: Number(row.bytes),
        priority: Number(row.priority),
        isStored: true,
        expiresAtMs: row.expires_at === null ? undefined : Number(row.expires_at),
        attempts: Number(row.attempts),
      };
      yield { queue: Number(row.queue), entry };
    }
  }

  #highestPosition(): number {
    const row = this.#database
      .prepare(
        `SELECT max(coalesce((SELECT max(position) FROM messages), 0),
           coalesce((SELECT max(position) FROM delivered), 0)) AS position`,
      )
      .get();
    return Number(row?.position);
  }

  insert(queue: number, entry: Entry): void {
    if (entry.content) this.#insertions.set(entry.position, { queue, entry, content: entry.content });
  }

  remove(entry: Entry): void {
    this.#attempts.delete(entry.position);
    if (!this.#insertions.delete(entry.position)) this.#removals.push(entry.position);
  }

  delivered(queue: number, entry: Entry): void {
    if (entry.attempts > 1) this.#attempts.set(entry.position, entry.attempts);
    else this.#delivered.set(`${queue} ${entry.priority}`, [queue, entry.priority, entry.position]);
  }

  read(entry: Entry): Content {
    const waiting = this.#insertions.get(entry.position);
    if (waiting) return waiting.content;
    const row = this.#statement(
      "SELECT exchange, routing_key, properties, body FROM messages WHERE position = ?",
    ).get(entry.position);
    if (!row) throw new Error(`message ${entry.position} is missing in the data directory`);
    return {
      exchange: String(row.exchange),
      routingKey: String(row.routing_key),
      properties: bufferOf(row.properties),
      body: bufferOf(row.body),
    };
  }

  addExchange(vhost: string, identity: ExchangeIdentity): void {
    const { name, type, isAutoDelete, isInternal } = identity;
    const args = encodeTable(identity.arguments);
    this.#change(
      "INSERT INTO exchanges VALUES (?, ?, ?, ?, ?, ?)",
      vhost,
      name,
      type,
      Number(isAutoDelete),
      Number(isInternal),
      args,
    );
  }

  removeExchange(vhost: string, name: string): void {
    this.#change("DELETE FROM exchanges WHERE vhost = ? AND name = ?", vhost, name);
  }

  addQueue(vhost: string, identity: QueueIdentity): void {
    const { id, name, isAutoDelete } = identity;
    const args = encodeTable(identity.arguments);
    this.#change("INSERT INTO queues VALUES (?, ?, ?, ?, ?)", id, vhost, name, Number(isAutoDelete), args);
  }

  /** The messages in it are removed one by one before: the queue knows which they are. */
  removeQueue(id: number): void {
    for (const [key, [queue]] of this.#delivered) if (queue === id) this.#delivered.delete(key);
    this.#change("DELETE FROM queues WHERE id = ?", id);
    this.#change("DELETE FROM delivered WHERE queue = ?", id);
  }

  addBinding(vhost: string, binding: Binding): void {
    const { source, destinationKind, destination, routingKey } = binding;
    const args = encodeTable(binding.arguments);
    this.#change(
      "INSERT INTO bindings VALUES (?, ?, ?, ?, ?, ?, ?)",
      vhost,
      bindingKey(binding),
      source,
      destinationKind,
      destination,
      routingKey,
      args,
    );
  }

  removeBinding(vhost: string, binding: Binding): void {
    this.#change("DELETE FROM bindings WHERE vhost = ? AND key = ?", vhost, bindingKey(binding));
  }

  /** Whether anything waits for `commit`. */
  get isDirty(): boolean {
    return (
      this.#insertions.size > 0 ||
      this.#removals.length > 0 ||
      this.#changes.length > 0 ||
      this.#delivered.size > 0 ||
      this.#attempts.size > 0
    );
  }

  /**
   * Writes all that waits; from then on it survives the end of the process. Throws if it could not be
   * written; then all of it still waits.
   *
   * @returns whether something was promised to a client and has to survive a power cut: `flush` is due.
   *   Acknowledgements and delivery marks alone are not: a message that comes once more is what
   *   at-least-once means.
   */
  commit(): boolean {
    if (!this.isDirty) return false;
    const isPromised = this.#insertions.size > 0 || this.#changes.length > 0;
    this.#statement("BEGIN IMMEDIATE").run();
    try {
      this.#writeMessages();
      for (const change of this.#changes) change();
      this.#statement("COMMIT").run();
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
    this.counts.commits++;
    this.#insertions = new Map();
    this.#removals = [];
    this.#attempts = new Map();
    this.#delivered = new Map();
    this.#changes = [];
    return isPromised;
  }

  /**
   * Resolves when all that was committed before is safe from a power cut. SQLite would do the same inside
   * the commit (`synchronous = FULL`) and hold up the event loop and every delivery for it; here it only
   * holds up the confirms. https://www.sqlite.org/wal.html#performance_considerations
   */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      fdatasync(this.#log, (error) => (error ? reject(error) : resolve()));
    });
  }

  close(): void {
    closeSync(this.#log);
    this.#database.close();
  }

  #writeMessages(): void {
    const insert = this.#statement("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    for (const { queue, entry, content } of this.#insertions.values()) {
      const { position, priority, expiresAtMs } = entry;
      const { exchange, routingKey, properties, body } = content;
      insert.run(position, queue, priority, expiresAtMs ?? null, exchange, routingKey, properties, body);
      this.counts.bytes += body.length;
    }
    const remove = this.#statement("DELETE FROM messages WHERE position = ?");
    for (const position of this.#removals) remove.run(position);
    if (this.#removals.length > 0) this.#forgetAttempts();
    const attempt = this.#statement("INSERT OR REPLACE INTO attempts VALUES (?, ?)");
    for (const [position, count] of this.#attempts) attempt.run(position, count);
    const delivered = this.#statement("INSERT OR REPLACE INTO delivered VALUES (?, ?, ?)");
    for (const [queue, priority, position] of this.#delivered.values()) {
      delivered.run(queue, priority, position);
    }
  }

  /** Most messages have no row in `attempts`, and most of the time the table is empty. */
  #forgetAttempts(): void {
    if (!this.#statement("SELECT 1 FROM attempts LIMIT 1").get()) return;
    const forget = this.#statement("DELETE FROM attempts WHERE position = ?");
    for (const position of this.#removals) forget.run(position);
  }

  #change(sql: string, ...values: (string | number | Buffer)[]): void {
    this.#changes.push(() => this.#statement(sql).run(...values));
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#database.prepare(sql)));
    return statement;
  }
}

function bufferOf(value: unknown): Buffer {
  const bytes = value as Uint8Array;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
