/**
 * Follows an evaluation to its end, and the deployment that it belongs to, as `job run` and others print it
 * (CL-236). With `-timestamps` each line begins with the time, as `nomad` has it since 1.1.
 */
import type { AllocationStub } from "@fractus/client/types/allocation.ts";
import type { Deployment } from "@fractus/client/types/deployment.ts";
import type { Evaluation } from "@fractus/client/types/evaluation.ts";
import { watch } from "@fractus/client/watch.ts";
import type { Flag } from "./command.ts";
import { until, type Context } from "./context.ts";
import { deploymentText } from "./deployment-text.ts";
import { inNamespace } from "./find.ts";
import { indented, instant, shortId } from "./format.ts";
import { failedGroups } from "./placement-failure.ts";

export interface MonitorOptions {
  readonly isVerbose: boolean;
  readonly withTimestamps: boolean;
  readonly namespace?: string | undefined;
  /** Only the evaluation is followed, not the deployment it belongs to. */
  readonly leavesDeployment?: boolean;
}

/** Flags of all commands that monitor. */
export const monitorFlags: readonly Flag[] = [
  { name: "detach", words: "return at once and print the evaluation's ID" },
  { name: "timestamps", words: "begin each line with the time" },
  { name: "verbose", words: "whole IDs" },
];

/**
 * Prints what happens until the evaluation and its deployment have ended. A deployment of which something
 * found no place is not waited for, as room may never come.
 *
 * @returns the exit code: 0, or 2 if something found no place, or 1 if evaluation or deployment failed
 */
export async function monitor(context: Context, id: string, options: MonitorOptions): Promise<number> {
  const { evaluation, code } = await new EvaluationMonitor(context, id, options).run();
  if (evaluation?.Status === "failed" && evaluation.NextEval)
    return monitor(context, evaluation.NextEval, options);
  if (code !== 0 || !evaluation?.DeploymentID || !(await isFollowed(context, evaluation, options)))
    return code;
  return monitorDeployment(context, evaluation.DeploymentID, options);
}

/** A deployment that had ended before something else was asked of the job has nothing more to tell. */
async function isFollowed(
  { client }: Context,
  { DeploymentID, TriggeredBy }: Evaluation,
  { namespace, leavesDeployment }: MonitorOptions,
): Promise<boolean> {
  if (leavesDeployment) return false;
  if (TriggeredBy === "job-register") return true;
  const { Status } = await client.deployments.get(DeploymentID, inNamespace(namespace));
  return !deploymentEnded.has(Status);
}

const ended: ReadonlySet<string> = new Set(["complete", "failed", "canceled", "blocked"]);

class EvaluationMonitor {
  readonly #context: Context;
  readonly #id: string;
  readonly #options: MonitorOptions;
  readonly #say: (text: string) => void;
  readonly #head: (text: string) => void;
  /** The client status of each allocation that was told of. */
  readonly #told = new Map<string, string>();
  #status = "pending";
  #isFirst = true;
  #hasDeployment = false;

  constructor(context: Context, id: string, options: MonitorOptions) {
    this.#context = context;
    this.#id = id;
    this.#options = options;
    const { say, head } = lines(context, options);
    this.#say = say;
    this.#head = head;
  }

