/** Rules for networks, ports, services and checks. */
import { seconds } from "../schema/block.ts";
import { isInterpolated, number, partOf, partsOf, text, type Findings, type Part } from "./findings.ts";

/** The networks and services of a group and of its tasks. */
export function checkNetworking(group: Part, findings: Findings): void {
  const labels = new Set<string>();
  const taken = new Map<string, string>();
  for (const network of networksOf(group)) checkNetwork(network, labels, taken, findings);
  for (const task of [undefined, ...partsOf(group, "Tasks")]) {
    for (const service of partsOf(task ?? group, "Services")) {
      checkService(service, labels, task?.given, findings);
    }
  }
}

/** Ports of the group and, as older files have them, of its tasks. */
function networksOf(group: Part): readonly Part[] {
  const tasks = partsOf(group, "Tasks").flatMap((task) => {
    const resources = partOf(task, "Resources");
    return resources ? partsOf(resources, "Networks") : [];
  });
  return [...partsOf(group, "Networks"), ...tasks];
}

function checkNetwork(
  network: Part,
  labels: Set<string>,
  taken: Map<string, string>,
  findings: Findings,
): void {
  const { given, full } = network;
  const mode = text(full.Mode);
  if (mode !== "" && !isInterpolated(mode) && !/^(?:none|host|bridge|cni\/.+)$/.test(mode)) {
    findings.error(
      given,
      "Mode",
      "Unknown mode",
      `The mode is none, host, bridge or cni/NAME, not ${JSON.stringify(mode)}.`,
    );
  }
  if (text(full.Hostname) !== "" && (mode === "" || mode === "host")) {
    findings.error(
      given,
      "Hostname",
      "No host name here",
      "An allocation has a host name of its own in the mode bridge only.",
    );
  }
  for (const port of [...partsOf(network, "ReservedPorts"), ...partsOf(network, "DynamicPorts")]) {
    checkPort(port, labels, taken, findings);
  }
}

function checkPort(
  { given, full }: Part,
  labels: Set<string>,
  taken: Map<string, string>,
  findings: Findings,
): void {
  const label = text(full.Label);
  const value = number(full.Value);
  const to = number(full.To);
  if (!/^[A-Za-z0-9_-]+$/.test(label)) {
    findings.error(
      given,
      undefined,
      "Invalid port label",
      `A port label has letters, digits, _ and - only; ${JSON.stringify(label)} has others or none.`,
    );
  } else if (labels.has(label)) {
    findings.error(
      given,
      undefined,
      "Duplicate port label",
      `There is already a port "${label}" in this group.`,
    );
  }
  labels.add(label);
  if (value < 0 || value > 65_535)
    findings.error(given, "Value", "No such port", `static is between 1 and 65535, but it is ${value}.`);
  if (to < -1 || to > 65_535)
    findings.error(given, "To", "No such port", `to is between 1 and 65535, or -1, but it is ${to}.`);
  if (value <= 0 || full.IgnoreCollision === true) return;
  const place = `${text(full.HostNetwork)}:${value}`;
  const other = taken.get(place);
  if (other !== undefined) {
    findings.error(
      given,
      "Value",
      "Port taken twice",
      `The ports "${other}" and "${label}" of this group both want port ${value} of the node.`,
    );
  }
  taken.set(place, label);
}

const serviceName = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

function checkService(
  service: Part,
  labels: ReadonlySet<string>,
  task: Part["given"] | undefined,
  findings: Findings,
): void {
  const { given, full } = service;
  const name = text(full.Name);
  if (!isInterpolated(name) && !serviceName.test(name)) {
    const detail = `A service name has up to 63 letters, digits and inner hyphens, so that names can be resolved; ${JSON.stringify(name)} has not.`;
    findings.error(given, "Name", "Invalid service name", detail);
  }
  checkPortLabel(given, full, labels, findings);
  if (task && text(full.TaskName) !== "" && full.TaskName !== task.Name) {
    findings.error(given, "TaskName", "Wrong task", "A service inside a task belongs to that task.");
  }
  for (const check of partsOf(service, "Checks")) checkCheck(check, full, labels, findings);
}

function checkPortLabel(
  given: Part["given"],
  full: Part["full"],
  labels: ReadonlySet<string>,
  findings: Findings,
): void {
  const port = text(full.PortLabel);
  if (port === "" || isInterpolated(port) || labels.has(port) || /^\d+$/.test(port)) return;
  const known = labels.size === 0 ? "has no ports" : `has the ports ${[...labels].join(", ")}`;
  findings.error(
    given,
    "PortLabel",
    "No such port",
    `There is no port "${port}" in this group, which ${known}.`,
  );
}

function checkCheck(
  { given, full }: Part,
  service: Part["full"],
  labels: ReadonlySet<string>,
  findings: Findings,
): void {
  const type = text(full.Type);
  if (type === "")
    findings.error(given, undefined, "Missing type", "A check needs its type: http, tcp, script or grpc.");
  if (service.Provider === "nomad" && (type === "script" || type === "grpc")) {
    findings.error(
      given,
      "Type",
      "Check not possible",
      `Services of the provider nomad have checks of type http and tcp, not ${type}.`,
    );
  }
  if (type === "http" && text(full.Path) === "")
    findings.error(given, undefined, "Missing path", "A check of type http needs a path.");
  if (type === "script" && text(full.Command) === "")
    findings.error(given, undefined, "Missing command", "A check of type script needs a command.");
  for (const [field, name] of [
    ["Interval", "interval"],
    ["Timeout", "timeout"],
  ] as const) {
    if (number(full[field]) < seconds(1))
      findings.error(given, field, "Duration too short", `${name} must be at least 1s.`);
  }
  checkPortLabel(given, full, labels, findings);
  if ((type === "http" || type === "tcp") && text(full.PortLabel) === "" && text(service.PortLabel) === "") {
    findings.error(
      given,
      undefined,
      "Missing port",
      `A check of type ${type} needs a port, its own or that of its service.`,
    );
  }
}
