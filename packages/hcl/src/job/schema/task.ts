/** One process or container: task, lifecycle, action, schedule, csi_plugin. */
import { bool, duration, jobTypes, many, one, seconds, string, strings, type BlockSchema } from "./block.ts";
import { consul, identity, secret, vault } from "./credentials.ts";
import { artifact, dispatchPayload, logs, template } from "./files.ts";
import { meta, passedThrough, texts } from "./free.ts";
import { restart } from "./lifetime.ts";
import { affinity, constraint } from "./placement.ts";
import { resources, volumeMount } from "./resources.ts";
import { taskScaling } from "./scaling.ts";
import { service } from "./service.ts";

const lifecycle: BlockSchema = {
  page: "lifecycle",
  doc: "When the task runs beside the main tasks of its group.",
  fields: {
    hook: string("Hook", "Before the main tasks start, after that, or after they have ended.", {
      required: true,
      values: ["prestart", "poststart", "poststop"],
    }),
    sidecar: bool("Sidecar", "The task keeps running beside the main tasks."),
  },
};

const action: BlockSchema = {
  page: "action",
  doc: "A command that people may run inside the task.",
  label: { name: "action name", json: "Name" },
  fields: {
    command: string("Command", "The program.", { required: true }),
    args: strings("Args", "Its arguments."),
  },
};

const schedule: BlockSchema = {
  page: "schedule",
  doc: "The hours in which the task runs.",
  unsupported: "tasks run without hours; make a periodic job",
  fields: {
    cron: one("Cron", {
      page: "schedule",
      doc: "The hours as cron expressions.",
      fields: {
        start: string("Start", "When it starts, in six fields."),
        end: string("End", "When it ends, minute and hour."),
        timezone: string("Timezone", "The time zone of both."),
      },
    }),
  },
};

const csiPlugin: BlockSchema = {
  page: "csi_plugin",
  doc: "The task is a plugin that provides volumes.",
  unsupported: "there are no CSI plugins here",
  fields: {
    id: string("ID", "The name of the plugin."),
    type: string("Type", "node, controller or monolith.", { values: ["node", "controller", "monolith"] }),
    mount_dir: string("MountDir", "Where the plugin finds its socket."),
    stage_publish_base_dir: string("StagePublishBaseDir", "Where the plugin mounts volumes."),
    health_timeout: duration("HealthTimeout", "How long the plugin may take to answer.", {
      default: seconds(30),
    }),
  },
};

export const task: BlockSchema = {
  page: "task",
  doc: "One program that runs under a driver.",
  label: { name: "task name", json: "Name" },
  fields: {
    driver: string("Driver", "What runs it: raw_exec, exec, java, docker, qemu, …."),
    config: one("Config", passedThrough("task", "Settings of the driver.")),
    env: one("Env", texts("env", "The environment of the task.")),
    resources: one("Resources", resources, { filled: jobTypes }),
    user: string("User", "The user that the task runs as."),
    meta: one("Meta", meta),
    constraint: many("Constraints", constraint),
    affinity: many("Affinities", affinity),
    artifact: many("Artifacts", artifact),
    template: many("Templates", template),
    service: many("Services", service),
    volume_mount: many("VolumeMounts", volumeMount),
    lifecycle: one("Lifecycle", lifecycle),
    restart: one("RestartPolicy", restart, { filled: jobTypes }),
    logs: one("LogConfig", logs, { filled: jobTypes }),
    dispatch_payload: one("DispatchPayload", dispatchPayload),
    leader: bool("Leader", "When this task ends, so do the others of the group."),
    kill_timeout: duration("KillTimeout", "How long the task may take to end before it is killed.", {
      default: seconds(5),
    }),
    kill_signal: string("KillSignal", "The signal that asks it to end. Without it: the driver's."),
    shutdown_delay: duration("ShutdownDelay", "The pause between leaving the services and ending."),
    kind: string("Kind", "Set by the service mesh."),
    secret: many("Secrets", secret),
    identity: many("Identities", identity, { elsewhere: { json: "Identity", occurs: "one" } }),
    action: many("Actions", action),
    scaling: many("ScalingPolicies", taskScaling),
    schedule: one("Schedule", schedule),
    vault: one("Vault", vault),
    consul: one("Consul", consul),
    csi_plugin: one("CSIPluginConfig", csiPlugin),
  },
};
