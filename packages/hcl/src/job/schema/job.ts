/** The job itself and what only jobs have: periodic, parameterized, multiregion, ui. */
import { bool, integer, many, one, string, strings, type BlockSchema } from "./block.ts";
import { secret, vault } from "./credentials.ts";
import { meta } from "./free.ts";
import { group } from "./group.ts";
import { migrate, reschedule, update } from "./lifetime.ts";
import { affinity, constraint, spread } from "./placement.ts";
import { task } from "./task.ts";

export const periodic: BlockSchema = {
  page: "periodic",
  doc: "The job runs again and again at given times.",
  fields: {
    cron: string("Spec", "When it runs, as a cron expression.", { deprecated: "Say crons = [ … ] instead." }),
    crons: strings("Specs", "When it runs, as cron expressions; the next of all counts."),
    time_zone: string("TimeZone", "The time zone of the expressions.", { default: "UTC" }),
    prohibit_overlap: bool("ProhibitOverlap", "Skip a run while the one before it is going on."),
    enabled: bool("Enabled", "Run at all.", { default: true }),
  },
};

const parameterized: BlockSchema = {
  page: "parameterized",
  doc: "The job is a pattern that is dispatched with a payload and notes.",
  fields: {
    payload: string("Payload", "Whether a dispatch carries a payload.", {
      default: "optional",
      values: ["optional", "required", "forbidden"],
    }),
    meta_required: strings("MetaRequired", "Notes that a dispatch must carry."),
    meta_optional: strings("MetaOptional", "Notes that a dispatch may carry."),
  },
};

const multiregion: BlockSchema = {
  page: "multiregion",
  doc: "The job runs in several regions.",
  unsupported: "there is one region",
  fields: {
    strategy: one("Strategy", {
      page: "multiregion",
      doc: "In which order the regions are served.",
      fields: {
        max_parallel: integer("MaxParallel", "How many regions at the same time."),
        on_failure: string("OnFailure", "What happens if one of them fails.", {
          values: ["", "fail_all", "fail_local"],
        }),
      },
    }),
    region: many("Regions", {
      page: "multiregion",
      doc: "One region.",
      label: { name: "region name", json: "Name" },
      fields: {
        count: integer("Count", "The count of groups that have none.", { default: null }),
        datacenters: strings("Datacenters", "The datacenters of the region."),
        node_pool: string("NodePool", "The node pool of the region."),
        meta: one("Meta", meta),
      },
    }),
  },
};

const ui: BlockSchema = {
  page: "ui",
  doc: "What people see of the job on its page.",
  fields: {
    description: string("Description", "A text in Markdown."),
    link: many("Links", {
      page: "ui",
      doc: "A link.",
      fields: { label: string("Label", "What it is called."), url: string("URL", "Where it leads.") },
    }),
  },
};

export const job: BlockSchema = {
  page: "job",
  doc: "What is to run, how many of it, and where.",
  label: { name: "job name", json: "ID" },
  fields: {
    id: string("ID", "The identifier. Without it: the label of the block."),
    name: string("Name", "The name for people. Without it: the label of the block."),
    type: string("Type", "service runs on, batch ends, system and sysbatch run once on every node.", {
      default: "service",
      values: ["service", "batch", "system", "sysbatch"],
    }),
    datacenters: strings("Datacenters", "Where it may run; patterns with * are allowed.", { default: ["*"] }),
    node_pool: string("NodePool", "The pool of nodes it may run on.", { default: "default" }),
    group: many("TaskGroups", group),
    task: many("Tasks", task, { folded: true }),
    namespace: string("Namespace", "The project that it belongs to.", { default: "default" }),
    region: string("Region", "The region that it runs in.", { default: "global" }),
    priority: integer("Priority", "From 1 to 100; what is higher is placed first.", { default: 50 }),
    all_at_once: bool("AllAtOnce", "Place everything or nothing."),
    constraint: many("Constraints", constraint),
    affinity: many("Affinities", affinity),
    spread: many("Spreads", spread),
    update: one("Update", update, { filled: ["service", "system"] }),
    reschedule: one("Reschedule", reschedule),
    migrate: one("Migrate", migrate),
    periodic: one("Periodic", periodic),
    parameterized: one("ParameterizedJob", parameterized),
    meta: one("Meta", meta),
    ui: one("UI", ui),
    multiregion: one("Multiregion", multiregion),
    secret: many("Secrets", secret, { folded: true }),
    vault: one("Vault", vault, { folded: true }),
    vault_token: string("VaultToken", "The token of the submitter.", {
      default: null,
      deprecated: "Leave it out; the task's identity decides.",
    }),
    consul_token: string("ConsulToken", "The token of the submitter.", {
      default: null,
      deprecated: "Leave it out; the task's identity decides.",
    }),
  },
};
