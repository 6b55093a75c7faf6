import type { DriverState } from "@fractus/core/node.ts";
import type { Driver, Fingerprint } from "@fractus/drivers/driver.ts";
import type { NodeFacts } from "../control-link.ts";
import type { NodeIdentity } from "../run/records.ts";
import { wordsOf } from "../run/task-events.ts";
import type { Machine } from "./machine.ts";
import type { NodeSettings } from "./settings.ts";

/** The interface that jobs written for Nomad may ask for. */
const nomadVersion = "1.11.0";

/** Everything that is known of the node. Pure: the machine and the drivers have been looked at already. */
export function nodeFacts(input: {
  readonly identity: NodeIdentity;
  readonly settings: NodeSettings;
  readonly machine: Machine;
  readonly fingerprints: readonly { readonly name: string; readonly fingerprint: Fingerprint }[];
}): NodeFacts {
  const { identity, settings, machine, fingerprints } = input;
  const { budget = {} } = settings;
  const mhzPerCore =
    budget.cpuMhz !== undefined && budget.cores
      ? Math.round(budget.cpuMhz / budget.cores)
      : machine.mhzPerCore;
  const capacity = {
    cpuMhz: budget.cpuMhz ?? (budget.cores ?? machine.cores) * machine.mhzPerCore,
    cores: budget.cores ?? machine.cores,
    memoryBytes: budget.memoryBytes ?? machine.memoryBytes,
    diskBytes: budget.diskBytes ?? machine.diskBytes,
  };
  const drivers = Object.fromEntries(
    fingerprints.map(({ name, fingerprint }) => [name, driverState(fingerprint)]),
  );
  const hostNetworks = { default: { address: machine.address }, ...settings.hostNetworks };
  return {
    id: identity.id,
    name: settings.name,
    zone: settings.zone,
    pool: settings.pool,
    class: settings.class,
    attributes: {
      ...withoutVolatile(machine.attributes),
      "cpu.numcores": String(capacity.cores),
      "cpu.reservablecores": String(capacity.cores),
      "cpu.totalcompute": String(capacity.cpuMhz),
      "cpu.usablecompute": String(capacity.cpuMhz - settings.reserved.cpuMhz),
      "memory.totalbytes": String(capacity.memoryBytes),
      "unique.network.ip-address": hostNetworks.default.address,
      "nomad.version": nomadVersion,
      "nomad.service_discovery": "true",
      ...Object.assign({}, ...fingerprints.map(({ fingerprint }) => fingerprint.attributes)),
      ...settings.attributes,
    },
    meta: changedMeta(settings.meta, identity.meta),
    capacity,
    reserved: settings.reserved,
    mhzPerCore,
    drivers,
    devices: [],
    hostVolumes: settings.hostVolumes,
    hostNetworks,
    networkModes: settings.networkModes,
    dynamicPorts: settings.dynamicPorts,
    ...(settings.maxInstances !== undefined && { maxInstances: settings.maxInstances }),
  };
}

/** What changes all the time would make the node register all the time. */
function withoutVolatile(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).filter(([name]) => name !== "unique.storage.bytesfree"),
  );
}

export function changedMeta(
  meta: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const all: Record<string, string | null> = { ...meta, ...changes };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}

function driverState({ isDetected, isHealthy, missing }: Fingerprint): DriverState {
  const words = missing.map(({ what, lost }) => `${what}: ${lost}`).join("; ");
  return { isDetected, isHealthy, ...(words !== "" && { description: words }) };
}

/** Looks at all drivers; one that cannot be looked at is not there. */
export async function lookAtDrivers(
  drivers: readonly Pick<Driver, "name" | "fingerprint">[],
): Promise<{ name: string; fingerprint: Fingerprint }[]> {
  return Promise.all(
    drivers.map(async (driver) => ({
      name: driver.name,
      fingerprint: await driver.fingerprint().catch((error: unknown): Fingerprint => ({
        isDetected: false,
        isHealthy: false,
        attributes: {},
        missing: [{ what: wordsOf(error), lost: "nothing can be started with it" }],
      })),
    })),
  );
}
