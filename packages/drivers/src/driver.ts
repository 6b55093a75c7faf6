/**
 * What runs a task on a machine. A driver brings about a state, "running" or "gone", instead of
 * performing a step, so it may always be asked again; whoever asks may die at any moment.
 *
 * A task is `running` from `start` until its main process ends, then `exited` with a result that
 * stays until `destroy`; after that it is `gone`. It does not depend on the process that started it.
 */
import type { Readable, Writable } from "node:stream";
import type { TaskDirectory } from "./task-directory.ts";

export interface Driver {
  /** As job files name it: `raw_exec`, `exec`, `java`, `docker`. */
  readonly name: string;
  /** What this machine lets the driver do. Cheap enough to be asked every minute. */
  fingerprint(): Promise<Fingerprint>;
  /**
   * Makes the task run, once for each `spec.id`: asked again, it answers with the same handle even
   * if the task has ended in the meantime. Resolves when the command is about to be executed.
   *
   * Refuses with `invalid` what cannot be run as it is asked for (a command, user or directory that is
   * not there, a name that is no file name), and with `unavailable` what this machine does not allow.
   */
  start(spec: TaskSpec): Promise<TaskHandle>;
  /**
   * What became of the task. From here on its output reaches its log files again, so two processes
   * must not hold the same task at a time.
   */
  recover(handle: TaskHandle): Promise<TaskStatus>;
  /** Resolves when the main process has ended and what it wrote is in the log files. Refuses with `not-found` if it is gone. */
  wait(handle: TaskHandle, signal?: AbortSignal): Promise<TaskResult>;
  /**
   * Asks the main process to end, and ends every process of the task when it has not done so in time.
   * Harmless if it has ended.
   */
  stop(handle: TaskHandle, how: StopOptions): Promise<TaskResult>;
  /** Ends every process of the task and removes all but its log files and its directories. Idempotent. */
  destroy(handle: TaskHandle): Promise<void>;
  /** Sends a signal, such as `SIGHUP`, to the main process. Refuses an unknown one, and a task that does not run. */
  signal(handle: TaskHandle, name: string): Promise<void>;
  /** What the task uses, with all its descendants. Refuses a task that does not run. */
  stats(handle: TaskHandle): Promise<TaskStats>;
  /** Runs a further command where the task runs, as the same user with the same environment. */
  exec(handle: TaskHandle, command: readonly string[], options?: ExecOptions): Promise<ExecSession>;
  /** What separates the task from the machine and from others, and what does not. */
  isolation(handle: TaskHandle): Promise<readonly IsolationClaim[]>;
  /** Lets go of all tasks, which run on. */
  close(): Promise<void>;
}

export interface Fingerprint {
  /** The machine has what the driver cannot do without. */
  readonly isDetected: boolean;
  readonly isHealthy: boolean;
  /** Flat names as constraints use them: `driver.exec`, `driver.java.version`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly missing: readonly Lack[];
}

/** Something that is not there, and what is lost without it: both in words for people. */
export interface Lack {
  readonly what: string;
  readonly lost: string;
}

export interface TaskSpec {
  /** Names this one run, on this machine, for good: a restart of the task has another. Any text. */
  readonly id: string;
  /** The task's name, which its log files bear: anything that can be a file name. */
  readonly name: string;
  /** The driver's own settings, as the job file gives them. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The whole environment: nothing is added to it, but by `docker` what the image itself says. */
  readonly env: Readonly<Record<string, string>>;
  /** A name, a number, or two numbers `uid:gid`. */
  readonly user?: string;
  readonly resources: TaskLimits;
  readonly logs: LogRotation;
  readonly directory: TaskDirectory;
  readonly mounts?: readonly TaskMount[];
  /** The ports that were given to the group, for drivers that can map them. */
  readonly ports?: readonly TaskPort[];
}

export interface TaskPort {
  readonly label: string;
  /** Where it is reached from outside. */
  readonly hostAddress: string;
  readonly hostPort: number;
  /** Where the task listens, if it has a network of its own; the same number unless the job says otherwise. */
  readonly containerPort: number;
}

export interface TaskLimits {
  /** Its share of the processors against the other tasks; no limit while nobody else wants them. */
  readonly cpuMhz: number;
  /** A hard limit in thousandths of a core. */
  readonly cpuLimitMillis?: number;
  readonly memoryBytes: number;
  /** The limit, where it is above what is reserved. */
  readonly memoryMaxBytes?: number;
  /** How many processes and threads there may be; 4096 unless it says otherwise. */
  readonly maxProcesses?: number;
}

/** Log files are `NAME.stdout.0`, `NAME.stdout.1` and so on: at most `maxFiles` of about `maxFileBytes` each. */
export interface LogRotation {
  readonly maxFiles: number;
  readonly maxFileBytes: number;
  /** Output is thrown away. */
  readonly disabled: boolean;
}

export interface TaskMount {
  readonly source: string;
  readonly destination: string;
  readonly readOnly: boolean;
}

/** Plain JSON that finds the task again after a restart of whoever holds it. */
export interface TaskHandle {
  readonly driver: string;
  readonly id: string;
  /** Where the driver keeps what it must know about the task. */
  readonly stateDirectory: string;
  /** The main process, with what tells it from a later one of the same number. */
  readonly process?: ProcessIdentity;
  readonly startedAtMs: number;
}

export interface ProcessIdentity {
  readonly pid: number;
  /** When it was started, in the kernel's ticks since boot. */
  readonly startTicks: string;
  readonly bootId: string;
}

export type TaskStatus =
  | { readonly state: "running" }
  | { readonly state: "exited"; readonly result: TaskResult }
  | { readonly state: "gone" };

export interface TaskResult {
  /** 128 and the signal's number after a signal. Absent when nobody was there to see it. */
  readonly exitCode?: number;
  readonly signal?: string;
  /** The kernel ended a process of the task because its memory was used up. */
  readonly isOutOfMemory: boolean;
  /** Why the exit code is not known. */
  readonly error?: string;
  readonly finishedAtMs: number;
}

export interface StopOptions {
  /** `SIGINT` unless it says otherwise, as in Nomad; of `docker` the image's own, or `SIGTERM`. */
  readonly signal?: string;
  readonly killTimeoutMs: number;
}

export interface TaskStats {
  /** Processor time since the start, of all processes together. */
  readonly cpuMs: number;
  readonly userCpuMs: number;
  readonly systemCpuMs: number;
  /** Resident memory of all processes together; shared pages may count more than once where there is no cgroup. */
  readonly memoryBytes: number;
  readonly processes: number;
  readonly measuredAtMs: number;
}

export interface ExecOptions {
  /** In addition to the task's environment: `TERM`, for one. */
  readonly env?: Readonly<Record<string, string>>;
  readonly tty?: boolean;
  readonly size?: TerminalSize;
}

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

export interface ExecSession {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Says nothing where there is a terminal: that has one stream only. */
  readonly stderr: Readable;
  readonly exit: Promise<{ readonly exitCode: number; readonly signal?: string }>;
  /** Harmless without a terminal. */
  resize(size: TerminalSize): Promise<void>;
  /** Ends the command and what it started in its session. */
  kill(): void;
}

export interface IsolationClaim {
  readonly aspect: "files" | "processes" | "privileges" | "network" | "memory" | "cpu" | "system calls";
  readonly holds: boolean;
  readonly words: string;
}
