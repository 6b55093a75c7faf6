import type { Allocation } from "@fractus/client/types/allocation.ts";
import { OutsideLink, ServiceItem } from "./endpoints-panel.tsx";
import { Panel } from "./parts.tsx";
import { strings } from "./strings.ts";
import { useQuery } from "./use-query.ts";

/** Its ports on the node, and the services that point at them. */
export function AllocationPorts({ allocation }: { allocation: Allocation }) {
  const ports = portsOf(allocation);
  const { value: services = [] } = useQuery(
    `services of ${allocation.ID}`,
    (client, query) => client.allocations.services(allocation.ID, query),
    { topics: ["Service"] },
  );
  return (
    <Panel title={strings.allocation.endpoints}>
      {ports.length === 0 ? (
        <p className="soft pad">{strings.allocation.noEndpoints}</p>
      ) : (
        <ul className="list">
          {ports.map(({ label, address, to }) => (
            <li key={label}>
              <span>{label}</span>
              {to > 0 && <span className="soft">→ {to}</span>}
              <span className="grow" />
              <OutsideLink address={`http://${address}`} />
            </li>
          ))}
          {services.map((service) => (
            <ServiceItem key={service.ID} instances={[service]} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function portsOf({ AllocatedResources: resources }: Allocation) {
  return (resources?.Shared.Ports ?? []).map(({ Label, Value, To, HostIP }) => ({
    label: Label,
    address: `${HostIP || "127.0.0.1"}:${Value}`,
    to: To,
  }));
}
