/**
 * Which changes of a group its running copies can take in place, and which need new copies.
 *
 * What a process is given when it starts cannot be changed under it: its tasks, what they run and
 * with what (driver, user, settings, environment, files, mounts), room, network, effective meta.
 * All else (count, services and checks, constraints, affinities, spreads, policies, kill timeout,
 * log sizes, priority) is only read again. A new affinity or spread may still be reason for a copy to
 * move, see preferences.ts.
 */
import type { Group, Job, Network, Service, Task, TaskResources } from "@fractus/core/job.ts";
import { same } from "./same.ts";

/** A group of a job, with the job for what the group inherits from it. */
export interface GroupOfJob {
  readonly job: Pick<Job, "meta">;
  readonly group: Group;
}

/** What of the change needs new copies, in words; empty if it can be taken in place. */
export function destructiveChanges(before: GroupOfJob, after: GroupOfJob): string[] {
  const changes = changedAspects(groupAspects(before.group), groupAspects(after.group));
  for (const task of after.group.tasks) {
    const earlier = before.group.tasks.find((other) => other.name === task.name);
    if (!earlier) continue;
    const aspects = changedAspects(taskAspects(before, earlier), taskAspects(after, task));
    changes.push(...aspects.map((aspect) => `${aspect} of task ${task.name}`));
  }
  return changes;
}

function changedAspects(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  return Object.keys(after).filter((name) => !same(before[name], after[name]));
}

function groupAspects(group: Group): Record<string, unknown> {
  return {
    "set of tasks": group.tasks.map((task) => task.name).sort(),
    "ephemeral disk": group.ephemeralDisk,
    network: group.networks.map(networkAspects),
    volumes: group.volumes,
    "service mesh": group.services.map(meshAspects),
  };
}

function taskAspects({ job, group }: GroupOfJob, task: Task): Record<string, unknown> {
  return {
    driver: task.driver,
    user: task.user,
    config: task.config,
    env: task.env,
    meta: { ...job.meta, ...group.meta, ...task.meta },
    resources: resourceAspects(task.resources),
    network: task.resources.networks.map(networkAspects),
    artifacts: task.artifacts,
    templates: task.templates,
    "volume mounts": task.volumeMounts,
    "dispatch file": task.dispatchFile,
    lifecycle: task.lifecycle,
    leader: task.leader,
    kind: task.kind,
    "kill signal": task.killSignal,
    "switching logs off": task.logs.disabled,
    "rendering templates at restart": (task.restart ?? group.restart).renderTemplates ?? false,
    "service mesh": task.services.map(meshAspects),
  };
}

function resourceAspects(resources: TaskResources): unknown {
  const { networks: _, ...rest } = resources;
  return rest;
}

/** The order of ports in the file is of no account. */
function networkAspects(network: Network): unknown {
  return { ...network, ports: network.ports.toSorted((a, b) => (a.label < b.label ? -1 : 1)) };
}

function meshAspects(service: Service): unknown {
  return service.connect && { name: service.name, connect: service.connect };
}
