/**
 * What an agent must know again after its death, at any moment: it is written down before the act that it
 * describes, so that the next agent can go on where this one was cut off.
 */
import type { TaskState } from "@fractus/core/allocation.ts";
import type { TaskHandle } from "@fractus/drivers/driver.ts";
import type { Assignment } from "../control-link.ts";
import type { GroupEnding } from "./lifecycle.ts";
import type { RestartCount } from "./restart.ts";

/** An allocation as this node knows it. */
export interface RunRecord {
  readonly allocationId: string;
  /** When the node first had to do with it. */
  readonly begunAtMs: number;
  /** Its tasks are to end, or have ended, for this reason. */
  readonly ending?: GroupEnding;
  /** Data of the allocation it replaces was taken over, or there was none. */
  readonly isCarriedOver: boolean;
  /** It is over since then. */
  readonly overAtMs?: number;
  /** Its files are gone. */
  readonly isCollected?: boolean;
  readonly tasks: Readonly<Record<string, TaskRecord>>;
}

/** Where a task stands; `task-run.ts` says how each phase is left. */
export type TaskPhase = "waiting" | "preparing" | "starting" | "running" | "delaying" | "dead";

export interface TaskRecord {
  readonly phase: TaskPhase;
  readonly state: TaskState;
  /** Numbers the starts: each has an id of its own for the driver. */
  readonly run: number;
  /** Of the present run. */
  readonly handle?: TaskHandle;
  /** Of a run that has ended, until the driver has removed it. */
  readonly leftover?: TaskHandle;
  readonly restarts?: RestartCount;
  /** When a task that is delayed starts again. */
  readonly startAtMs?: number;
  /** Somebody asked for a restart: the end of the present run is no end of the task. */
  readonly restartAsked?: string;
  readonly ending?: TaskEnding;
  /** Artifacts and payload are in its directory. */
  readonly isPrepared: boolean;
}

export interface TaskEnding {
  readonly atMs: number;
  readonly isFailure: boolean;
}

export interface StoredRun {
  readonly assignment: Assignment;
  readonly record: RunRecord;
}

/** Entries of a node that are its own for good. */
export interface NodeIdentity {
  readonly id: string;
  /** Changes of the meta that somebody made while it ran; null removes an entry. */
  readonly meta: Readonly<Record<string, string | null>>;
}

/** Where an agent keeps what it knows, and its allocations' files. Writing is done when the call returns. */
export interface AgentStorage {
  readNode(): NodeIdentity | undefined;
  writeNode(node: NodeIdentity): void;
  /** Those that cannot be read are set aside and named. */
  readRuns(): { readonly runs: readonly StoredRun[]; readonly damaged: readonly string[] };
  writeAssignment(assignment: Assignment): void;
  writeRun(record: RunRecord): void;
  forgetRun(allocationId: string): void;
  /** The root of an allocation's files. */
  directoryOf(allocationId: string): string;
  /** Makes the directories of one task and those that all share. Idempotent. */
  makeDirectories(
    allocationId: string,
    task: string,
    owner: { readonly uid: number; readonly gid: number },
  ): void;
  /** A file of the task's `local`, by its path in there. Refuses one that leads out of it. */
  writeLocal(
    allocationId: string,
    task: string,
    file: { readonly path: string; readonly data: Buffer },
  ): void;
  /** Takes `alloc/data` and the tasks' `local` over from an allocation that is over. Idempotent. */
  carryOver(order: { readonly from: string; readonly to: string; readonly tasks: readonly string[] }): void;
  removeFiles(allocationId: string): Promise<void>;
  /** Share of the disk that is in use, 0 to 1. */
  diskUse(): number;
}
