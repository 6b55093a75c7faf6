import { statfsSync } from "node:fs";

/** How much a broker may take. */
export interface Limits {
  /** Messages in memory, bodies and bookkeeping together; above it publishers are held back. */
  readonly memoryBytes: number;
  /** Free disk below this holds publishers back. */
  readonly diskFreeBytes: number;
  /** The largest message. RabbitMQ's default is 128 MiB. */
  readonly messageBytes: number;
  /** Messages that have arrived only in part, of all connections together. */
  readonly partialBytes: number;
  readonly connections: number;
}

export const defaultLimits: Limits = {
  memoryBytes: 512 * 1024 * 1024,
  diskFreeBytes: 50 * 1024 * 1024,
  messageBytes: 128 * 1024 * 1024,
  partialBytes: 512 * 1024 * 1024,
  connections: 10_000,
};

/** A message without its body costs about this much: the entry, its place in a list, its part in a set. */
const entryBytes = 200;
const diskCheckBytes = 16 * 1024 * 1024;
const diskCheckMs = 10_000;

/**
 * Decides when publishers are held back: too many messages in memory, too little free disk, a disk that
 * fails. https://www.rabbitmq.com/docs/alarms
 */
export class Alarms {
  readonly limits: Limits;
  readonly #dataDirectory: string;
  #contentBytes = 0;
  #entries = 0;
  #isMemoryLow = false;
  #isDiskLow = false;
  #isDiskFailing = false;
  #checkedAtMs = 0;
  #writtenAtCheck = 0;

  constructor(limits: Limits, dataDirectory: string) {
    this.limits = limits;
    this.#dataDirectory = dataDirectory;
  }

  /** Why publishers are held back, in RabbitMQ's words, or undefined. */
  get reason(): string | undefined {
    const reasons = [
      this.#isMemoryLow && "low on memory",
      this.#isDiskLow && "low on disk",
      this.#isDiskFailing && "disk is failing",
    ].filter((reason) => reason !== false);
    return reasons.length > 0 ? reasons.join(" & ") : undefined;
  }

  get memoryBytes(): number {
    return this.#contentBytes + this.#entries * entryBytes;
  }

  /** Content that can be read back from disk should leave memory from an eighth of the limit on. */
  get isTight(): boolean {
    return this.memoryBytes > this.limits.memoryBytes / 8;
  }

  /** Whether the disk has to be looked at again although nothing is written. */
  get isWaitingForDisk(): boolean {
    return this.#isDiskLow || this.#isDiskFailing;
  }

  held(bytes: number, entries: number): void {
    this.#contentBytes += bytes;
    this.#entries += entries;
    const used = this.memoryBytes;
    if (used > this.limits.memoryBytes) this.#isMemoryLow = true;
    else if (used < this.limits.memoryBytes * 0.9) this.#isMemoryLow = false;
  }

  diskWorks(works: boolean): void {
    this.#isDiskFailing = !works;
  }

  /**
   * Looks at the free disk if much was written or time has passed since the last look.
   *
   * @param writtenBytes what was written since the start
   */
  checkDisk(writtenBytes: number, nowMs: number): void {
    const isDue =
      this.#isDiskLow ||
      writtenBytes - this.#writtenAtCheck > diskCheckBytes ||
      nowMs - this.#checkedAtMs > diskCheckMs;
    if (!isDue) return;
    this.#checkedAtMs = nowMs;
    this.#writtenAtCheck = writtenBytes;
    const { bavail, bsize } = statfsSync(this.#dataDirectory);
    this.#isDiskLow = bavail * bsize < this.limits.diskFreeBytes;
  }
}
