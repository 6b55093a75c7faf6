/** Rules for one task and the blocks in it. */
import { isJsonObject } from "../json.ts";
import {
  isInterpolated,
  number,
  partOf,
  partsOf,
  repeated,
  text,
  type Findings,
  type Part,
} from "./findings.ts";
import { checkPlacement } from "./placement.ts";
import { checkRestart } from "./policies.ts";

/** @param group the group that the task belongs to, for its disk and volumes */
export function checkTask(task: Part, group: Part, findings: Findings): void {
  const { given, full } = task;
  if (text(full.Driver) === "")
    findings.error(
      given,
      undefined,
      "Missing driver",
      `The task ${text(full.Name)} needs a driver, such as docker or exec.`,
    );
  for (const [field, name] of [
    ["KillTimeout", "kill_timeout"],
    ["ShutdownDelay", "shutdown_delay"],
  ] as const) {
    if (number(full[field]) < 0)
      findings.error(given, field, "Negative duration", `${name} may not be negative.`);
  }
  checkPlacement(task, findings);
  if (isJsonObject(given.RestartPolicy))
    checkRestart({ given: given.RestartPolicy, full: partOf(task, "RestartPolicy")?.full ?? {} }, findings);
  checkResources(task, findings);
  checkLogs(task, group, findings);
  checkTemplates(task, findings);
  checkArtifacts(task, findings);
  checkMounts(task, group, findings);
  checkNames(task, findings);
  checkEnvironment(task, findings);
  const payload = partOf(task, "DispatchPayload");
  if (payload && leavesAllocation(text(payload.full.File), 2)) {
    findings.error(payload.given, "File", "Path out of bounds", outOfBounds);
  }
}

function checkResources(task: Part, findings: Findings): void {
  const resources = partOf(task, "Resources");
  if (!resources) return;
  const { given, full } = resources;
  const memory = number(full.MemoryMB);
  const most = number(full.MemoryMaxMB);
  const cores = number(full.Cores);
  if (cores < 0) findings.error(given, "Cores", "Negative count", "cores may not be less than 0.");
  if (cores > 0 && number(given.CPU) > 0) {
    findings.error(
      given,
      "Cores",
      "Contradiction",
      "There may be cpu or cores, not both: whole cores bring their full speed.",
    );
  } else if (cores <= 0 && number(full.CPU) < 1)
    findings.error(given, "CPU", "Too little", "cpu must be at least 1 MHz.");
  if (memory < 10) findings.error(given, "MemoryMB", "Too little", "memory must be at least 10 MB.");
  if (most !== 0 && most < memory) {
    findings.error(
      given,
      "MemoryMaxMB",
      "Bounds contradict",
      `memory_max, ${most}, is less than memory, ${memory}.`,
    );
  }
  for (const device of partsOf(resources, "Devices")) checkDevice(device, findings);
  const numa = partOf(resources, "NUMA");
  if (numa && cores <= 0 && numa.full.Affinity !== "none") {
    findings.error(
      numa.given,
      "Affinity",
      "No cores",
      "Cores can only lie near each other if the task asks for whole cores.",
    );
  }
}

function checkDevice(device: Part, findings: Findings): void {
  const name = text(device.full.Name);
  if (name === "" || name.split("/").length > 3) {
    findings.error(
      device.given,
      undefined,
      "Invalid device",
      "A device is named by its type, vendor/type or vendor/type/name.",
    );
  }
  if (number(device.full.Count) < 1)
    findings.error(device.given, "Count", "Too little", "count must be at least 1.");
  checkPlacement(device, findings);
}

function checkLogs(task: Part, group: Part, findings: Findings): void {
  const logs = partOf(task, "LogConfig");
  if (!logs || logs.full.Disabled === true) return;
  const { given, full } = logs;
  const files = number(full.MaxFiles);
  const size = number(full.MaxFileSizeMB);
  if (files < 1) findings.error(given, "MaxFiles", "Too little", "max_files must be at least 1.");
  if (size < 1) findings.error(given, "MaxFileSizeMB", "Too little", "max_file_size must be at least 1 MB.");
  const disk = number(partOf(group, "EphemeralDisk")?.full.SizeMB);
  if (files * size >= disk) {
    const detail = `The logs of ${text(task.full.Name)} may grow to ${files * size} MB, but the group's disk has ${disk} MB.`;
    findings.error(given, "MaxFiles", "Logs larger than the disk", detail);
  }
}

function checkTemplates(task: Part, findings: Findings): void {
  const templates = partsOf(task, "Templates");
  for (const template of templates) checkTemplate(template, findings);
  for (const [path, template] of repeated(templates, (each) => text(each.full.DestPath))) {
    findings.error(
      template.given,
      "DestPath",
      "Duplicate destination",
      `Another template of this task is rendered to ${path} already.`,
    );
  }
}

