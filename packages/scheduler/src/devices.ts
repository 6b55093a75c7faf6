import type { Affinity, DeviceAsk } from "@fractus/core/job.ts";
import type { GrantedDevice } from "@fractus/core/allocation.ts";
import type { DeviceGroup, Node } from "@fractus/core/node.ts";
import { holds, type Resolve } from "./constraint.ts";

/** Which of a node's device groups gives how many to each device ask, or that one of them cannot be met. */
export interface DeviceChoice {
  readonly picks: readonly GrantedDevice[];
  /** The first ask that cannot be met. */
  readonly missing?: DeviceAsk;
  /** Sum of the weights of the affinities that the picks meet. */
  readonly metWeight: number;
}

/** Whether a device of a group, known by `vendor/type/name`, is somebody's already. */
export type IsTaken = (group: string, id: string) => boolean;

/**
 * Chooses devices ask by ask: of the groups that suit and have enough left, the one that meets most
 * affinity; ties go to the first. Of a group the first free ones are taken.
 */
export function chooseDevices(node: Node, asks: readonly DeviceAsk[], isTaken: IsTaken): DeviceChoice {
  const picks: GrantedDevice[] = [];
  let metWeight = 0;
  for (const ask of asks) {
    const best = bestGroup(node, ask, (group, id) => isTaken(group, id) || isPicked(picks, group, id));
    if (best === undefined) return { picks, metWeight, missing: ask };
    picks.push(best.pick);
    metWeight += best.weight;
  }
  return { picks, metWeight };
}

/** Whether the node has such devices at all, taken or not. */
export function hasDevices(node: Node, ask: DeviceAsk): boolean {
  return node.devices.some((group) => suits(group, ask) && group.ids.length >= ask.count);
}

/** How many devices of the kind are free, in the group that has most of them. */
export function freeDevices(node: Node, ask: DeviceAsk, isTaken: IsTaken): number {
  const counts = node.devices.map((group) =>
    suits(group, ask) ? group.ids.filter((id) => !isTaken(deviceName(group), id)).length : 0,
  );
  return Math.max(0, ...counts);
}

/** What all affinities of the asks weigh together, whichever way; 0 if there are none. */
export function totalDeviceWeight(asks: readonly DeviceAsk[]): number {
  return asks
    .flatMap((ask) => ask.affinities)
    .reduce((sum: number, affinity) => sum + Math.abs(affinity.weight), 0);
}

/** `vendor/type/name`. */
export function deviceName(group: DeviceGroup): string {
  return `${group.vendor}/${group.type}/${group.name}`;
}

function bestGroup(node: Node, ask: DeviceAsk, isTaken: IsTaken) {
  let best: { readonly pick: GrantedDevice; readonly weight: number } | undefined;
  for (const group of node.devices) {
    if (!suits(group, ask)) continue;
    const name = deviceName(group);
    const ids = group.ids.filter((id) => !isTaken(name, id)).slice(0, ask.count);
    if (ids.length < ask.count) continue;
    const weight = weightOf(group, ask.affinities);
    if (best === undefined || weight > best.weight) best = { pick: { name, ids }, weight };
  }
  return best;
}

function isPicked(picks: readonly GrantedDevice[], group: string, id: string): boolean {
  return picks.some((pick) => pick.name === group && pick.ids.includes(id));
}

/** Of what kind it is, by `type`, `vendor/type` or `vendor/type/name`, and whether its properties are right. */
function suits(group: DeviceGroup, ask: DeviceAsk): boolean {
  const names = [group.type, `${group.vendor}/${group.type}`, deviceName(group)];
  if (!names.includes(ask.name)) return false;
  return ask.constraints.every((constraint) => holds(constraint, resolverOf(group)));
}

function weightOf(group: DeviceGroup, affinities: readonly Affinity[]): number {
  const met = affinities.filter((affinity) => holds(affinity, resolverOf(group)));
  return met.reduce((sum, affinity) => sum + affinity.weight, 0);
}

/** https://developer.hashicorp.com/nomad/docs/job-specification/device */
function resolverOf(group: DeviceGroup): Resolve {
  return (target) => {
    if (!target.startsWith("${")) return target;
    const name = target.slice(2, -1);
    if (name === "device.vendor") return group.vendor;
    if (name === "device.type") return group.type;
    if (name === "device.model") return group.name;
    if (name === "device.ids") return group.ids.join(",");
    const attribute = name.startsWith("device.attr.") ? name.slice("device.attr.".length) : undefined;
    return attribute !== undefined && Object.hasOwn(group.attributes, attribute)
      ? group.attributes[attribute]
      : undefined;
  };
}
