/** How work is restarted, replaced, updated and moved: restart, reschedule, disconnect, update, migrate. */
import {
  bool,
  byType,
  duration,
  hours,
  integer,
  minutes,
  seconds,
  string,
  type BlockSchema,
} from "./block.ts";

export const restart: BlockSchema = {
  page: "restart",
  doc: "What happens on the node when a task ends that should have gone on.",
  fields: {
    attempts: integer("Attempts", "How many restarts are allowed within the interval.", {
      default: byType({ service: 2, batch: 3, system: 2, sysbatch: 3 }),
    }),
    interval: duration("Interval", "The window in which attempts are counted; it opens at the first start.", {
      default: byType({ service: minutes(30), batch: hours(24), system: minutes(30), sysbatch: hours(24) }),
    }),
    delay: duration("Delay", "The pause before a restart; up to a quarter more is added at random.", {
      default: seconds(15),
    }),
    mode: string("Mode", "After too many attempts: fail for good, or delay until the window closes.", {
      default: "fail",
      values: ["fail", "delay"],
    }),
    render_templates: bool("RenderTemplates", "Render the templates anew at every restart."),
  },
};

const perType = (service: number | string | boolean, batch: number | string | boolean) =>
  byType({ service, batch, system: null, sysbatch: null });

export const reschedule: BlockSchema = {
  page: "reschedule",
  doc: "When and how often a failed allocation is replaced, on another node if possible.",
  fields: {
    attempts: integer("Attempts", "How many replacements are allowed within the interval.", {
      default: perType(0, 1),
    }),
    interval: duration("Interval", "The sliding window in which attempts are counted.", {
      default: perType(0, hours(24)),
    }),
    delay: duration("Delay", "The pause before the first replacement.", {
      default: perType(seconds(30), seconds(5)),
    }),
    delay_function: string("DelayFunction", "How the pause grows from one replacement to the next.", {
      default: perType("exponential", "constant"),
      values: ["constant", "exponential", "fibonacci"],
    }),
    max_delay: duration("MaxDelay", "The longest pause that growing leads to.", {
      default: perType(hours(1), 0),
    }),
    unlimited: bool("Unlimited", "Replace without end; attempts and interval do not count then.", {
      default: perType(true, false),
    }),
  },
};

export const disconnect: BlockSchema = {
  page: "disconnect",
  doc: "What becomes of a group on a node that has lost touch, and after it is back.",
  fields: {
    lost_after: duration("LostAfter", "How long an allocation is unknown before it counts as lost.", {
      default: null,
    }),
    stop_on_client_after: duration(
      "StopOnClientAfter",
      "How long the cut-off node lets the allocation run before it stops it.",
      { default: null },
    ),
    replace: bool("Replace", "Place a substitute while the node is away.", { default: true }),
    reconcile: string("Reconcile", "Which allocation stays when the node is back.", {
      default: "best_score",
      values: ["best_score", "keep_original", "keep_replacement", "longest_running"],
    }),
  },
};

const healthChecks = ["checks", "task_states", "manual"];

export const update: BlockSchema = {
  page: "update",
  doc: "How a new version of the job replaces the old one.",
  fields: {
    max_parallel: integer("MaxParallel", "How many allocations are replaced at the same time; 0 for all.", {
      default: 1,
    }),
    health_check: string("HealthCheck", "What makes an allocation healthy.", {
      default: "checks",
      values: healthChecks,
    }),
    min_healthy_time: duration("MinHealthyTime", "How long it must be healthy without a break.", {
      default: seconds(10),
    }),
    healthy_deadline: duration("HealthyDeadline", "By when it must be healthy, or it counts as unhealthy.", {
      default: minutes(5),
    }),
    progress_deadline: duration("ProgressDeadline", "How long a deployment may go without progress.", {
      default: minutes(10),
    }),
    stagger: duration("Stagger", "The pause between two steps where there are no deployments.", {
      default: seconds(30),
    }),
    canary: integer("Canary", "How many allocations of the new version run beside the old ones first."),
    auto_revert: bool("AutoRevert", "Go back to the last stable version if the deployment fails."),
    auto_promote: bool("AutoPromote", "Promote the canaries as soon as all of them are healthy."),
  },
};

export const migrate: BlockSchema = {
  page: "migrate",
  doc: "How allocations leave a node that is drained.",
  fields: {
    max_parallel: integer("MaxParallel", "How many allocations move at the same time.", { default: 1 }),
    health_check: string("HealthCheck", "What makes the moved allocation healthy.", {
      default: "checks",
      values: ["checks", "task_states"],
    }),
    min_healthy_time: duration("MinHealthyTime", "How long it must be healthy without a break.", {
      default: seconds(10),
    }),
    healthy_deadline: duration("HealthyDeadline", "By when it must be healthy.", { default: minutes(5) }),
  },
};
