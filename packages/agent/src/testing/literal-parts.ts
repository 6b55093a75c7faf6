import { interpolateAll } from "../environment/interpolate.ts";
import type { ChecksInput, RunningChecks, TaskParts, TemplatesInput } from "../run/task-parts.ts";

/** Parts of which a test sees what they were asked, and decides what they answer. */
export interface LiteralParts extends TaskParts {
  readonly fetched: string[];
  /** Set: artifacts cannot be had. */
  artifactFailure: Error | undefined;
  /** What the tasks' files hold, by path. */
  readonly files: Record<string, string>;
  readonly templates: TemplatesInput[];
  readonly checks: { readonly input: ChecksInput; isClosed: boolean }[];
  /** Makes all services of the last checks healthy or not. */
  setHealth(isHealthy: boolean, sinceMs: number): void;
}

export function literalParts(): LiteralParts {
  let healthySinceMs: number | undefined;
  const parts: LiteralParts = {
    fetched: [],
    files: {},
    artifactFailure: undefined,
    templates: [],
    checks: [],
    taskEnvironment: ({ task, allocation }) => ({
      ...task.env,
      NOMAD_TASK_NAME: task.name,
      NOMAD_ALLOC_ID: allocation.id,
    }),
    interpolateAll,
    async fetchArtifact(artifact) {
      parts.fetched.push(artifact.source);
      if (parts.artifactFailure) throw parts.artifactFailure;
    },
    async startTemplates(input) {
      parts.templates.push(input);
      for (const { destination, data = "" } of input.templates) parts.files[destination] = data;
      return { environment: { FROM_TEMPLATE: String(parts.templates.length) }, close: () => undefined };
    },
    readTaskFile: (path) => parts.files[path],
    startChecks(input): RunningChecks {
      const entry = { input, isClosed: false };
      parts.checks.push(entry);
      return {
        results: () => [],
        healthyServices: () =>
          new Set(healthySinceMs === undefined ? [] : input.services.map(({ service }) => service.name)),
        passSinceMs: () => healthySinceMs,
        async close() {
          entry.isClosed = true;
        },
      };
    },
    setHealth(isHealthy, sinceMs) {
      healthySinceMs = isHealthy ? sinceMs : undefined;
      parts.checks.at(-1)?.input.onResult([], healthySinceMs);
    },
  };
  return parts;
}
