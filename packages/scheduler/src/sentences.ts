import type { Constraint } from "@fractus/core/job.ts";
import type { NodeStatus } from "@fractus/core/node.ts";
import type { Ask } from "./ask.ts";
import type { Reason } from "./reason.ts";
import type { NodeRefusal } from "./refusals.ts";
import { amountName, amountText, counted, instanceText, listOf, verb } from "./wording.ts";

/**
 * What the nodes have against an ask, in sentences: one for each kind of reason, with all the nodes
 * that have it. What most nodes have comes first.
 */
export function sentencesOf(ask: Ask, refusals: readonly NodeRefusal[]): string[] {
  const groups = new Map<string, Objection[]>();
  for (const { name, reasons } of refusals) {
    for (const reason of reasons) {
      const key = kindOf(reason);
      groups.set(key, [...(groups.get(key) ?? []), { node: name, reason }]);
    }
  }
  return [...groups.values()]
    .sort((a, b) => b.length - a.length)
    .map((objections) => sentence(ask, objections));
}

/** One node with one reason. */
interface Objection {
  readonly node: string;
  readonly reason: Reason;
}

/** Reasons with the same key make one sentence. */
function kindOf(reason: Reason): string {
  switch (reason.kind) {
    case "constraint":
      return `constraint ${constraintText(reason.constraint)}`;
    case "status":
      return `status ${reason.status}`;
    case "pool":
      return `pool ${reason.pool}`;
    case "driver-missing":
    case "driver-unhealthy":
      return `${reason.kind} ${reason.driver}`;
    case "device-missing":
    case "devices-taken":
      return `${reason.kind} ${reason.device}`;
    case "network-mode":
      return `mode ${reason.mode}`;
    case "host-network":
      return `network ${reason.alias}`;
    case "volume-missing":
    case "volume-read-only":
      return `${reason.kind} ${reason.volume}`;
    case "other-node-than":
      return `other-node-than ${reason.instance}`;
    case "distinct-property":
      return `distinct-property ${reason.attribute} ${reason.value}`;
    case "property-missing":
      return `property-missing ${reason.attribute}`;
    case "port-taken":
    case "port-twice":
      return `${reason.kind} ${reason.port}`;
    default:
      return reason.kind;
  }
}

function sentence(ask: Ask, objections: readonly Objection[]): string {
  const names = listOf(objections.map(({ node }) => node));
  const count = objections.length;
  const nodes = counted(count, "node");
  const is = verb(count, { one: "is", many: "are" });
  const has = verb(count, { one: "has", many: "have" });
  const { reason } = objections[0];
  switch (reason.kind) {
    case "status":
      return `${nodes} ${statusText(reason.status, count)}: ${names}.`;
    case "gone":
      return `${nodes} ${is} not there any more: ${names}.`;
    case "ineligible":
      return `${nodes} ${is} set to take no new work: ${names}.`;
    case "draining":
      return `${nodes} ${is} being drained: ${names}.`;
    case "zone":
      return `${nodes} ${is} outside of ${listOf(reason.wanted)}: ${zones(objections)}.`;
    case "pool":
      return `${nodes} ${is} in node pool ${reason.pool} instead of ${reason.wanted}: ${names}.`;
    case "constraint":
      return `${nodes} ${verb(count, { one: "does", many: "do" })} not meet ${constraintText(reason.constraint)}: ${actuals(objections)}.`;
    case "driver-missing":
      return `${nodes} ${has} no ${reason.driver} driver: ${names}.`;
    case "driver-unhealthy":
      return `The ${reason.driver} driver is unhealthy on ${nodes}: ${unhealthy(objections)}.`;
    case "device-missing":
      return `${nodes} ${verb(count, { one: "does", many: "do" })} not have ${reason.wanted} ${reason.device}: ${names}.`;
    case "network-mode":
      return `${nodes} ${has} no network mode ${reason.mode}: ${names}.`;
    case "host-network":
      return `${nodes} ${has} no host network ${reason.alias}: ${names}.`;
    case "volume-missing":
      return `${nodes} ${has} no host volume ${reason.volume}: ${names}.`;
    case "volume-read-only":
      return `The host volume ${reason.volume} is read-only on ${nodes}: ${names}.`;
    case "host-hint":
      return `${nodes} ${is} not ${listOf(reason.wanted)}, where it must run: ${names}.`;
    case "host-excluded":
      return `${nodes} ${is} to be avoided: ${names}.`;
    case "same-node-as":
      return `${nodes} ${verb(count, { one: "does", many: "do" })} not run ${listOf(reason.instances)}: ${names}.`;
    case "other-node-than":
      return `${reason.instance} runs on ${names}, and it must be elsewhere.`;
    case "distinct-hosts":
      return `${nodes} already ${has} ${reason.scope === "job" ? "an instance of the same job" : "a copy"}, and no node may have two: ${names}.`;
    case "distinct-property":
      return `${reason.attribute} = ${reason.value} has as many copies as it may (${reason.limit}): ${names}.`;
    case "property-missing":
      return `${nodes} ${has} no ${reason.attribute}, by which the copies are kept apart: ${names}.`;
    case "server-group":
      return reason.policy === "affinity"
        ? `${nodes} ${verb(count, { one: "is", many: "are" })} not where the other members of the server group are: ${names}.`
        : `${nodes} already ${has} a member of the server group, whose members are to be apart: ${names}.`;
    case "cpu":
    case "memory":
    case "disk":
    case "cores":
      return `${nodes} ${has} too little ${amountName(reason.kind)} for ${amountText(ask, reason, reason.wanted)}: ${amounts(ask, objections)}.`;
    case "instances":
      return `${nodes} ${has} as many instances as allowed: ${names}.`;
    case "port-taken":
      return `Port ${reason.port} (${reason.label}) is taken: ${holders(ask, objections)}.`;
    case "port-twice":
      return `Port ${reason.port} is asked for twice.`;
    case "ports-used-up":
      return `${nodes} ${has} too few free ports to choose ${reason.wanted} from: ${names}.`;
    default:
      return `${nodes} ${has} too few ${reason.device} left for ${reason.wanted}: ${freeDevices(objections)}.`;
  }
}

