/** What the cloud says of itself beyond Nomad's API. */
import type { Call } from "../call.ts";
import { Fault } from "../fault.ts";
import { ask, type Route } from "../route.ts";

export const fractusRoutes: readonly Route[] = [
  ask("/fractus/status", (call) => cloudOf(call).status()),
  ask("/fractus/doors", (call) => cloudOf(call).doors()),
];

function cloudOf({ door }: Call) {
  if (!door.cloud) throw new Fault(501, "This process does not say where its front doors are.");
  return door.cloud;
}
