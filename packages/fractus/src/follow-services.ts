/** The front doors of the cloud: those that jobs ask for by tags of their services, for as long as they ask. */
import type { Control } from "@fractus/control/control.ts";
import type { State } from "@fractus/control/state/state.ts";
import { frontDoorsOf, type FrontDoor, type ServiceLike } from "@fractus/ingress/front-door.ts";
import type { Ingress } from "@fractus/ingress/ingress.ts";

/**
 * Keeps the ingress in step with the services, until the function that is returned is called. What is
 * wrong with a request for a door is said once.
 */
export function followServices(
  control: Control,
  ingress: Pick<Ingress, "update">,
  warn: (line: string) => void,
): () => void {
  const told = new Set<string>();
  const update = () => {
    const { doors, faults } = doorsOf(control.state);
    for (const fault of faults) {
      if (!told.has(fault)) warn(fault);
      told.add(fault);
    }
    ingress.update(doors);
  };
  update();
  return control.ledger.listen(({ changes }) => {
    if (changes.some(({ table }) => table === "services" || table === "jobs")) update();
  });
}

/** A door is there while a job wants it, also in the moment in which no instance stands behind it: then requests wait. */
export function doorsOf(state: State): {
  readonly doors: readonly FrontDoor[];
  readonly faults: readonly string[];
} {
  const { doors, faults } = frontDoorsOf([...state.services.values(), ...wantedServices(state)]);
  const withoutWishes = doors.map((door) => ({
    ...door,
    backends: door.backends.filter(({ id }) => id !== wish),
  }));
  return { doors: withoutWishes, faults };
}

/** Stands for an instance that a job wants to have. */
const wish = "";

function wantedServices(state: State): ServiceLike[] {
  const wanted: ServiceLike[] = [];
  for (const { job } of state.jobs.values()) {
    if (job.stopped) continue;
    for (const group of job.groups) {
      for (const { name, tags } of [...group.services, ...group.tasks.flatMap((task) => task.services)]) {
        const known = tags.filter((tag) => tag.startsWith("fractus.") && !tag.includes("${"));
        if (known.length === 0 || name.includes("${")) continue;
        wanted.push({
          id: wish,
          name,
          project: job.project,
          tags: known,
          address: "127.0.0.1",
          port: 1,
          isHealthy: false,
        });
      }
    }
  }
  return wanted;
}
