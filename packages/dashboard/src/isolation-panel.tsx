import { AnswerView } from "./answer-view.tsx";
import { Mark, Panel } from "./parts.tsx";
import { strings } from "./strings.ts";
import { useQuery } from "./use-query.ts";

/** What keeps the tasks apart from the machine, and what does not. */
export function IsolationPanel({ id }: { id: string }) {
  const answer = useQuery(`isolation ${id}`, (client, query) => client.allocations.isolation(id, query), {
    topics: [],
    everyMs: 60_000,
  });
  return (
    <Panel title={strings.allocation.isolation}>
      <AnswerView answer={answer}>
        {(tasks) =>
          Object.entries(tasks).map(([task, aspects]) => (
            <ul key={task} className="list" aria-label={task}>
              {aspects.map(({ Aspect, Holds, Words }) => (
                <li key={Aspect}>
                  <span className="aspect">{Aspect}</span>
                  <span className="soft grow">{Words}</span>
                  <Mark
                    tone={Holds ? "good" : "idle"}
                    text={Holds ? strings.allocation.holds : strings.allocation.open}
                  />
                </li>
              ))}
            </ul>
          ))
        }
      </AnswerView>
    </Panel>
  );
}
