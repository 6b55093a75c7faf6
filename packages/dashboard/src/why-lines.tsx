import type { Why } from "@fractus/client/types/fractus.ts";
import { strings } from "./strings.ts";

/** What the scheduler says, group by group. Indented lines belong to the one above. */
export function WhyLines({ why, onlyTrouble = false }: { why: Why; onlyTrouble?: boolean }) {
  const lines = (why.Groups ?? []).flatMap((group) => group.Lines ?? []);
  const shown = onlyTrouble ? lines.filter((line) => !isPlacement(line)) : lines;
  if (shown.length === 0) return <p className="soft">{strings.none}</p>;
  return (
    <div className="why">
      {shown.map((line, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- lines may be the same, and are not moved
        <p key={at} className={line.startsWith(" ") ? "is-inner" : ""}>
          {line.trim().replace(/^- /, "")}
        </p>
      ))}
    </div>
  );
}

/** A line about a copy that has a place. */
function isPlacement(line: string): boolean {
  return /^\S+\[\d+\] is on /.test(line);
}
