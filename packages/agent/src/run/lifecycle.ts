/**
 * The order of a group's tasks (https://developer.hashicorp.com/nomad/docs/job-specification/lifecycle):
 *
 *     prestart ──▶ main, once those that prepare have succeeded and the sidecars run
 *                    ├──▶ poststart, once all main tasks run
 *                    └──▶ poststop, once everything else has ended
 *
 * Pure: what is known of the tasks goes in, what is to be done comes out.
 */
import type { InstanceStatus, TaskState } from "@fractus/core/allocation.ts";
import type { Group, Task } from "@fractus/core/job.ts";

export type States = Readonly<Record<string, TaskState>>;

/** Why the tasks of a group are ended; `type` is the event that each of them gets. */
export interface GroupEnding {
  readonly type: "Killing" | "Sibling Task Failed" | "Leader Task Dead" | "Main Tasks Dead";
  readonly message: string;
  readonly details: Readonly<Record<string, string>>;
  readonly atMs: number;
  /** Why the allocation as a whole is over, when that is not said by its tasks. */
  readonly statusReason?: string;
  readonly withoutPoststop?: boolean;
}

/** The tasks whose turn it is, among those that wait for it. */
export function tasksToStart(
  group: Group,
  states: States,
  ending: Pick<GroupEnding, "withoutPoststop"> | undefined,
): string[] {
  return group.tasks.filter((task) => isItsTurn(task, group, states, ending)).map(({ name }) => name);
}

function isItsTurn(
  task: Task,
  group: Group,
  states: States,
  ending: Pick<GroupEnding, "withoutPoststop"> | undefined,
): boolean {
  const others = (isWanted: (task: Task) => boolean) =>
    group.tasks.filter(isWanted).map((each) => states[each.name]);
  if (isPoststop(task))
    return (
      !ending?.withoutPoststop &&
      others((each) => !isPoststop(each)).every((state) => state.status === "dead")
    );
  if (ending) return false;
  if (task.lifecycle?.hook === "prestart") return true;
  if (isMain(task))
    return group.tasks.every(
      (each) => each.lifecycle?.hook !== "prestart" || isReady(each, states[each.name]),
    );
  return others(isMain).every((state) => state.status === "running");
}

/** A prestart task has done its part: a sidecar by running, any other by success. */
function isReady({ lifecycle }: Task, state: TaskState): boolean {
  return lifecycle?.sidecar ? state.startedAtMs !== undefined : state.status === "dead" && !state.failed;
}

/** Why the group has to end now, if it does. Poststop tasks are nobody's siblings: they end by themselves. */
export function reasonToEnd(group: Group, states: States, nowMs: number): GroupEnding | undefined {
  const tasks = group.tasks.filter((task) => !isPoststop(task));
  const failed = tasks.find(({ name }) => states[name].failed);
  if (failed)
    return {
      type: "Sibling Task Failed",
      message: `Task's sibling "${failed.name}" failed`,
      details: { failed_sibling: failed.name },
      atMs: nowMs,
    };
  const leader = tasks.find((task) => task.leader);
  if (leader && states[leader.name].status === "dead")
    return { type: "Leader Task Dead", message: "Leader Task in Group dead", details: {}, atMs: nowMs };
  if (tasks.filter(isMain).every(({ name }) => states[name].status === "dead"))
    return { type: "Main Tasks Dead", message: "Main tasks in the group died", details: {}, atMs: nowMs };
  return undefined;
}

/** Those that are ended together, one set after the other: the leader, the others, what serves them. */
export function stopOrder(group: Group): string[][] {
  const tasks = group.tasks.filter((task) => !isPoststop(task));
  const isSidecar = (task: Task) => task.lifecycle?.hook === "prestart" && task.lifecycle.sidecar;
  const sets = [
    tasks.filter((task) => task.leader),
    tasks.filter((task) => !task.leader && !isSidecar(task)),
    tasks.filter((task) => !task.leader && isSidecar(task)),
  ];
  return sets.filter((set) => set.length > 0).map((set) => set.map(({ name }) => name));
}

/** What its tasks say of the allocation. Over it is when nothing of it runs and nothing will. */
export function allocationStatus(
  group: Group,
  states: States,
  ending: GroupEnding | undefined,
): { readonly status: InstanceStatus; readonly statusReason: string } {
  const all = group.tasks.map((task) => states[task.name]);
  if (isOver(group, states, ending)) {
    const isFailed = all.some((state) => state.failed);
    const status = isFailed ? "failed" : "complete";
    return {
      status,
      statusReason: ending?.statusReason ?? (isFailed ? "Failed tasks" : "All tasks have completed"),
    };
  }
  if (all.some((state) => state.status === "running"))
    return { status: "running", statusReason: "Tasks are running" };
  const hasStarted = all.some((state) => state.startedAtMs !== undefined);
  return { status: "pending", statusReason: hasStarted ? "No tasks are running" : "No tasks have started" };
}

/** Poststop tasks that will never have their turn do not count. */
function isOver(group: Group, states: States, ending: GroupEnding | undefined): boolean {
  return group.tasks.every(
    (task) =>
      states[task.name].status === "dead" ||
      (ending?.withoutPoststop === true && isPoststop(task) && states[task.name].status === "pending"),
  );
}

export function isMain(task: Task): boolean {
  return task.lifecycle === undefined;
}

export function isPoststop(task: Task): boolean {
  return task.lifecycle?.hook === "poststop";
}
