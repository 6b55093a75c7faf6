import { Link } from "./link.tsx";
import type { Overview } from "./overview-page.tsx";
import { Panel } from "./parts.tsx";
import { problemsOf, type Problem } from "./problems.ts";
import { strings } from "./strings.ts";
import { useQuery } from "./use-query.ts";
import { WhyLines } from "./why-lines.tsx";

const mostShown = 12;

export function ProblemList({
  overview,
}: {
  overview: Pick<Overview, "nodes" | "jobs" | "troubled" | "evaluations" | "deployments">;
}) {
  const { troubled: allocations, ...rest } = overview;
  const problems = problemsOf({ ...rest, allocations });
  if (problems.length === 0)
    return (
      <p className="all-well">
        <span className="mark tone-good">{strings.problems.fine}</span>
      </p>
    );
  const left = problems.length - mostShown;
  return (
    <Panel
      title={strings.problems.heading}
      className="problems"
      aside={<span className="count">{problems.length}</span>}
    >
      <ul>
        {problems.slice(0, mostShown).map((problem) => (
          <ProblemItem key={problem.key} problem={problem} />
        ))}
        {left > 0 && <li className="soft">{strings.more(left)}</li>}
      </ul>
    </Panel>
  );
}

function ProblemItem({ problem: { tone, title, lines, address, blockedJob } }: { problem: Problem }) {
  return (
    <li className={`problem tone-${tone}`}>
      <Link to={address}>{title}</Link>
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {blockedJob && <Blocked job={blockedJob} />}
    </li>
  );
}

/** The scheduler's own words about what finds no place. */
function Blocked({ job: { id, namespace } }: { job: NonNullable<Problem["blockedJob"]> }) {
  const { value } = useQuery(
    `why ${namespace} ${id}`,
    (client, query) => client.jobs.why(id, { ...query, namespace }),
    { topics: ["Evaluation", "Node"] },
  );
  return value ? <WhyLines why={value} onlyTrouble /> : null;
}
