import type { Client } from "@fractus/client/client.ts";
import type { Query } from "@fractus/client/http.ts";
import type { FrontDoor } from "@fractus/client/types/fractus.ts";
import type { ServiceRegistration } from "@fractus/client/types/service.ts";
import { AnswerView } from "./answer-view.tsx";
import { Panel } from "./parts.tsx";
import { strings } from "./strings.ts";
import { useQuery } from "./use-query.ts";

/** Services whose instances are asked for one by one. */
const mostServices = 20;

async function read(client: Client, query: Query) {
  const [doors, lists] = await Promise.all([
    client.services.doors(query),
    client.services.list({ ...query, namespace: "*" }),
  ]);
  const names = lists.flatMap(({ Namespace: namespace, Services }) =>
    (Services ?? []).map(({ ServiceName: name }) => ({ namespace, name })),
  );
  const services = await Promise.all(
    names
      .slice(0, mostServices)
      .map(({ namespace, name }) => client.services.get(name, { ...query, namespace })),
  );
  return { doors, services: services.filter((instances) => instances.length > 0), count: names.length };
}

/** Where the cloud and what runs on it can be reached. */
export function EndpointsPanel({
  addresses,
}: {
  addresses: readonly { readonly Name: string; readonly Url: string }[];
}) {
  const answer = useQuery("endpoints", read, { topics: ["Service", "Allocation"] });
  return (
    <Panel title={strings.overview.endpoints}>
      <ul className="list">
        {addresses.map(({ Name, Url }) => (
          <Endpoint
            key={`${Name} ${Url}`}
            name={Name}
            url={Url}
            detail={doorText(Name, answer.value?.doors)}
          />
        ))}
      </ul>
      <AnswerView answer={answer}>
        {({ services, count }) => (
          <>
            <ul className="list">
              {services.map((instances) => (
                <ServiceItem
                  key={`${instances[0].Namespace} ${instances[0].ServiceName}`}
                  instances={instances}
                />
              ))}
              {count > mostServices && <li className="soft">{strings.more(count - mostServices)}</li>}
            </ul>
            {count === 0 && <p className="soft pad">{strings.overview.noEndpoints}</p>}
          </>
        )}
      </AnswerView>
    </Panel>
  );
}

function doorText(name: string, doors: readonly FrontDoor[] | undefined): string {
  const backends = doors?.find((door) => door.Name === name)?.Backends;
  if (!backends) return "";
  return strings.endpoints.behind(backends.filter(({ Healthy }) => Healthy).length, backends.length);
}

export function Endpoint({ name, url, detail }: { name: string; url: string; detail?: string }) {
  return (
    <li>
      <span>{name}</span>
      <span className="grow" />
      {detail && <span className="soft">{detail}</span>}
      <OutsideLink address={url} />
    </li>
  );
}

const mostInstances = 6;

export function ServiceItem({ instances }: { instances: readonly ServiceRegistration[] }) {
  const shown = instances.slice(0, mostInstances);
  return (
    <li>
      <span>{instances[0].ServiceName}</span>
      <span className="soft">{(instances[0].Tags ?? []).join(", ")}</span>
      <span className="grow" />
      <span className="addresses">
        {shown.map(({ ID, Address, Port }) => (
          <OutsideLink key={ID} address={`http://${Address}:${Port}`} />
        ))}
        {instances.length > shown.length && (
          <span className="soft">{strings.more(instances.length - shown.length)}</span>
        )}
      </span>
    </li>
  );
}

/** A link that leaves these pages; what it leads to may speak HTTP, or not. */
export function OutsideLink({ address }: { address: string }) {
  return (
    <a className="mono" href={address} target="_blank" rel="noreferrer">
      {address.replace(/^http:\/\//, "")}
    </a>
  );
}
