import type { CheckRestart, Service, ServiceCheck } from "@fractus/core/job.ts";
import type * as api from "@fractus/hcl/job/api.ts";
import { milliseconds } from "./units.ts";

/** A service of a group or task. What only other registries understand is kept under `settings`. */
export function serviceFromApi(json: api.Service): Service {
  const settings = othersOf(json, usedByService);
  return {
    name: json.Name,
    ...(json.PortLabel && { portLabel: json.PortLabel }),
    provider: json.Provider,
    tags: json.Tags ?? [],
    ...(json.CanaryTags && { canaryTags: json.CanaryTags }),
    checks: (json.Checks ?? []).map(checkFromApi),
    ...(json.CheckRestart && { checkRestart: checkRestartFromApi(json.CheckRestart) }),
    ...(json.AddressMode && { addressMode: json.AddressMode }),
    ...(json.Address && { address: json.Address }),
    ...(json.Meta && { meta: json.Meta }),
    ...(json.CanaryMeta && { canaryMeta: json.CanaryMeta }),
    ...(json.TaskName && { taskName: json.TaskName }),
    ...(json.OnUpdate && { onUpdate: json.OnUpdate }),
    ...(json.Connect && { connect: json.Connect }),
    ...(settings && { settings }),
  };
}

function checkFromApi(json: api.ServiceCheck): ServiceCheck {
  const settings = othersOf(json, usedByCheck);
  return {
    name: json.Name,
    type: json.Type,
    intervalMs: milliseconds(json.Interval),
    timeoutMs: milliseconds(json.Timeout),
    ...(json.Path && { path: json.Path }),
    ...(json.Method && { method: json.Method }),
    ...(json.Protocol && { protocol: json.Protocol }),
    ...(json.PortLabel && { portLabel: json.PortLabel }),
    ...(json.AddressMode && { addressMode: json.AddressMode }),
    ...(json.Header && { headers: json.Header }),
    ...(json.Body && { body: json.Body }),
    ...(json.TLSSkipVerify && { skipsTlsVerification: true }),
    ...(json.Command && { command: json.Command }),
    ...(json.Args && { args: json.Args }),
    ...(json.TaskName && { taskName: json.TaskName }),
    ...(json.InitialStatus && { initialStatus: json.InitialStatus }),
    ...(json.SuccessBeforePassing && { successesBeforePassing: json.SuccessBeforePassing }),
    ...(json.FailuresBeforeCritical && { failuresBeforeCritical: json.FailuresBeforeCritical }),
    ...(json.OnUpdate && { onUpdate: json.OnUpdate }),
    ...(json.CheckRestart && { checkRestart: checkRestartFromApi(json.CheckRestart) }),
    ...(settings && { settings }),
  };
}

function checkRestartFromApi(json: api.CheckRestart): CheckRestart {
  return { limit: json.Limit, graceMs: milliseconds(json.Grace), ignoresWarnings: json.IgnoreWarnings };
}

const usedByService: ReadonlySet<string> = new Set([
  "Name",
  "PortLabel",
  "Provider",
  "Tags",
  "CanaryTags",
  "Checks",
  "CheckRestart",
  "AddressMode",
  "Address",
  "Meta",
  "CanaryMeta",
  "TaskName",
  "OnUpdate",
  "Connect",
]);

const usedByCheck: ReadonlySet<string> = new Set([
  "Name",
  "Type",
  "Interval",
  "Timeout",
  "Path",
  "Method",
  "Protocol",
  "PortLabel",
  "AddressMode",
  "Header",
  "Body",
  "TLSSkipVerify",
  "Command",
  "Args",
  "TaskName",
  "InitialStatus",
  "SuccessBeforePassing",
  "FailuresBeforeCritical",
  "OnUpdate",
  "CheckRestart",
]);

/** Values under a default of the API: they say nothing. */
const silent: ReadonlySet<unknown> = new Set([null, undefined, "", 0, false, "default"]);

/** The fields that nobody else has taken and that say something; undefined if there are none. */
function othersOf(json: object, used: ReadonlySet<string>): Record<string, unknown> | undefined {
  const others = Object.entries(json).filter(([name, value]) => !used.has(name) && !silent.has(value));
  return others.length > 0 ? Object.fromEntries(others) : undefined;
}
