/** How others find a group or task, and how it proves its health: service, check, check_restart, weights. */
import { bool, duration, integer, many, one, seconds, string, strings, type BlockSchema } from "./block.ts";
import { identity } from "./credentials.ts";
import { meta, texts } from "./free.ts";
import { connect } from "./connect.ts";

const checkRestart: BlockSchema = {
  page: "check_restart",
  doc: "When a task is restarted because its checks fail.",
  fields: {
    limit: integer("Limit", "After how many failures in a row; 0 for never."),
    grace: duration("Grace", "How long failures do not count after a start.", { default: seconds(1) }),
    ignore_warnings: bool("IgnoreWarnings", "A warning does not count as a failure."),
  },
};

const header: BlockSchema = {
  page: "check",
  doc: "Headers of the HTTP request: a list of values for each name.",
  fields: {},
  free: "lists",
};

const onUpdate = (defaultMode: string) =>
  string("OnUpdate", "Which check results let a deployment go on.", {
    default: defaultMode,
    values: ["", "require_healthy", "ignore_warnings", "ignore"],
  });

export const check: BlockSchema = {
  page: "check",
  doc: "A question that is asked again and again to learn whether a service is healthy.",
  fields: {
    name: string("Name", "What the check is called."),
    type: string("Type", "How the question is asked.", { values: ["http", "tcp", "script", "grpc"] }),
    interval: duration("Interval", "The time from one question to the next; at least a second."),
    timeout: duration("Timeout", "How long the answer may take; at least a second."),
    path: string("Path", "The path of the HTTP request."),
    method: string("Method", "The method of the HTTP request. Without it: GET."),
    header: one("Header", header),
    body: string("Body", "What the HTTP request carries."),
    protocol: string("Protocol", "http or https.", { values: ["", "http", "https"] }),
    port: string("PortLabel", "The port that is asked, if it is not the one of the service."),
    address_mode: string("AddressMode", "Which address is asked.", {
      values: ["", "alloc", "driver", "host"],
    }),
    advertise: string("Advertise", "An address instead of the one found."),
    initial_status: string("InitialStatus", "What is assumed before the first answer.", {
      values: ["", "passing", "warning", "critical"],
    }),
    notes: string("Notes", "A remark for people."),
    tls_server_name: string("TLSServerName", "The name that the certificate must hold."),
    tls_skip_verify: bool("TLSSkipVerify", "Do not check the certificate."),
    command: string("Command", "The program of a script check."),
    args: strings("Args", "Its arguments."),
    task: string("TaskName", "The task in which a script runs."),
    grpc_service: string("GRPCService", "The service of a gRPC health request."),
    grpc_use_tls: bool("GRPCUseTLS", "Ask over TLS."),
    success_before_passing: integer("SuccessBeforePassing", "How many successes in a row make it healthy."),
    failures_before_critical: integer(
      "FailuresBeforeCritical",
      "How many failures in a row make it critical.",
    ),
    failures_before_warning: integer(
      "FailuresBeforeWarning",
      "How many failures in a row make it a warning.",
    ),
    expose: bool("Expose", "Reach the check past the sidecar proxy."),
    check_restart: one("CheckRestart", checkRestart),
    on_update: onUpdate(""),
  },
};

const weights: BlockSchema = {
  page: "service",
  doc: "How much of the traffic the service is given.",
  fields: {
    passing: integer("Passing", "While all checks pass.", { default: 1 }),
    warning: integer("Warning", "While a check warns.", { default: 1 }),
  },
};

export const service: BlockSchema = {
  page: "service",
  doc: "A name under which a port is found by others.",
  fields: {
    name: string("Name", "The name. Without it: the names of job, group and task, joined by hyphens."),
    port: string("PortLabel", "The label of a port, or its number."),
    provider: string("Provider", "Where the service is listed.", {
      default: "consul",
      values: ["consul", "nomad"],
    }),
    tags: strings("Tags", "Words by which services are told apart."),
    canary_tags: strings("CanaryTags", "The words while the allocation is a canary."),
    address: string("Address", "An address instead of the one found."),
    address_mode: string("AddressMode", "Which address is listed.", {
      default: "auto",
      values: ["auto", "alloc", "alloc_ipv6", "driver", "host"],
    }),
    task: string("TaskName", "The task to which a service of the group belongs."),
    enable_tag_override: bool("EnableTagOverride", "Others may change the tags."),
    on_update: onUpdate("require_healthy"),
    cluster: string("Cluster", "Which Consul.", { default: "default" }),
    kind: string("Kind", "Which kind of Consul service."),
    check: many("Checks", check),
    check_restart: one("CheckRestart", checkRestart),
    meta: one("Meta", meta),
    canary_meta: one("CanaryMeta", texts("service", "The notes while the allocation is a canary.")),
    tagged_addresses: one("TaggedAddresses", texts("service", "Further addresses by name.")),
    weights: one("Weights", weights),
    identity: one("Identity", identity),
    connect: one("Connect", connect),
  },
};
