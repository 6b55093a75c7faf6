import type { Group, Job, Task } from "@fractus/core/job.ts";
import { groupOf } from "@fractus/core/job.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { TaskSpec } from "@fractus/drivers/driver.ts";
import { taskDirectory } from "@fractus/drivers/task-directory.ts";
import type { TaskDirectory } from "@fractus/drivers/task-directory.ts";
import type { Assignment } from "../control-link.ts";
import type { AgentWorld } from "./agent-world.ts";
import { inheritedEnvironment } from "./host-environment.ts";
import { inheritsEnvironment, pathsInTask, taskSpec } from "./task-spec.ts";

/** What there is to know of a task apart from what has become of it: as the job, which may change in place, says now. */
export class TaskScene {
  readonly #name: string;
  readonly #around: { readonly world: AgentWorld; assignment(): Assignment };

  constructor(name: string, around: { readonly world: AgentWorld; assignment(): Assignment }) {
    this.#name = name;
    this.#around = around;
  }

  get job(): Job {
    return this.#around.assignment().job;
  }

  get group(): Group {
    const { job, allocation } = this.#around.assignment();
    const group = groupOf(job, allocation.group);
    if (!group) throw new Refusal("invalid", `The job has no group ${JSON.stringify(allocation.group)}.`);
    return group;
  }

  get task(): Task {
    const task = this.group.tasks.find(({ name }) => name === this.#name);
    if (!task) throw new Refusal("invalid", `The group has no task ${JSON.stringify(this.#name)}.`);
    return task;
  }

  /** The allocation's directory. */
  get root(): string {
    return this.#around.world.storage.directoryOf(this.#around.assignment().allocation.id);
  }

  get directory(): TaskDirectory {
    return taskDirectory(this.root, this.#name);
  }

  /** @param fromTemplates what templates add to it */
  environment(fromTemplates: Readonly<Record<string, string>> = {}): Record<string, string> {
    const { world } = this.#around;
    const { allocation, job } = this.#around.assignment();
    const { task, group, directory } = this;
    const paths = pathsInTask(task.driver);
    const input = { node: world.node(), job, allocation, group, task, directory, ...(paths && { paths }) };
    return {
      ...(inheritsEnvironment(task.driver) && inheritedEnvironment(world.hostEnvironment)),
      ...world.parts.taskEnvironment(input),
      ...fromTemplates,
    };
  }

  /** But for its templates, whose `${…}` are for the programs that read them, and its environment, which is done. */
  interpolated(fromTemplates: Readonly<Record<string, string>>): Task {
    const { parts, node } = this.#around.world;
    const { templates, env, ...task } = this.task;
    const scope = { env: this.environment(fromTemplates), node: node() };
    return { ...parts.interpolateAll(task, scope), templates, env };
  }

  /** What the driver is asked to run. */
  spec(run: number, fromTemplates: Readonly<Record<string, string>>): TaskSpec {
    return taskSpec({
      task: this.interpolated(fromTemplates),
      group: this.group,
      allocation: this.#around.assignment().allocation,
      node: this.#around.world.node(),
      env: this.environment(fromTemplates),
      directory: this.directory,
      run,
    });
  }
}
