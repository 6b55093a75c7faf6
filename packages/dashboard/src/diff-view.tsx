import type { JobDiff } from "@fractus/client/types/diff.ts";
import { diffLines } from "./diff-lines.ts";
import { strings } from "./strings.ts";

const signs = { None: "", Added: "+", Deleted: "−", Edited: "±" };

/** What differs, line by line. */
export function DiffView({ diff }: { diff: JobDiff }) {
  const lines = diffLines(diff);
  if (diff.Type === "None" && lines.length === 1) return <p className="soft">{strings.run.noChanges}</p>;
  return (
    <div className="diff mono">
      {lines.map(({ type, depth, text }, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- lines may be the same, and are not moved
        <div key={at} className={`diff-line diff-${type.toLowerCase()} depth-${Math.min(depth, 6)}`}>
          <span className="diff-sign">{signs[type]}</span>
          {text}
        </div>
      ))}
    </div>
  );
}
