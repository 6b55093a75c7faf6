import { noResources, MEBIBYTE } from "@fractus/core/resources.ts";
import { type Ask, type HostHints, plainAsk, type ServerGroup } from "./ask.ts";

/** A server somebody asks for, in words of the inside. */
export interface ServerWish {
  readonly id: string;
  readonly name: string;
  /** The flavor: virtual CPUs, memory in MiB, disk in GiB. */
  readonly flavor: { readonly vcpus: number; readonly memoryMib: number; readonly diskGib: number };
  /** `zone`, `zone:node` or `:node`; any zone if absent. */
  readonly availabilityZone?: string;
  readonly driver: string;
  readonly serverGroup?: ServerGroup;
  readonly hints?: HostHints;
}

/**
 * What a server asks for. It is neither evicted nor does it evict: its priority is the highest, and
 * only jobs with `mayEvict` make room.
 * https://docs.openstack.org/nova/latest/admin/availability-zones.html
 */
export function serverAsk(wish: ServerWish): Ask {
  const [zone, node] = (wish.availabilityZone ?? "").split(":", 2);
  const only = node ? [node] : wish.hints?.only;
  const hints = { ...wish.hints, ...(only && { only }) };
  return {
    ...plainAsk,
    name: wish.name,
    job: wish.id,
    group: "",
    priority: 100,
    resources: {
      ...noResources,
      cpuMillis: wish.flavor.vcpus * 1000,
      memoryBytes: wish.flavor.memoryMib * MEBIBYTE,
      diskBytes: wish.flavor.diskGib * 1024 * MEBIBYTE,
    },
    zones: [zone || "*"],
    drivers: [wish.driver],
    ...(wish.serverGroup && { serverGroup: wish.serverGroup }),
    ...(Object.keys(hints).length > 0 && { hints }),
  };
}
