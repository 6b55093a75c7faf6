/** What people ask of the cloud, by chance. Nobody waits for an answer before the next one asks. */
import { stopAllocation } from "@fractus/control/commands/allocations.ts";
import { failDeployment, pauseDeployment, promoteDeployment } from "@fractus/control/commands/deployments.ts";
import {
  deregisterJob,
  dispatchJob,
  evaluateJob,
  forcePeriodic,
  registerJob,
  revertJob,
  scaleJob,
} from "@fractus/control/commands/jobs.ts";
import { drainNode, purgeNode, setEligibility } from "@fractus/control/commands/nodes.ts";
import { collectEverything, setSchedulerSettings } from "@fractus/control/commands/operator.ts";
import { putProject } from "@fractus/control/commands/projects.ts";
import { deleteVariable, putVariable } from "@fractus/control/commands/variables.ts";
import type { Control } from "@fractus/control/control.ts";
import { settingsOf } from "@fractus/control/state/state.ts";
import { awaitsPromotion, type Deployment, isActive } from "@fractus/core/deployment.ts";
import type { Dice } from "@fractus/core/dice.ts";
import { isTemplate, type Job } from "@fractus/core/job.ts";
import type { Node } from "@fractus/core/node.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import { between, happens, pick, pickWeighted } from "./chance.ts";
import { changedJob, projects, randomJob } from "./job-shapes.ts";
import type { Witness } from "./witness.ts";
import type { World } from "./world.ts";

type Act = (person: Person, control: Control) => Promise<unknown> | undefined;

/** Somebody at the door, with dice for what they want. */
export class Person {
  readonly world: World;
  readonly dice: Dice;
  readonly witness: Witness;
  /** How often each thing was asked for. */
  readonly asked = new Map<string, number>();

  constructor(world: World, dice: Dice, witness: Witness) {
    this.world = world;
    this.dice = dice;
    this.witness = witness;
  }

  /** Asks for something; what is answered is written down by the witness. */
  ask(): void {
    const [name, act] = pickWeighted(this.dice, wishes);
    const { control } = this.world;
    if (control) this.#ask(name, control.control, act);
  }

  /** Asks for this very thing. */
  demand(name: string, act: (control: Control) => Promise<unknown> | undefined): void {
    const { control } = this.world;
    if (control) this.#ask(name, control.control, (_, present) => act(present));
  }

  #ask(name: string, control: Control, act: Act): void {
    const answer = act(this, control);
    if (!answer) return;
    this.asked.set(name, (this.asked.get(name) ?? 0) + 1);
    this.world.trace(`somebody asks: ${name}`);
    answer.then(
      (result) => this.witness.acknowledged(name, result),
      (error: unknown) => this.#hearRefusal(name, error),
    );
  }

  #hearRefusal(name: string, error: unknown): void {
    this.world.trace(`refused: ${name}: ${String(error)}`);
    if (!(error instanceof Refusal))
      this.world.violate("what is refused is refused with a reason", `${name}: ${(error as Error).stack}`);
  }
}

const wishes: readonly (readonly [weight: number, wish: readonly [name: string, act: Act]])[] = [
  [14, ["register a job", ({ dice }, control) => register(control, randomJob(dice))]],
  [
    10,
    [
      "change a job",
      ({ dice }, control) => onJob(dice, control, (job) => register(control, changedJob(dice, job))),
    ],
  ],
  [6, ["scale a job", scale]],
  [
    3,
    [
      "stop a job",
      ({ dice }, control) =>
        onJob(dice, control, (job) => deregisterJob(control, { ...nameOf(job), purge: false })),
    ],
  ],
  [
    2,
    [
      "purge a job",
      ({ dice }, control) =>
        onJob(dice, control, (job) => deregisterJob(control, { ...nameOf(job), purge: true })),
    ],
  ],
  [3, ["revert a job", revert]],
  [3, ["dispatch a job", dispatch]],
  [
    2,
    [
      "launch a periodic job",
      ({ dice }, control) =>
        onJob(dice, control, (job) => job.periodic && forcePeriodic(control, nameOf(job))),
    ],
  ],
  [
    2,
    [
      "evaluate a job",
      ({ dice }, control) =>
        onJob(dice, control, (job) =>
          evaluateJob(control, { ...nameOf(job), forceReschedule: happens(dice, 0.5) }),
        ),
    ],
  ],
  [4, ["stop an allocation", stopOne]],
  [4, ["change a deployment", changeDeployment]],
  [3, ["drain a node", drain]],
  [3, ["change a node's eligibility", changeEligibility]],
  [1, ["purge a node", ({ dice }, control) => onNode(dice, control, (nodeId) => purgeNode(control, nodeId))]],
  [4, ["write a variable", writeVariable]],
  [1, ["delete a variable", removeVariable]],
  [1, ["change the settings", changeSettings]],
  [1, ["collect everything", (_, control) => collectEverything(control)]],
  [
    1,
    [
      "join a node",
      ({ world }) => (world.nodes.size < 9 ? Promise.resolve(void world.addNode()) : undefined),
    ],
  ],
];

