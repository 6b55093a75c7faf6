import type { PlanAnswer } from "@fractus/client/types/plan.ts";
import { DiffView } from "./diff-view.tsx";
import { timeOf } from "./format.ts";
import { Link } from "./link.tsx";
import { Mark, Table } from "./parts.tsx";
import { unplacedCount } from "./problems.ts";
import { allocationAddress, nodeAddress } from "./route.ts";
import { strings } from "./strings.ts";
import { WhyLines } from "./why-lines.tsx";

const words = strings.run;

/** What differs, where the copies would go, and why there. */
export function PlanView({ plan }: { plan: PlanAnswer }) {
  const missing = unplacedCount(plan.FailedTGAllocs);
  const launchMs = timeOf(plan.NextPeriodicLaunch);
  const explanation = plan.Explanation ?? [];
  return (
    <div className="plan pad stack">
      <p>
        {missing > 0 ? (
          <Mark tone="bad" text={words.notPlaced(missing)} />
        ) : (
          <Mark tone="good" text={words.allPlaced} />
        )}
      </p>
      {plan.Warnings && (
        <section>
          <h3>{words.warnings}</h3>
          <p className="prose">{plan.Warnings}</p>
        </section>
      )}
      {plan.Diff && <DiffView diff={plan.Diff} />}
      {launchMs !== undefined && (
        <p>
          {words.nextLaunch} {new Date(launchMs).toLocaleString()}
        </p>
      )}
      <Placements plan={plan} />
      <Preempted plan={plan} />
      {explanation.length > 0 && (
        <section>
          <h3>{words.explanation}</h3>
          <WhyLines why={{ Groups: [{ Name: "", Lines: explanation }] }} />
        </section>
      )}
    </div>
  );
}

const mostRows = 50;

function Placements({ plan }: { plan: PlanAnswer }) {
  const placements = plan.Placements ?? [];
  if (placements.length === 0) return null;
  return (
    <section>
      <h3>{words.placements}</h3>
      <Table label={words.placements} heads={[words.allocation, words.node]}>
        {placements.slice(0, mostRows).map((one) => (
          <tr key={one.Name}>
            <th scope="row">{one.Name}</th>
            <td>
              <Link to={nodeAddress(one.NodeID)}>{one.NodeName}</Link>
            </td>
          </tr>
        ))}
      </Table>
      {placements.length > mostRows && <p className="soft">{strings.more(placements.length - mostRows)}</p>}
    </section>
  );
}

function Preempted({ plan }: { plan: PlanAnswer }) {
  const victims = plan.Annotations?.PreemptedAllocs ?? [];
  if (victims.length === 0) return null;
  return (
    <section>
      <h3>{words.preempted}</h3>
      <ul className="list">
        {victims.map((one) => (
          <li key={one.ID}>
            <Link to={allocationAddress(one.ID)}>{one.Name}</Link>
            <span className="soft">{one.NodeName}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