function checkTemplate(template: Part, findings: Findings): void {
  const { given, full } = template;
  const mode = text(full.ChangeMode);
  if (text(full.SourcePath) === "" && text(full.EmbeddedTmpl) === "") {
    findings.error(given, undefined, "Missing template", "A template needs its text, as data or as source.");
  }
  if (text(full.DestPath) === "")
    findings.error(given, undefined, "Missing destination", "A template needs a destination.");
  if (leavesAllocation(text(full.DestPath), 1))
    findings.error(given, "DestPath", "Path out of bounds", outOfBounds);
  if (mode === "signal" && text(full.ChangeSignal) === "")
    findings.error(given, "ChangeMode", "Missing signal", "The change mode signal needs change_signal.");
  if (mode === "signal" && full.Envvars === true) {
    findings.error(
      given,
      "ChangeMode",
      "Contradiction",
      "The environment of a running task does not change, so a signal would tell it nothing new.",
    );
  }
  if (mode === "script" && !isJsonObject(full.ChangeScript))
    findings.error(
      given,
      "ChangeMode",
      "Missing script",
      "The change mode script needs a change_script block.",
    );
  if (number(full.Splay) < 0)
    findings.error(given, "Splay", "Negative duration", "splay may not be negative.");
  if (!/^[0-7]{3,4}$/.test(text(full.Perms)))
    findings.error(
      given,
      "Perms",
      "Invalid mode",
      `perms is a file mode in octal such as "0644", not ${JSON.stringify(full.Perms)}.`,
    );
  const wait = partOf(template, "Wait");
  if (wait && number(wait.full.Min) > number(wait.full.Max)) {
    findings.error(wait.given, "Min", "Bounds contradict", "min may not be more than max.");
  }
}

function checkArtifacts(task: Part, findings: Findings): void {
  for (const { given, full } of partsOf(task, "Artifacts")) {
    if (text(full.GetterSource) === "")
      findings.error(given, "GetterSource", "Missing source", "An artifact needs a source.");
    if (leavesAllocation(text(full.RelativeDest), 1))
      findings.error(given, "RelativeDest", "Path out of bounds", outOfBounds);
    const checksum = isJsonObject(full.GetterOptions) ? full.GetterOptions.checksum : undefined;
    if (
      typeof checksum === "string" &&
      !isInterpolated(checksum) &&
      !/^(?:(?:md5|sha1|sha256|sha512):[0-9A-Fa-f]+|file:.+)$/.test(checksum)
    ) {
      findings.error(
        given,
        "GetterOptions",
        "Invalid checksum",
        'A checksum is written "sha256:…", "sha512:…", "sha1:…", "md5:…" or "file:…".',
      );
    }
  }
}

const outOfBounds = "The path must stay inside the directory of the allocation.";

/**
 * Whether a path leads out of the allocation's directory. References are looked at on the node.
 *
 * @param start how many steps below that directory the path begins: a task's own is one
 */
function leavesAllocation(path: string, start: number): boolean {
  if (path.includes("${")) return false;
  let depth = start;
  for (const step of path.split("/")) {
    if (step === "..") depth--;
    else if (step !== "" && step !== ".") depth++;
    if (depth < 0) return true;
  }
  return false;
}

function checkMounts(task: Part, group: Part, findings: Findings): void {
  const volumes = isJsonObject(group.full.Volumes) ? Object.keys(group.full.Volumes) : [];
  for (const { given, full } of partsOf(task, "VolumeMounts")) {
    const volume = text(full.Volume);
    if (text(full.Destination) === "")
      findings.error(given, undefined, "Missing destination", "A volume_mount needs a destination.");
    if (!volumes.includes(volume)) {
      const known = volumes.length === 0 ? "has no volumes" : `has the volumes ${volumes.join(", ")}`;
      findings.error(
        given,
        "Volume",
        "No such volume",
        `There is no volume ${JSON.stringify(volume)} in this group, which ${known}.`,
      );
    }
  }
}

/** Actions, secrets and identities are called by name. */
function checkNames(task: Part, findings: Findings): void {
  for (const [field, what, pattern] of namedBlocks) {
    const parts = partsOf(task, field);
    for (const [name, part] of repeated(parts, (each) => text(each.full.Name))) {
      findings.error(
        part.given,
        undefined,
        `Duplicate ${what}`,
        `There is already a ${what} "${name}" in this task.`,
      );
    }
    for (const part of parts.filter((each) => !pattern.test(text(each.full.Name)))) {
      const detail = `${JSON.stringify(part.full.Name)} will not do as the name of a ${what}: letters, digits and a few signs make up names.`;
      findings.error(part.given, "Name", "Invalid name", detail);
    }
  }
}

const namedBlocks = [
  ["Actions", "action", /^[A-Za-z0-9_-]{1,128}$/],
  ["Secrets", "secret", /^[A-Za-z0-9_]{1,128}$/],
  ["Identities", "identity", /^[A-Za-z0-9_-]{1,128}$/],
] as const;

function checkEnvironment({ full, given }: Part, findings: Findings): void {
  if (!isJsonObject(full.Env) || !isJsonObject(given.Env)) return;
  for (const name of Object.keys(full.Env)) {
    if (name === "" || name.includes("=") || name.includes("\0")) {
      findings.error(
        given.Env,
        name,
        "Invalid name",
        `${JSON.stringify(name)} cannot be the name of an environment variable.`,
      );
    } else if (name.startsWith("NOMAD_")) {
      findings.warning(
        given.Env,
        name,
        "Reserved name",
        `${name} is replaced: names that begin with NOMAD_ are set for every task.`,
      );
    }
  }
}
