import type { NodeStub } from "@fractus/client/types/node.ts";
import { ActionButton, Actions, type Act } from "./action.tsx";
import { commands } from "./commands.ts";
import { useSession } from "./context.tsx";
import { strings } from "./strings.ts";

const words = strings.node;
type Acted = Pick<NodeStub, "ID" | "Name" | "Drain" | "SchedulingEligibility">;

/** An hour, as `fractus node drain` gives unless told otherwise; in nanoseconds. */
const drainDeadline = 3600 * 1e9;

export function NodeButtons({ node }: { node: Acted }) {
  return (
    <div className="buttons">
      {useNodeActs(node).map((act) => (
        <ActionButton key={act.name} {...act} />
      ))}
    </div>
  );
}

export function NodeActions({ node }: { node: Acted }) {
  return <Actions acts={useNodeActs(node)} />;
}

function useNodeActs({ ID: id, Name: name, Drain, SchedulingEligibility }: Acted): readonly Act[] {
  const { nodes } = useSession().client;
  const drain: Act = {
    name: words.drain,
    line: commands.drain(id),
    act: () => nodes.drain(id, { Deadline: drainDeadline, IgnoreSystemJobs: false }),
    sure: words.drainSure(name),
    isDangerous: true,
  };
  const endDrain: Act = {
    name: words.endDrain,
    line: commands.endDrain(id),
    act: () => nodes.drain(id, undefined, { markEligible: true }),
  };
  const enable: Act = {
    name: words.enable,
    line: commands.makeEligible(id),
    act: () => nodes.setEligibility(id, "eligible"),
  };
  const disable: Act = {
    name: words.disable,
    line: commands.makeIneligible(id),
    act: () => nodes.setEligibility(id, "ineligible"),
    sure: words.disableSure(name),
  };
  if (Drain) return [endDrain];
  return SchedulingEligibility === "eligible" ? [disable, drain] : [enable, drain];
}
