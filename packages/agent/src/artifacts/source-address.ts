/**
 * Which machines an artifact may come from. The name is looked up once, the addresses are checked, and
 * the connection is made to the very addresses that were checked: a name that means something else a
 * moment later (DNS rebinding) gains nothing.
 */
import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { Refusal } from "@fractus/core/refusal.ts";

export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

export interface AddressPolicy {
  resolve(host: string): Promise<readonly Address[]>;
  isAllowed(address: Address): boolean;
}

/** The machine's own names, and every address but those of the machine itself, its link and metadata services. */
export function addressPolicy(allowsLocalSources: boolean): AddressPolicy {
  return {
    resolve: async (host) => {
      const found = await lookup(host, { all: true });
      return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
    },
    isAllowed: (address) => allowsLocalSources || !isLocal(address),
  };
}

/** Where to connect to for a host. Refuses a host of which any address is not allowed. */
export async function checkedAddresses(host: string, policy: AddressPolicy): Promise<readonly Address[]> {
  const literal = host.replace(/^\[|\]$/g, "");
  const family = isIP(literal);
  const addresses =
    family === 0
      ? await resolved(host, policy)
      : [{ address: literal, family: family === 6 ? 6 : 4 } as const];
  for (const address of addresses)
    if (!policy.isAllowed(address))
      throw new Refusal(
        "invalid",
        `${host} is the address ${address.address}, of this machine or its link, which is no source.`,
      );
  return addresses;
}

async function resolved(host: string, policy: AddressPolicy): Promise<readonly Address[]> {
  try {
    const addresses = await policy.resolve(host);
    if (addresses.length > 0) return addresses;
  } catch (error) {
    throw new Refusal("unavailable", `The name ${host} could not be looked up.`, { cause: error });
  }
  throw new Refusal("unavailable", `The name ${host} has no address.`);
}

/**
 * Loopback, link-local, "this network", multicast and broadcast, with the ways of writing IPv4 in IPv6;
 * and the metadata services of clouds that are not link-local.
 *
 * Source: https://www.iana.org/assignments/iana-ipv4-special-registry
 */
function isLocal({ address, family }: Address): boolean {
  return blocked.check(address.replace(/%.*$/, ""), family === 6 ? "ipv6" : "ipv4");
}

const blocked = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  ["100.100.100.200", 32],
  ["168.63.129.16", 32],
  ["192.0.0.192", 32],
] as const)
  blocked.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of [
  ["::", 96],
  ["fe80::", 10],
  ["ff00::", 8],
  ["fd00:ec2::254", 128],
  ["64:ff9b::7f00:0", 104],
  ["64:ff9b::a9fe:0", 112],
  ["64:ff9b::", 104],
  ["2002:7f00::", 24],
  ["2002:a9fe::", 32],
] as const)
  blocked.addSubnet(network, prefix, "ipv6");
