/**
 * Start order among groups and jobs, as an extension that other engines ignore: the meta of a group or its job
 *
 *     meta = { "fractus.after" = "db:healthy, cache:started" }
 *
 * holds its tasks back until there is an instance of each of these services of the same project: one that passes
 * its checks (`healthy`, also when nothing is said), or any (`started`). It counts once, when an allocation begins.
 */
import type { Group, Job } from "@fractus/core/job.ts";
import type { ControlLink } from "../control-link.ts";
import { retrying } from "./retrying.ts";
import type { AgentWorld } from "./agent-world.ts";

export interface Requirement {
  readonly service: string;
  readonly state: "healthy" | "started";
}

/** What the group waits for; a state that is not known counts as `healthy`. */
export function requirementsOf(job: Pick<Job, "meta">, group: Pick<Group, "meta">): Requirement[] {
  const text = group.meta["fractus.after"] ?? job.meta["fractus.after"] ?? "";
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => {
      const [, service = part, state] = /^(.*?)(?::(healthy|started))?$/.exec(part) ?? [];
      return { service, state: state === "started" ? "started" : "healthy" };
    });
}

/** Resolves when all of them are met. @param onWaiting hears which one is waited for, whenever that changes */
export async function untilMet(
  requirements: readonly Requirement[],
  around: {
    readonly world: Pick<AgentWorld, "clock" | "dice" | "link" | "log">;
    readonly project: string;
    readonly signal: AbortSignal;
    readonly onWaiting: (requirement: Requirement) => void;
  },
): Promise<void> {
  const { world, project, signal } = around;
  let index = 0;
  for (const requirement of requirements) {
    let isSaid = false;
    while (!(await retrying(world, signal, () => isMet(world.link, project, requirement)))) {
      if (!isSaid) around.onWaiting(requirement);
      isSaid = true;
      index = await retrying(world, signal, () => world.link.changed(index, signal));
    }
  }
}

async function isMet(
  link: Pick<ControlLink, "services">,
  project: string,
  { service, state }: Requirement,
): Promise<boolean> {
  const instances = await link.services(project, service);
  return instances.some((one) => state === "started" || one.isHealthy);
}
