import type { Job } from "@fractus/client/types/job.ts";
import { ActionButton } from "./action.tsx";
import { AnswerView } from "./answer-view.tsx";
import { commands } from "./commands.ts";
import { useSession } from "./context.tsx";
import { DiffView } from "./diff-view.tsx";
import { millisecondsOf } from "./format.ts";
import { Ago, Panel } from "./parts.tsx";
import { strings } from "./strings.ts";
import { useQuery } from "./use-query.ts";

const words = strings.job;

/** The versions that are kept, what each changed, and the way back. */
export function JobVersions({ job }: { job: Job }) {
  const { client } = useSession();
  const { ID: id, Namespace: namespace } = job;
  const answer = useQuery(
    `versions ${namespace} ${id}`,
    (from, query) => from.jobs.versions(id, { diffs: true }, { ...query, namespace }),
    { topics: ["Job", "Deployment"], everyMs: 30_000 },
  );
  return (
    <Panel title={words.versions}>
      <AnswerView answer={answer}>
        {({ Versions, Diffs }) => (
          <ul className="versions">
            {(Versions ?? []).map((version, at) => {
              const diff = Diffs?.[at];
              return (
                <li key={version.Version}>
                  <div className="version-head">
                    <strong>{version.Version}</strong>
                    {version.Version === job.Version && <span className="count">{words.current}</span>}
                    {version.Stable && <span className="count count-running">{words.stable}</span>}
                    <span className="soft">
                      <Ago atMs={millisecondsOf(version.SubmitTime)} />
                    </span>
                    <span className="grow" />
                    {version.Version !== job.Version && (
                      <ActionButton
                        name={words.revert}
                        line={commands.revertJob({ id, namespace }, version.Version)}
                        act={() => client.jobs.revert(id, version.Version, { namespace })}
                        sure={words.revertSure(id, version.Version)}
                      />
                    )}
                  </div>
                  {diff ? <DiffView diff={diff} /> : <p className="soft">{words.noChanges}</p>}
                </li>
              );
            })}
          </ul>
        )}
      </AnswerView>
    </Panel>
  );
}
