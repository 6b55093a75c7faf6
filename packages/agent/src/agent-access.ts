/**
 * What others may ask of an agent about its node and what runs there: logs, files, commands, figures.
 * An agent in the same process answers it by itself, one on another machine over TLS.
 *
 * All refuse with `not-found` what is not on this node, and with `invalid` what makes no sense.
 */
import type { ExecOptions, ExecSession, IsolationClaim, TaskStats } from "@fractus/drivers/driver.ts";
import type { Readable } from "node:stream";

export interface AgentAccess {
  hostStats(): Promise<HostStats>;
  allocationStats(allocationId: string): Promise<AllocationStats>;
  /** Ends and starts a task again, or all that run; with `evenEnded` also those that have ended. */
  restart(
    allocationId: string,
    which: { readonly task?: string; readonly evenEnded?: boolean },
  ): Promise<void>;
  /** To one task, or to all that run. */
  signal(allocationId: string, order: { readonly task?: string; readonly signal: string }): Promise<void>;
  exec(
    allocationId: string,
    order: { readonly task: string; readonly command: readonly string[] } & ExecOptions,
  ): Promise<ExecSession>;
  checks(allocationId: string): Promise<readonly CheckResult[]>;
  /** By task name: what separates it from the machine and from others. */
  isolation(allocationId: string): Promise<Readonly<Record<string, readonly IsolationClaim[]>>>;
  /** Entries of a directory of the allocation, by a path such as `/alloc/logs`. */
  list(allocationId: string, path: string): Promise<readonly FileEntry[]>;
  stat(allocationId: string, path: string): Promise<FileEntry>;
  /** Bytes of a file, from `offset`, at most `limit`. */
  read(
    allocationId: string,
    path: string,
    range: { readonly offset?: number; readonly limit?: number },
  ): Promise<Readable>;
  /** Pieces of a file as it grows, until the signal; without `follow`, to its end. */
  follow(allocationId: string, path: string, from: FollowOptions): AsyncIterable<FileChunk>;
  /** Pieces of what a task wrote, over all its log files in their order. */
  logs(
    allocationId: string,
    which: { readonly task: string; readonly stream: "stdout" | "stderr" } & FollowOptions,
  ): AsyncIterable<FileChunk>;
  /** Forgets the files of an allocation that is over, or of all. */
  collectGarbage(allocationId?: string): Promise<void>;
  /** Sets entries of the node's meta, or removes those that are null, for good. */
  changeMeta(changes: Readonly<Record<string, string | null>>): Promise<Readonly<Record<string, string>>>;
}

export interface FollowOptions {
  readonly follow: boolean;
  /** What `offset` counts from. */
  readonly origin: "start" | "end";
  /** Bytes. */
  readonly offset: number;
  readonly signal?: AbortSignal;
}

export interface FileChunk {
  /** The file's path within the allocation. */
  readonly path: string;
  /** Where in the file `data` ends. */
  readonly offset: number;
  readonly data: Buffer;
  /** Says what happened when it is not new data. */
  readonly event?: "file truncated" | "file deleted";
}

export interface FileEntry {
  readonly name: string;
  readonly isDirectory: boolean;
  readonly sizeBytes: number;
  /** As `ls` shows it: `-rw-r--r--`. */
  readonly mode: string;
  readonly modifiedAtMs: number;
  readonly contentType?: string;
}

export interface CheckResult {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly task?: string;
  readonly group: string;
  readonly type: string;
  readonly status: "pending" | "success" | "failure";
  readonly atMs: number;
  readonly statusCode?: number;
  readonly output: string;
  /** `readiness` when its result is of no account to a deployment, else `healthiness`. */
  readonly mode: "healthiness" | "readiness";
}

export interface AllocationStats {
  readonly measuredAtMs: number;
  readonly tasks: Readonly<Record<string, TaskUse>>;
}

/** Of a task: totals, and what of a core it used since it was last looked at. */
export interface TaskUse extends TaskStats {
  /** 100 is one core. */
  readonly cpuPercent: number;
}

export interface HostStats {
  readonly measuredAtMs: number;
  readonly uptimeMs: number;
  readonly memory: {
    readonly totalBytes: number;
    readonly availableBytes: number;
    readonly freeBytes: number;
  };
  /** By core: percentages since it was last looked at. */
  readonly cpu: readonly {
    readonly name: string;
    readonly user: number;
    readonly system: number;
    readonly idle: number;
  }[];
  readonly disks: readonly {
    readonly device: string;
    readonly mount: string;
    readonly sizeBytes: number;
    readonly usedBytes: number;
    readonly availableBytes: number;
  }[];
}