  async run(): Promise<{ readonly evaluation?: Evaluation; readonly code: number }> {
    const { client, surroundings } = this.#context;
    this.#head(`Monitoring evaluation "${this.#short(this.#id)}"`);
    const read = (query: object) =>
      client.evaluations.get(this.#id, { ...query, ...inNamespace(this.#options.namespace) });
    for await (const evaluation of watch(read, until(surroundings))) {
      await this.#tell(evaluation);
      if (ended.has(evaluation.Status)) return this.#finish(evaluation);
    }
    return { code: 1 };
  }

  async #tell(evaluation: Evaluation): Promise<void> {
    if (this.#isFirst) this.#say(this.#trigger(evaluation));
    this.#isFirst = false;
    if (evaluation.DeploymentID && !this.#hasDeployment) {
      this.#hasDeployment = true;
      this.#say(`Evaluation within deployment: "${this.#short(evaluation.DeploymentID)}"`);
    }
    const query = inNamespace(this.#options.namespace);
    const allocations = (await this.#context.client.evaluations.allocations(this.#id, query)) ?? [];
    for (const allocation of allocations) this.#tellAllocation(allocation);
    if (evaluation.Status !== this.#status)
      this.#say(`Evaluation status changed: "${this.#status}" -> "${evaluation.Status}"`);
    this.#status = evaluation.Status;
  }

  #trigger({ JobID, NodeID, TriggeredBy }: Evaluation): string {
    if (NodeID) return `Evaluation triggered by node "${this.#short(NodeID)}"`;
    if (JobID) return `Evaluation triggered by job "${JobID}"`;
    return `Evaluation triggered by ${TriggeredBy}`;
  }

  #tellAllocation(allocation: AllocationStub): void {
    const id = this.#short(allocation.ID);
    const before = this.#told.get(allocation.ID);
    this.#told.set(allocation.ID, allocation.ClientStatus);
    if (before === undefined) {
      const what = allocation.DesiredStatus === "run" ? "created" : "modified";
      const node = this.#short(allocation.NodeID);
      this.#say(`Allocation "${id}" ${what}: node "${node}", group "${allocation.TaskGroup}"`);
    } else if (before !== allocation.ClientStatus) {
      const why = allocation.ClientDescription ? ` (${allocation.ClientDescription})` : "";
      this.#say(`Allocation "${id}" status changed: "${before}" -> "${allocation.ClientStatus}"${why}`);
    }
  }

  async #finish(evaluation: Evaluation) {
    const id = this.#short(evaluation.ID);
    const failed = Object.keys(evaluation.FailedTGAllocs ?? {}).length > 0;
    const but = failed ? " but failed to place all allocations:" : "";
    this.#head(`Evaluation "${id}" finished with status "${evaluation.Status}"${but}`);
    if (failed) {
      const { print } = this.#context;
      print(indented(failedGroups(evaluation.FailedTGAllocs, this.#options.isVerbose)));
      if (evaluation.BlockedEval)
        this.#say(
          `Evaluation "${this.#short(evaluation.BlockedEval)}" waiting for additional capacity to place remainder`,
        );
    }
    if (evaluation.Status === "failed" && evaluation.StatusDescription)
      this.#say(`Evaluation failed: ${evaluation.StatusDescription}`);
    return { evaluation, code: failed ? 2 : evaluation.Status === "failed" ? 1 : 0 };
  }

  #short(id: string): string {
    return shortId(id, this.#options.isVerbose);
  }
}

/** The two kinds of lines. */
function lines({ print, now }: Context, { withTimestamps }: MonitorOptions) {
  const time = () => (withTimestamps ? `${instant(now())}: ` : "");
  return {
    head: (text: string) => print(`==> ${time()}${text}`),
    say: (text: string) => print(`    ${time()}${text}`),
  };
}

const deploymentEnded: ReadonlySet<string> = new Set(["successful", "failed", "cancelled"]);

/**
 * Prints the deployment whenever it changes, until it ends; on a terminal in one place.
 *
 * @returns 0 if it was successful, otherwise 1
 */
export async function monitorDeployment(
  context: Context,
  id: string,
  options: MonitorOptions,
): Promise<number> {
  const { client, surroundings } = context;
  const { head } = lines(context, options);
  const screen = new Redrawn(context);
  head(`Monitoring deployment "${shortId(id, options.isVerbose)}"`);
  const read = (query: object) => client.deployments.get(id, { ...query, ...inNamespace(options.namespace) });
  for await (const deployment of watch(read, until(surroundings))) {
    screen.show(stateText(context, deployment, options));
    if (!deploymentEnded.has(deployment.Status)) continue;
    head(`Deployment "${shortId(id, options.isVerbose)}" ended with status "${deployment.Status}"`);
    return deployment.Status === "successful" ? 0 : 1;
  }
  return 1;
}

function stateText(context: Context, deployment: Deployment, options: MonitorOptions): string {
  const time = options.withTimestamps ? `${instant(context.now())}\n` : "";
  const awaits = Object.values(deployment.TaskGroups ?? {}).some(
    (group) => group.DesiredCanaries > 0 && !group.Promoted && group.HealthyAllocs >= group.DesiredCanaries,
  );
  const hint =
    awaits && deployment.Status === "running"
      ? `\n\nThe canaries are healthy; \`${context.program} deployment promote ${shortId(deployment.ID)}\` goes on.`
      : "";
  return indented(`${time}${deploymentText(deployment, options.isVerbose)}${hint}`);
}

/** Text that replaces what was shown before, where the terminal can; otherwise it follows, if it is new. */
class Redrawn {
  readonly #context: Context;
  #shown = "";

  constructor(context: Context) {
    this.#context = context;
  }

  show(text: string): void {
    if (text === this.#shown) return;
    const { print, surroundings } = this.#context;
    const lineCount = this.#shown === "" ? 0 : this.#shown.split("\n").length + 1;
    if (surroundings.isTerminal && lineCount > 0) surroundings.stdout.write(`\u001b[${lineCount}A\u001b[J`);
    print(`${text}\n`);
    this.#shown = text;
  }
}

/** Prints the ID with `-detach`, monitors otherwise. No ID means that there is nothing to follow. */
export async function detachOrMonitor(
  context: Context,
  id: string,
  options: MonitorOptions & { readonly detach: boolean; readonly done: string },
): Promise<number> {
  if (id && !options.detach) return monitor(context, id, options);
  context.print(options.done);
  if (id) context.print(`Evaluation ID: ${id}`);
  return 0;
}

/** What the flags say about monitoring. */
export function monitorOptions(flags: { is(name: string): boolean }, namespace?: string) {
  return {
    isVerbose: flags.is("verbose"),
    withTimestamps: flags.is("timestamps"),
    detach: flags.is("detach"),
    namespace,
  };
}
