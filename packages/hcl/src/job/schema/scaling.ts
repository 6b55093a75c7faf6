/** Bounds between which an autoscaler may move: scaling. */
import { bool, integer, one, string, type BlockSchema } from "./block.ts";
import { passedThrough } from "./free.ts";

const policy = one("Policy", passedThrough("scaling", "What the autoscaler goes by."));
const min = integer("Min", "The lower bound. Without it: the count of the group.", { default: null });
const max = integer("Max", "The upper bound.", { default: null });
const enabled = bool("Enabled", "The autoscaler may act.", { default: true });

export const groupScaling: BlockSchema = {
  page: "scaling",
  doc: "Bounds for the count of a group.",
  fields: {
    min,
    max: { ...max, required: true },
    enabled,
    type: string("Type", "Always horizontal in a group.", { default: "horizontal", values: ["horizontal"] }),
    policy,
  },
};

/** Which resource a task's scaling block is about, and the type of policy that says so in the API. */
export const scalingTypes: Readonly<Record<string, string>> = { cpu: "vertical_cpu", mem: "vertical_mem" };

export const taskScaling: BlockSchema = {
  page: "scaling",
  doc: "Bounds for the processor time or the memory of a task.",
  label: { name: "resource, cpu or mem", json: "Type", values: Object.keys(scalingTypes) },
  unsupported: "tasks are not resized while they run",
  fields: {
    min,
    max,
    enabled,
    type: string("Type", "vertical_cpu or vertical_mem; the label says it already.", {
      values: Object.values(scalingTypes),
    }),
    policy,
  },
};
