/** What a task needs around it before and while it runs; each is a part of its own that the agent is given. */
import type { Allocation } from "@fractus/core/allocation.ts";
import type { Clock } from "@fractus/core/clock.ts";
import type { Dice } from "@fractus/core/dice.ts";
import type { Artifact, Group, Job, Service, Task, Template } from "@fractus/core/job.ts";
import type { TaskDirectory } from "@fractus/drivers/task-directory.ts";
import type { CheckResult } from "../agent-access.ts";
import type { ArtifactLimits } from "../artifacts/limits.ts";
import type { ControlLink, NodeFacts } from "../control-link.ts";

export interface TaskParts {
  /** NOMAD_* and the task's own environment, interpolated. */
  taskEnvironment(input: EnvironmentInput): Record<string, string>;
  /** Replaces `${…}` in all texts of a JSON value; what names nothing stays as it is. */
  interpolateAll<T>(value: T, scope: Scope): T;
  /** Refuses with `invalid` what will never work, with `unavailable` what may later. */
  fetchArtifact(artifact: Artifact, to: ArtifactPlace, how: ArtifactTerms): Promise<void>;
  /** Resolves when all templates are rendered, and follows their changes from then on. */
  startTemplates(input: TemplatesInput): Promise<RunningTemplates>;
  /** The text of a file of the task, or undefined if there is none that may be read. */
  readTaskFile(path: string, place: ArtifactPlace): string | undefined;
  startChecks(input: ChecksInput): RunningChecks;
}

export interface EnvironmentInput {
  readonly node: NodeFacts;
  readonly job: Job;
  readonly allocation: Allocation;
  readonly group: Group;
  readonly task: Task;
  readonly directory: TaskDirectory;
  /** The same directories as the task sees them, where it has a root file system of its own. */
  readonly paths?: { readonly alloc: string; readonly local: string; readonly secrets: string };
}

export interface Scope {
  readonly env: Readonly<Record<string, string>>;
  readonly node: NodeFacts;
}

export interface ArtifactPlace {
  readonly taskDirectory: string;
  readonly allocationDirectory: string;
}

export interface ArtifactPolicy {
  readonly limits: ArtifactLimits;
  /** Loopback and link-local addresses, and files of this machine. */
  readonly allowsLocalSources: boolean;
}

export interface ArtifactTerms extends ArtifactPolicy {
  readonly signal: AbortSignal;
  readonly owner?: { readonly uid: number; readonly gid: number };
}

export interface TemplatesInput {
  readonly templates: readonly Template[];
  readonly taskDirectory: string;
  readonly allocationDirectory: string;
  readonly project: string;
  readonly env: Readonly<Record<string, string>>;
  readonly node: NodeFacts;
  readonly link: Pick<ControlLink, "services" | "variable" | "variablePaths" | "changed">;
  readonly clock: Clock;
  readonly dice: Dice;
  readonly signal: AbortSignal;
  onWaiting(what: string): void;
  onChange(changes: readonly Template[]): void;
}

export interface RunningTemplates {
  /** What templates give to the environment, at this moment. */
  readonly environment: Readonly<Record<string, string>>;
  close(): void;
}

export interface CheckedService {
  readonly service: Service;
  readonly task?: string;
  readonly address: string;
  readonly port: number;
}

export interface ChecksInput {
  readonly services: readonly CheckedService[];
  addressOfPort(label: string): { readonly address: string; readonly port: number } | undefined;
  readonly group: string;
  readonly clock: Clock;
  readonly dice: Dice;
  runInTask(
    task: string,
    command: readonly string[],
    timeoutMs: number,
  ): Promise<{ readonly exitCode: number; readonly output: string }>;
  taskStartedAtMs(task: string | undefined): number | undefined;
  onResult(results: readonly CheckResult[], passSinceMs: number | undefined): void;
  onRestart(task: string | undefined, reason: string): void;
}

export interface RunningChecks {
  results(): readonly CheckResult[];
  healthyServices(): ReadonlySet<string>;
  passSinceMs(): number | undefined;
  close(): Promise<void>;
}
