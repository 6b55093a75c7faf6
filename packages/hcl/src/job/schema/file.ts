/** What stands at the top of a job file: job, variable, variables, locals. */
import { anything, many, one, string, type BlockSchema } from "./block.ts";
import { passedThrough } from "./free.ts";
import { job } from "./job.ts";

const validation: BlockSchema = {
  page: "reference/hcl2/variables",
  doc: "A condition that the value of the variable must meet.",
  fields: {
    condition: anything("condition", "An expression that is true for a lawful value."),
    error_message: string("error_message", "What is said otherwise."),
  },
};

const variable: BlockSchema = {
  page: "reference/hcl2/variables",
  doc: "A value that is given when the file is read; expressions say var.NAME.",
  label: { name: "variable name", json: "name" },
  fields: {
    type: anything("type", "The type of the value, for example string or list(number)."),
    default: anything("default", "The value if none is given; without it one must be given."),
    description: string("description", "What the variable is for."),
    validation: many("validation", validation),
  },
};

export const jobFile: BlockSchema = {
  page: "reference/hcl2",
  doc: "A job file: one job, and the variables and locals that its expressions use.",
  fields: {
    job: one("Job", job, { required: true }),
    variable: many("variable", variable),
    variables: many(
      "variables",
      passedThrough("reference/hcl2/variables", "Variables with their defaults, in short."),
    ),
    locals: many(
      "locals",
      passedThrough("reference/hcl2/locals", "Names for expressions; others say local.NAME."),
    ),
  },
};
