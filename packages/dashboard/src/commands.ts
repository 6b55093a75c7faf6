/** The lines for a terminal that do the same as a button. */
import { shortId } from "./format.ts";
import { usualNamespace } from "./route.ts";

interface Named {
  readonly id: string;
  readonly namespace: string;
}

const line = (words: readonly (string | number)[]) => ["fractus", ...words].map(quoted).join(" ");

export const commands = {
  runFile: (file = "FILE") => line(["job", "run", file]),
  planFile: (file = "FILE") => line(["job", "plan", file]),
  scaleJob: (job: Named, group: string, count: number) =>
    line(["job", "scale", ...scope(job), job.id, group, count]),
  stopJob: (job: Named) => line(["job", "stop", ...scope(job), job.id]),
  startJob: (job: Named) => line(["job", "start", ...scope(job), job.id]),
  purgeJob: (job: Named) => line(["job", "stop", "-purge", ...scope(job), job.id]),
  evaluateJob: (job: Named) => line(["job", "eval", "-force-reschedule", ...scope(job), job.id]),
  revertJob: (job: Named, version: number) => line(["job", "revert", ...scope(job), job.id, version]),
  forcePeriodic: (job: Named) => line(["job", "periodic", "force", ...scope(job), job.id]),
  why: (job: Named) => line(["why", ...scope(job), job.id]),
  /** A payload comes from standard input. */
  dispatch: (job: Named, meta: Readonly<Record<string, string>>, hasPayload: boolean) =>
    line([
      "job",
      "dispatch",
      ...scope(job),
      ...Object.entries(meta).flatMap(([name, value]) => ["-meta", `${name}=${value}`]),
      job.id,
      ...(hasPayload ? ["-"] : []),
    ]),
  promote: (deployment: string) => line(["deployment", "promote", shortId(deployment)]),
  failDeployment: (deployment: string) => line(["deployment", "fail", shortId(deployment)]),
  restartAllocation: (id: string, task?: string) =>
    line(["alloc", "restart", shortId(id), ...(task ? [task] : [])]),
  stopAllocation: (id: string) => line(["alloc", "stop", shortId(id)]),
  logs: (id: string, task: string, isError: boolean) =>
    line(["alloc", "logs", "-f", ...(isError ? ["-stderr"] : []), shortId(id), task]),
  drain: (node: string) => line(["node", "drain", "-enable", shortId(node)]),
  endDrain: (node: string) => line(["node", "drain", "-disable", shortId(node)]),
  makeEligible: (node: string) => line(["node", "eligibility", "-enable", shortId(node)]),
  makeIneligible: (node: string) => line(["node", "eligibility", "-disable", shortId(node)]),
};

function scope({ namespace }: Named): readonly string[] {
  return namespace === usualNamespace ? [] : [`-namespace=${namespace}`];
}

/** As a shell takes it. */
function quoted(word: string | number): string {
  const text = String(word);
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
