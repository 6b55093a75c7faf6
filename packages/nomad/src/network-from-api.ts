import type { Network, PortAsk } from "@fractus/core/job.ts";
import type * as api from "@fractus/hcl/job/api.ts";

/** Fields of a network that are ours: a real Nomad leaves them alone. */
interface Extended {
  readonly Network?: string;
  readonly SecurityGroups?: readonly string[];
}

/** What a group or task asks of its network. A port with a number of its own is static. */
export function networkFromApi(json: api.NetworkResource): Network {
  const { Network: network, SecurityGroups: securityGroups } = json as Extended;
  return {
    ...(json.Mode && { mode: json.Mode }),
    ...(json.Hostname && { hostname: json.Hostname }),
    ...(json.DNS && {
      dns: {
        servers: json.DNS.Servers ?? [],
        searches: json.DNS.Searches ?? [],
        options: json.DNS.Options ?? [],
      },
    }),
    ...(json.MBits && { megabits: json.MBits }),
    ...(network && { network }),
    ...(securityGroups && { securityGroups }),
    ports: [
      ...(json.ReservedPorts ?? []).map((port) => ({ ...portFromApi(port), static: port.Value })),
      ...(json.DynamicPorts ?? []).map(portFromApi),
    ],
  };
}

function portFromApi(json: api.Port): PortAsk {
  const { HostNetwork: hostNetwork } = json;
  return {
    label: json.Label,
    ...(json.To !== 0 && { to: json.To }),
    ...(hostNetwork && hostNetwork !== "default" && { hostNetwork }),
    ...(json.IgnoreCollision && { ignoreCollision: true }),
  };
}