/** The projects that jobs are in. */
export function foundProjects(person: Person): void {
  for (const name of projects.slice(1))
    person.demand(`found project ${name}`, (control) =>
      putProject(control, { name, description: "", meta: {} }),
    );
}

function register(control: Control, job: Job): Promise<unknown> {
  return registerJob(control, { job, definition: definitionOf(job) });
}

function definitionOf(job: Job) {
  return { ID: job.id, TaskGroups: job.groups.map(({ name, count }) => ({ Name: name, Count: count })) };
}

function nameOf({ project, id }: Job): { readonly project: string; readonly id: string } {
  return { project, id };
}

function onJob<T>(
  dice: Dice,
  { state }: Control,
  act: (job: Job) => Promise<T> | undefined,
): Promise<T> | undefined {
  const ids = [...state.jobs.ids()].toSorted();
  if (ids.length === 0) return undefined;
  return act(state.jobs.get(pick(dice, ids))!.job);
}

function onNode<T>(dice: Dice, { state }: Control, act: (id: string) => Promise<T>): Promise<T> | undefined {
  const ids = [...state.nodes.ids()].toSorted();
  return ids.length === 0 ? undefined : act(pick(dice, ids));
}

function scale({ dice }: Person, control: Control) {
  return onJob(dice, control, (job) => {
    if (job.type === "system" || job.type === "sysbatch") return undefined;
    return scaleJob(control, {
      ...nameOf(job),
      group: pick(dice, job.groups).name,
      count: between(dice, 0, 8),
    });
  });
}

function revert({ dice }: Person, control: Control) {
  return onJob(dice, control, (job) => {
    const versions = control.state.versions
      .by("job", `${job.project}\n${job.id}`)
      .map((one) => one.job.version);
    return revertJob(control, { ...nameOf(job), version: pick(dice, versions) });
  });
}

function dispatch({ dice }: Person, control: Control) {
  return onJob(dice, control, (job) => {
    if (!job.parameterized) return undefined;
    const idempotencyToken = happens(dice, 0.3) ? String(between(dice, 0, 3)) : undefined;
    return dispatchJob(control, {
      ...nameOf(job),
      meta: {},
      ...(idempotencyToken !== undefined && { idempotencyToken }),
    });
  });
}

function stopOne({ dice }: Person, control: Control) {
  const all = [...control.state.allocations.values()].filter((one) => one.desired === "run");
  if (all.length === 0) return undefined;
  return stopAllocation(control, { id: pick(dice, all).id, withoutReplacement: happens(dice, 0.2) });
}

function changeDeployment({ dice }: Person, control: Control) {
  const active = [...control.state.deployments.values()].filter(isActive);
  if (active.length === 0) return undefined;
  const { id } = pick(dice, active);
  const act = pickWeighted(dice, [
    [4, () => promoteDeployment(control, { id })],
    [1, () => failDeployment(control, id)],
    [2, () => pauseDeployment(control, { id, isPaused: happens(dice, 0.4) })],
  ]);
  return act();
}

