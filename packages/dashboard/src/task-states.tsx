import type { Allocation, TaskState } from "@fractus/client/types/allocation.ts";
import { ActionButton } from "./action.tsx";
import { commands } from "./commands.ts";
import { useSession } from "./context.tsx";
import { formatDuration, millisecondsOf, timeOf } from "./format.ts";
import { Ago, Mark, Panel } from "./parts.tsx";
import type { Standing } from "./status.ts";
import { strings } from "./strings.ts";
import { useNow } from "./use-now.ts";

const words = strings.allocation;

/** What the tasks are at, and what happened to them, the newest first. */
export function TaskStates({ allocation }: { allocation: Allocation }) {
  const { client } = useSession();
  const states = Object.entries(allocation.TaskStates ?? {});
  return (
    <Panel title={words.tasks}>
      {states.length === 0 && <p className="soft pad">{words.noEvents}</p>}
      {states.map(([name, state]) => (
        <div key={name} className="task">
          <div className="task-head">
            <strong>{name}</strong>
            <Mark {...standingOf(state)} />
            <Lasting state={state} />
            {state.Restarts > 0 && <span className="soft">{words.restarts(state.Restarts)}</span>}
            <span className="grow" />
            {state.State === "running" && states.length > 1 && (
              <ActionButton
                name={words.restart}
                line={commands.restartAllocation(allocation.ID, name)}
                act={() => client.allocations.restart(allocation.ID, { task: name })}
                sure={words.restartSure(name)}
              />
            )}
          </div>
          <TaskEvents state={state} />
        </div>
      ))}
    </Panel>
  );
}

function standingOf({ State: state, Failed: failed, Restarts }: TaskState): Standing {
  if (failed) return { tone: "bad", text: strings.statuses.failed };
  if (state === "running") return { tone: "good", text: strings.statuses.running };
  if (state === "dead") return { tone: "idle", text: strings.statuses.complete };
  return Restarts > 0
    ? { tone: "bad", text: strings.statuses.restarting }
    : { tone: "busy", text: strings.statuses.pending };
}

/** How long it has run, or ran. */
function Lasting({ state }: { state: TaskState }) {
  const nowMs = useNow();
  const startedMs = timeOf(state.StartedAt);
  if (startedMs === undefined) return null;
  const endedMs = state.State === "running" ? nowMs : (timeOf(state.FinishedAt) ?? nowMs);
  return <span className="soft">{words.for(formatDuration(endedMs - startedMs))}</span>;
}

function TaskEvents({ state }: { state: TaskState }) {
  const events = [...(state.Events ?? [])].reverse();
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a long list is scrolled by keyboard
    <section className="events" tabIndex={0} aria-label={words.events}>
      <ol>
        {events.map((event) => (
          <li key={`${event.Time} ${event.Type} ${event.DisplayMessage}`}>
            <span className="soft nowrap event-time">
              <Ago atMs={millisecondsOf(event.Time)} />
            </span>
            <span className="event-type">{event.Type}</span>
            <span className="event-text">{event.DisplayMessage}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
