import type { Fractal, Timings } from "@fractals/client/fractal.ts";
import type { ReactNode } from "react";
import { formatBytes, formatDuration, formatNumber, hasPower } from "./format.ts";
import { strings } from "./strings.ts";
import { useNow } from "./use-now.ts";

/** Everything that decides the picture. */
export function Parameters({ fractal }: { fractal: Fractal }) {
  const { facts } = strings;
  const { kind, xa, xb, ya, yb, samples } = fractal;
  return (
    <section>
      <h2>{strings.fractal.parameters}</h2>
      <table className="facts">
        <tbody>
          <Fact name={facts.formula}>{strings.formulas[kind]}</Fact>
          {kind === "julia" && (
            <Fact
              name={facts.constant}
            >{`${formatExact(fractal.cx)} ${fractal.cy < 0 ? "−" : "+"} ${formatExact(Math.abs(fractal.cy))}i`}</Fact>
          )}
          {hasPower(kind) && <Fact name={facts.power}>{fractal.power}</Fact>}
          <Fact name={facts.dimensions}>{facts.dimensionsOf(fractal.width, fractal.height)}</Fact>
          <Fact name={facts.iterations}>{fractal.iterations.toLocaleString("en")}</Fact>
          <Fact name={facts.x}>{facts.range(formatNumber(xa), formatNumber(xb))}</Fact>
          <Fact name={facts.y}>{facts.range(formatNumber(ya), formatNumber(yb))}</Fact>
          <Fact name={facts.palette}>{strings.palettes[fractal.palette]}</Fact>
          <Fact name={facts.colouring}>{strings.colourings[fractal.colouring]}</Fact>
          <Fact name={facts.samples}>{samples === 1 ? "1" : `${samples} × ${samples}`}</Fact>
          <Fact name={facts.seed}>{fractal.seed}</Fact>
        </tbody>
      </table>
    </section>
  );
}

/** What came of it: who drew it, how long it took, what the file is. */
export function DrawingFacts({ fractal }: { fractal: Fractal }) {
  const { facts } = strings;
  const { duration, size, checksum, generated_by: worker } = fractal;
  return (
    <section>
      <h2>{strings.fractal.drawn}</h2>
      <History fractal={fractal} />
      {fractal.timings && duration !== null && (
        <TimeSpent timings={fractal.timings} totalMs={duration * 1000} />
      )}
      <table className="facts">
        <tbody>
          {duration !== null && <Fact name={facts.duration}>{formatDuration(duration * 1000)}</Fact>}
          {worker && <Fact name={facts.worker}>{worker}</Fact>}
          <Fact name={facts.attempts}>{fractal.attempts}</Fact>
          {size !== null && <Fact name={facts.size}>{formatBytes(size)}</Fact>}
          {checksum && (
            <Fact name={facts.checksum}>
              <span className="mono">{checksum}</span>
            </Fact>
          )}
          <Fact name={facts.uuid}>
            <span className="mono">{fractal.uuid}</span>
          </Fact>
        </tbody>
      </table>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{children}</td>
    </tr>
  );
}

function formatExact(value: number): string {
  return String(value).replace("-", "−");
}

/** The stations of a fractal, with the times between them. */
function History({ fractal }: { fractal: Fractal }) {
  const { history } = strings;
  const { status, created_at, started_at, finished_at, attempts } = fractal;
  const between = (from: string, to: string) =>
    history.waited(formatDuration(Date.parse(to) - Date.parse(from)));
  return (
    <ol className="history" aria-label={history.label}>
      <Station name={history.created} at={created_at} />
      {started_at && (
        <Station
          name={history.started(fractal.generated_by)}
          at={started_at}
          note={[between(created_at, started_at), attempts > 1 && history.attempt(attempts)]
            .filter(Boolean)
            .join(", ")}
        />
      )}
      {finished_at && (
        <Station
          name={status === "failed" ? history.failed : history.done}
          at={finished_at}
          note={between(started_at ?? created_at, finished_at)}
          isBad={status === "failed"}
        />
      )}
      {!finished_at && <Now since={started_at ?? created_at} name={strings.statuses[status]} />}
    </ol>
  );
}

function Station(props: { name: string; at: string; note?: string; isBad?: boolean }) {
  const { name, at, note, isBad } = props;
  const date = new Date(at);
  return (
    <li className={isBad ? "is-bad" : undefined}>
      <span>{name}</span>
      <span className="history-time">
        {note && <span>{note}</span>}
        <time dateTime={at} title={date.toLocaleString("en")}>
          {date.toLocaleTimeString("en", { hour12: false })}
        </time>
      </span>
    </li>
  );
}

function Now({ since, name }: { since: string; name: string }) {
  const nowMs = useNow();
  return (
    <li className="is-now">
      <span>{name} …</span>
      <span className="history-time">{formatDuration(Math.max(0, nowMs - Date.parse(since)))}</span>
    </li>
  );
}

/** The parts of one drawing; what was not measured apart is shown as the rest, so that they add up. */
function TimeSpent({ timings, totalMs }: { timings: Timings; totalMs: number }) {
  const { compute, colour, encode, rest, label } = strings.timings;
  const measured = timings.computeMs + timings.colourMs + timings.encodeMs;
  const parts = [
    { key: "compute", name: compute, ms: timings.computeMs },
    { key: "colour", name: colour, ms: timings.colourMs },
    { key: "encode", name: encode, ms: timings.encodeMs },
    { key: "rest", name: rest, ms: Math.max(0, totalMs - measured) },
  ];
  const whole = Math.max(measured, totalMs, 0.001);
  return (
    <figure className="spent">
      <figcaption className="hidden">{label}</figcaption>
      <div className="spent-bar" aria-hidden="true">
        {parts.map(({ key, ms }) => (
          <span key={key} className={`spent-${key}`} style={{ flexGrow: ms / whole }} />
        ))}
      </div>
      <ul>
        {parts.map(({ key, name, ms }) => (
          <li key={key}>
            <span className={`spent-key spent-${key}`} aria-hidden="true" />
            {name} <b>{formatDuration(ms)}</b>
          </li>
        ))}
      </ul>
    </figure>
  );
}
