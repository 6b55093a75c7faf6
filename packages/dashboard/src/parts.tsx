/** Small pieces that pages are made of. */
import type { ReactNode } from "react";
import { formatAgo } from "./format.ts";
import type { Standing } from "./status.ts";
import { useNow } from "./use-now.ts";

/** A section with a heading. */
export function Panel({
  title,
  aside,
  className = "",
  children,
}: {
  title: string;
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}) {
  return (
    <section className={`panel ${className}`} aria-label={title}>
      <div className="panel-head">
        <h2>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** A status: its word, and a shape whose form and colour say the same. */
export function Mark({ tone, text }: Standing) {
  return <span className={`mark tone-${tone}`}>{text}</span>;
}

/** A time, told as how long ago it was. */
export function Ago({ atMs }: { atMs: number | undefined }) {
  const nowMs = useNow();
  if (atMs === undefined) return <>–</>;
  const date = new Date(atMs);
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString()}>
      {formatAgo(atMs, nowMs)}
    </time>
  );
}

/** Names and values; those without a value are left out. */
export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="facts">
      {facts
        .filter(([, value]) => value !== undefined && value !== "" && value !== false)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** A table that scrolls sideways by itself where it has no room. */
export function Table({
  label,
  heads,
  children,
}: {
  label: string;
  heads: readonly ReactNode[];
  children: ReactNode;
}) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a wide table is scrolled by keyboard
    <section className="table-scroll" tabIndex={0} aria-label={label}>
      <table>
        <thead>
          <tr>
            {heads.map((head, at) => (
              // oxlint-disable-next-line react/no-array-index-key -- columns have no other name, and never move
              <th key={at} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

/** How much of something is taken; the thin line inside is what was measured. */
export function Meter({
  name,
  used,
  all,
  measured,
  text,
  isProgress = false,
}: {
  name: string;
  used: number;
  all: number;
  measured?: number | undefined;
  text: string;
  /** Full is good, then, rather than tight. */
  isProgress?: boolean;
}) {
  const share = (part: number) => (all > 0 ? Math.min(100, (part / all) * 100) : 0);
  const percent = share(used);
  const full = isProgress ? "is-progress" : percent > 90 ? "is-tight" : "";
  return (
    <div className="meter">
      <span className="meter-name">{name}</span>
      <div className="meter-bar" aria-hidden="true">
        <div className={`meter-used ${full}`} style={{ width: `${percent}%` }} />
        {measured !== undefined && (
          <div className="meter-measured" style={{ width: `${share(measured)}%` }} />
        )}
      </div>
      <span className="meter-text">{text}</span>
    </div>
  );
}
