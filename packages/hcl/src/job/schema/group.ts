/** Tasks that are placed together on one node: group. */
import { bool, duration, integer, jobTypes, many, one, type BlockSchema } from "./block.ts";
import { consul, secret, vault } from "./credentials.ts";
import { meta } from "./free.ts";
import { disconnect, migrate, reschedule, restart, update } from "./lifetime.ts";
import { affinity, constraint, spread } from "./placement.ts";
import { ephemeralDisk, network, volumes } from "./resources.ts";
import { groupScaling } from "./scaling.ts";
import { service } from "./service.ts";
import { task } from "./task.ts";

export const group: BlockSchema = {
  page: "group",
  doc: "Tasks that run together on one node; each copy of the group is one allocation.",
  label: { name: "group name", json: "Name" },
  fields: {
    count: integer("Count", "How many copies run.", { default: 1 }),
    network: many("Networks", network),
    service: many("Services", service),
    constraint: many("Constraints", constraint),
    affinity: many("Affinities", affinity),
    spread: many("Spreads", spread),
    volume: volumes,
    ephemeral_disk: one("EphemeralDisk", ephemeralDisk, { filled: jobTypes }),
    restart: one("RestartPolicy", restart, { filled: jobTypes }),
    reschedule: one("ReschedulePolicy", reschedule, { filled: ["service", "batch"] }),
    disconnect: one("Disconnect", disconnect),
    update: one("Update", update, { filled: ["service", "system"] }),
    migrate: one("Migrate", migrate, { filled: ["service"] }),
    meta: one("Meta", meta),
    scaling: one("Scaling", groupScaling),
    shutdown_delay: duration("ShutdownDelay", "The pause between leaving the services and ending.", {
      default: null,
    }),
    max_run_duration: duration("MaxRunDuration", "How long a batch allocation may run.", { default: null }),
    task: many("Tasks", task),
    secret: many("Secrets", secret, { folded: true }),
    vault: one("Vault", vault, { folded: true }),
    consul: one("Consul", consul),
    stop_after_client_disconnect: duration(
      "StopAfterClientDisconnect",
      "How long a cut-off node lets the allocation run.",
      { default: null, deprecated: "Say stop_on_client_after in a disconnect block instead." },
    ),
    max_client_disconnect: duration("MaxClientDisconnect", "How long an allocation is unknown, not lost.", {
      default: null,
      deprecated: "Say lost_after in a disconnect block instead.",
    }),
    prevent_reschedule_on_lost: bool("PreventRescheduleOnLost", "Place no substitute for a lost one.", {
      default: null,
      deprecated: "Say replace = false in a disconnect block instead.",
    }),
  },
};
