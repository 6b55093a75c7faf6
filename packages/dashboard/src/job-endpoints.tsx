import type { Client } from "@fractus/client/client.ts";
import type { Query } from "@fractus/client/http.ts";
import type { AllocationStub } from "@fractus/client/types/allocation.ts";
import type { Job } from "@fractus/client/types/job.ts";
import { AnswerView } from "./answer-view.tsx";
import { Endpoint, ServiceItem } from "./endpoints-panel.tsx";
import { Mark, Panel } from "./parts.tsx";
import { strings } from "./strings.ts";
import { useQuery } from "./use-query.ts";

/** Allocations whose checks are asked for one by one. */
const mostChecked = 12;

async function read(client: Client, id: string, allocations: readonly AllocationStub[], query: Query) {
  const running = allocations.filter((one) => one.ClientStatus === "running").slice(0, mostChecked);
  const [services, status, ...checks] = await Promise.all([
    client.jobs.services(id, query),
    client.agent.status({ ...(query.signal && { signal: query.signal }) }),
    ...running.map((one) => client.allocations.checks(one.ID, query)),
  ]);
  const names = new Set(services.map(({ ServiceName }) => ServiceName));
  const doors = (status.Addresses ?? []).filter(({ Name }) => names.has(Name));
  return { services, doors, checks: checks.flatMap((all) => Object.values(all)) };
}

/** Where the job is reached, and what its health checks find. */
export function JobEndpoints({ job, allocations }: { job: Job; allocations: readonly AllocationStub[] }) {
  const { ID: id, Namespace: namespace } = job;
  const answer = useQuery(
    `endpoints ${namespace} ${id}`,
    (client, query) => read(client, id, allocations, { ...query, namespace }),
    { topics: ["Service", "Allocation"], everyMs: 4000 },
  );
  return (
    <Panel title={strings.job.endpoints}>
      <AnswerView answer={answer}>
        {({ services, doors, checks }) => (
          <>
            <ul className="list">
              {doors.map(({ Name, Url }) => (
                <Endpoint key={Url} name={Name} url={Url} detail={strings.endpoints.frontDoor} />
              ))}
              {[...Map.groupBy(services, ({ ServiceName }) => ServiceName)].map(([name, instances]) => (
                <ServiceItem key={name} instances={instances} />
              ))}
              {services.length === 0 && <li className="soft">{strings.overview.noEndpoints}</li>}
              <CheckCounts checks={checks} />
            </ul>
          </>
        )}
      </AnswerView>
    </Panel>
  );
}

function CheckCounts({ checks }: { checks: Awaited<ReturnType<typeof read>>["checks"] }) {
  if (checks.length === 0) return null;
  const passing = checks.filter((check) => check.Status === "success").length;
  const isBad = checks.some((check) => check.Status === "failure");
  return (
    <li>
      <span>{strings.allocation.checks}</span>
      <span className="grow" />
      <Mark
        tone={isBad ? "bad" : passing === checks.length ? "good" : "busy"}
        text={strings.deployment.progress(passing, checks.length)}
      />
    </li>
  );
}
