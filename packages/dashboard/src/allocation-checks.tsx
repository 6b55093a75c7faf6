import type { AllocationCheck } from "@fractus/client/types/allocation.ts";
import { AnswerView } from "./answer-view.tsx";
import { Ago, Mark, Panel } from "./parts.tsx";
import type { Tone } from "./status.ts";
import { strings } from "./strings.ts";
import { useQuery } from "./use-query.ts";

const tones: Readonly<Record<AllocationCheck["Status"], Tone>> = {
  success: "good",
  failure: "bad",
  pending: "busy",
};

/** What the health checks of an allocation found last. */
export function AllocationChecksPanel({ id, isRunning }: { id: string; isRunning: boolean }) {
  const answer = useQuery(
    isRunning ? `checks ${id}` : null,
    (client, query) => client.allocations.checks(id, query),
    { topics: ["Allocation"], everyMs: 3000 },
  );
  if (!isRunning) return null;
  return (
    <Panel title={strings.allocation.checks}>
      <AnswerView answer={answer}>
        {(checks) => (
          <ul className="list">
            {Object.values(checks).map((check) => (
              <li key={check.ID}>
                <span>{check.Check ? `${check.Service}: ${check.Check}` : check.Service}</span>
                <span className="soft grow clip" title={check.Output}>
                  {check.Output}
                </span>
                <span className="soft nowrap">
                  <Ago atMs={check.Timestamp > 0 ? check.Timestamp * 1000 : undefined} />
                </span>
                <Mark tone={tones[check.Status]} text={check.Status} />
              </li>
            ))}
            {Object.keys(checks).length === 0 && <li className="soft">{strings.allocation.noChecks}</li>}
          </ul>
        )}
      </AnswerView>
    </Panel>
  );
}