export function constraintText({ attribute, operator, value }: Constraint): string {
  return [attribute, operator, value].filter((part) => part !== "").join(" ");
}

function statusText(status: NodeStatus, count: number): string {
  const is = verb(count, { one: "is", many: "are" });
  if (status === "disconnected") return verb(count, { one: "does not answer", many: "do not answer" });
  return status === "initializing" ? `${is} still starting` : `${is} ${status}`;
}

function zones(objections: readonly Objection[]): string {
  return byDetail(objections, (reason) => (reason.kind === "zone" ? `in ${reason.zone}` : ""));
}

function actuals(objections: readonly Objection[]): string {
  return byDetail(objections, (reason) => {
    if (reason.kind !== "constraint" || /unique\.(?:name|id)/.test(reason.constraint.attribute)) return "";
    return reason.actual === undefined ? "not set" : `it is ${reason.actual}`;
  });
}

function unhealthy(objections: readonly Objection[]): string {
  return byDetail(objections, (reason) =>
    reason.kind === "driver-unhealthy" ? (reason.description ?? "") : "",
  );
}

function amounts(ask: Ask, objections: readonly Objection[]): string {
  return eachOf(objections, (node, reason) => {
    if (!("room" in reason)) return "";
    const room = amountText(ask, reason, reason.room);
    if (reason.free === reason.room) return `${node} has ${room} in all`;
    return `${node} has ${amountText(ask, reason, reason.free)} of ${room} free`;
  });
}

function holders(ask: Ask, objections: readonly Objection[]): string {
  return eachOf(objections, (node, reason) => {
    if (reason.kind !== "port-taken") return "";
    if (!reason.holder) return `on ${node} by the machine itself`;
    return `on ${node} by ${isOurs(ask, reason) ? `another copy of ${ask.name}` : instanceText(reason.holder)}`;
  });
}

/** Whether a port is held by a copy of what asks for it. */
export function isOurs(ask: Ask, { holder }: Extract<Reason, { readonly kind: "port-taken" }>): boolean {
  return holder?.job === ask.job && holder.group === ask.group;
}

function freeDevices(objections: readonly Objection[]): string {
  return eachOf(objections, (node, reason) =>
    reason.kind === "devices-taken" ? `${node} has ${reason.free} free` : "",
  );
}

/** `a and b (in dc2), c (in dc3)`: nodes of which the same is to be said, together. */
function byDetail(objections: readonly Objection[], detail: (reason: Reason) => string): string {
  const groups = new Map<string, string[]>();
  for (const { node, reason } of objections) {
    const text = detail(reason);
    groups.set(text, [...(groups.get(text) ?? []), node]);
  }
  return [...groups].map(([text, names]) => listOf(names) + (text && ` (${text})`)).join(", ");
}

/** `a has 1 free, b has 2 free and 5 more`. */
function eachOf(objections: readonly Objection[], detail: (node: string, reason: Reason) => string): string {
  const most = 3;
  const shown = objections.slice(0, most).map(({ node, reason }) => detail(node, reason));
  const rest = objections.length - most;
  return shown.join(", ") + (rest > 0 ? `, and ${rest} more` : "");
}
