/** The registry of services: what runs where, and how it is reached. */
import type { ServiceRegistration } from "@fractus/agent/control-link.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { Context } from "../context.ts";
import { jobId } from "../state/state.ts";

/** Makes these the services of an allocation. Those of one that is gone are left out. */
export async function setServices(
  context: Context,
  allocationId: string,
  services: readonly ServiceRegistration[],
): Promise<void> {
  await context.ledger.transact("services", (draft) => {
    const allocation = draft.state.allocations.get(allocationId);
    const wanted = allocation ? services : [];
    const ids = new Set(wanted.map((one) => one.id));
    for (const id of draft.state.services.idsBy("allocation", allocationId))
      if (!ids.has(id)) draft.remove("services", id);
    for (const one of wanted) {
      const known = draft.state.services.get(one.id);
      if (JSON.stringify(known) !== JSON.stringify(one)) draft.put("services", one);
    }
  });
}

/** Instances of a service in the order of their ids. */
export function servicesNamed(
  context: Pick<Context, "state">,
  project: string,
  name: string,
): readonly ServiceRegistration[] {
  return context.state.services.by("name", jobId(project, name)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** @throws Refusal not-found */
export function deleteService(
  context: Context,
  wish: { readonly project: string; readonly name: string; readonly id: string },
): Promise<number> {
  return context.ledger.transact("services", (draft) => {
    const known = draft.state.services.get(wish.id);
    if (!known || known.name !== wish.name || known.project !== wish.project) {
      throw new Refusal("not-found", `service registration not found: ${wish.id}`);
    }
    draft.remove("services", wish.id);
    return draft.index;
  });
}
