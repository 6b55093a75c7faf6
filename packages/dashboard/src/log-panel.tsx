import type { Allocation } from "@fractus/client/types/allocation.ts";
import { useEffect, useRef, useState } from "react";
import { CommandLine } from "./command-line.tsx";
import { commands } from "./commands.ts";
import { searched } from "./log-buffer.ts";
import { Panel } from "./parts.tsx";
import { strings } from "./strings.ts";
import { useLog } from "./use-log.ts";

const words = strings.logs;
const streams = ["stdout", "stderr"] as const;
type Stream = (typeof streams)[number];

/** What a task writes, as it writes it. */
export function LogPanel({ allocation, tasks }: { allocation: Allocation; tasks: readonly string[] }) {
  const { ID: id } = allocation;
  const [task, setTask] = useState(tasks[0]);
  const [stream, setStream] = useState<Stream>("stdout");
  const [text, setText] = useState("");
  const [isFollowing, setFollowing] = useState(true);
  return (
    <Panel title={words.region} aside={<CommandLine line={commands.logs(id, task, stream === "stderr")} />}>
      <div className="toolbar">
        {tasks.length > 1 && (
          <select aria-label={words.task} value={task} onChange={(event) => setTask(event.target.value)}>
            {tasks.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
        <fieldset className="chips" aria-label={words.stream}>
          {streams.map((name) => (
            <button
              key={name}
              type="button"
              className="chip"
              aria-pressed={name === stream}
              onClick={() => setStream(name)}
            >
              {name}
            </button>
          ))}
        </fieldset>
        <input
          type="search"
          aria-label={words.search}
          placeholder={words.search}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <label className="check">
          <input
            type="checkbox"
            checked={isFollowing}
            onChange={(event) => setFollowing(event.target.checked)}
          />
          {words.follow}
        </label>
      </div>
      <Lines
        key={`${task} ${stream}`}
        source={{ id, task, stream }}
        text={text.trim()}
        isFollowing={isFollowing}
        setFollowing={setFollowing}
      />
    </Panel>
  );
}

/** So near to the end counts as at the end. */
const nearPx = 24;

function Lines({
  source: { id, task, stream },
  text,
  isFollowing,
  setFollowing,
}: {
  source: { id: string; task: string; stream: Stream };
  text: string;
  isFollowing: boolean;
  setFollowing: (isFollowing: boolean) => void;
}) {
  const { lines, isCut, trouble } = useLog({ allocation: id, task, type: stream });
  const view = useRef<HTMLDivElement>(null);
  // After whatever was painted, as all of it may have moved the end.
  useEffect(() => {
    if (isFollowing && view.current) view.current.scrollTop = view.current.scrollHeight;
  });
  // Who scrolls away from the end wants to read; who comes back wants to follow.
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = view.current!;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < nearPx;
    if (isAtEnd !== isFollowing) setFollowing(isAtEnd);
  };
  return (
    <>
      {trouble && <p className="notice-line tone-busy">{trouble}</p>}
      {isCut && <p className="soft pad">{words.earlier}</p>}
      <div
        ref={view}
        className="log mono"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it is scrolled by keyboard
        tabIndex={0}

        role="log"
        aria-label={words.region}
        onScroll={onScroll}
      >
        <LogText lines={lines} text={text} empty={trouble ? "" : words.empty[stream]} />
      </div>
    </>
  );
}

function LogText({ lines, text, empty }: { lines: readonly string[]; text: string; empty: string }) {
  if (lines.length === 0) return <span className="soft">{empty}</span>;
  if (text === "") return <>{`${lines.join("\n")}\n`}</>;
  const found = searched(lines, text);
  return (
    <>
      <div className="soft">{found.length > 0 ? words.matches(found.length) : words.noMatch}</div>
      {found.map((pieces, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- lines may be the same
        <div key={at}>
          {pieces.map((piece, index) =>
            // oxlint-disable-next-line react/no-array-index-key -- as may their pieces
            piece.isMatch ? <mark key={index}>{piece.text}</mark> : <span key={index}>{piece.text}</span>,
          )}
        </div>
      ))}
    </>
  );
}