function drain({ dice, world }: Person, control: Control) {
  return onNode<unknown>(dice, control, (nodeId) => {
    if (happens(dice, 0.2)) return drainNode(control, { nodeId, isEligible: true });
    const startedAtMs = world.clock.nowMs();
    const forceAtMs = happens(dice, 0.6) ? startedAtMs + between(dice, 0, 10) * 10_000 : undefined;
    return drainNode(control, {
      nodeId,
      drain: {
        startedAtMs,
        ignoresSystemJobs: happens(dice, 0.3),
        ...(forceAtMs !== undefined && { forceAtMs }),
      },
    });
  });
}

function changeEligibility({ dice }: Person, control: Control) {
  return onNode(dice, control, (nodeId) =>
    setEligibility(control, { nodeId, isEligible: happens(dice, 0.7) }),
  );
}

function writeVariable({ dice }: Person, control: Control) {
  const place = { project: pick(dice, projects), path: `nomad/jobs/${pick(dice, ["a", "b", "c"])}` };
  const known = control.state.variables.entry(`${place.project}\n${place.path}`)?.modifiedIndex ?? 0;
  const checkIndex = happens(dice, 0.5) ? pick(dice, [known, known, known + 1]) : undefined;
  const items = { value: String(between(dice, 0, 999)) };
  return putVariable(control, { ...place, items, ...(checkIndex !== undefined && { checkIndex }) });
}

function removeVariable({ dice }: Person, control: Control) {
  return deleteVariable(control, {
    project: pick(dice, projects),
    path: `nomad/jobs/${pick(dice, ["a", "b", "c"])}`,
  });
}

function changeSettings({ dice }: Person, control: Control) {
  const before = settingsOf(control.state);
  const preemption = {
    system: true,
    service: happens(dice, 0.5),
    batch: happens(dice, 0.5),
    sysbatch: happens(dice, 0.3),
  };
  const settings = {
    ...before,
    algorithm: pick(dice, ["binpack", "spread"] as const),
    preemption,
    isPaused: happens(dice, 0.1),
    rejectsJobs: happens(dice, 0.1),
  };
  return setSchedulerSettings(control, { settings });
}

/** In the calm after the faults nothing is left in the way of what is wanted. */
export function tidyUp(person: Person): void {
  person.demand("unpause and accept jobs", (control) => {
    const settings = { ...settingsOf(control.state), isPaused: false, rejectsJobs: false };
    return setSchedulerSettings(control, { settings });
  });
}

/** Deployments that wait for a person go on, nodes that were drained take work again, and templates stop. */
export function attend(person: Person, minute: number): void {
  const control = person.world.control?.control;
  if (!control) return;
  for (const node of control.state.nodes.values()) attendNode(person, control, node, minute);
  for (const one of [...control.state.deployments.values()].filter(isActive)) attendDeployment(person, one);
  for (const { job } of control.state.jobs.values()) attendTemplate(person, job);
}

/** In the calm nothing begins by itself; what was asked for last may have come after the calm began. */
function attendTemplate(person: Person, job: Job): void {
  if (isTemplate(job) && !job.stopped)
    person.demand("stop a template", (control) => deregisterJob(control, { ...nameOf(job), purge: false }));
}

/** Who drains without a deadline loses patience. */
function attendNode(person: Person, { clock }: Control, node: Node, minute: number): void {
  const { id: nodeId, drain: before, isEligible } = node;
  if (!before && !isEligible)
    person.demand("make a node eligible", (control) => setEligibility(control, { nodeId, isEligible: true }));
  if (before && before.forceAtMs === undefined && minute >= patienceMinutes)
    person.demand("force a drain", (control) =>
      drainNode(control, { nodeId, drain: { ...before, forceAtMs: clock.nowMs() } }),
    );
}

/** One that is paused goes on; canaries that wait are promoted once they are well. */
function attendDeployment(person: Person, { id, status, groups }: Deployment): void {
  if (status === "paused")
    person.demand("resume a deployment", (control) => pauseDeployment(control, { id, isPaused: false }));
  else if (Object.values(groups).some(awaitsPromotion))
    person.demand("promote a deployment", (control) => promoteDeployment(control, { id }));
}

const patienceMinutes = 10;
