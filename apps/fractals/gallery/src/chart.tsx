import { useLayoutEffect, useRef, useState } from "react";
import { formatDuration } from "./format.ts";
import { keptMs, niceCeiling, rates, type Sample } from "./samples.ts";
import { strings } from "./strings.ts";

const frame = { height: 190, top: 12, right: 44, bottom: 32, left: 44 };
const innerHeight = frame.height - frame.top - frame.bottom;

/** Queue depth as a hill against the left scale, speed as a line against the right one, over what has been seen, five minutes at most. */
export function Chart({ samples }: { samples: readonly Sample[] }) {
  const element = useRef<SVGSVGElement>(null);
  const width = useWidth(element);
  const innerWidth = width - frame.left - frame.right;
  const last = samples.at(-1);
  const spanMs = spanOf(samples);
  const speed = rates(samples);
  const depths = samples.map(({ depth }) => depth);
  const [depthTop, speedTop] = [niceCeiling(depths), niceCeiling(speed.map((rate) => rate ?? 0))];
  const x = (atMs: number) => frame.left + innerWidth * (1 - ((last?.atMs ?? atMs) - atMs) / spanMs);
  const y = (value: number, top: number) => frame.top + innerHeight * (1 - value / top);
  const points = (values: readonly (number | undefined)[], top: number) =>
    values.flatMap((value, index) =>
      value === undefined ? [] : [`${x(samples[index].atMs).toFixed(1)},${y(value, top).toFixed(1)}`],
    );
  const hill = points(depths, depthTop);
  const floor = frame.top + innerHeight;
  return (
    <figure className="chart">
      <figcaption>
        <h2>{strings.workers.chart}</h2>
        <span className="chart-keys">
          <span className="key-depth">{strings.workers.chartDepth}</span>
          <span className="key-rate">{strings.workers.chartRate}</span>
        </span>
      </figcaption>
      <svg
        ref={element}
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- the drawing is one picture
        role="img"
        aria-label={strings.workers.chartText(last?.depth ?? 0, Math.round(speed.at(-1) ?? 0))}
      >
        <Grid width={width} spanMs={spanMs} depthTop={depthTop} speedTop={speedTop} />
        {samples.length > 1 && (
          <>
            <polygon
              className="chart-hill"
              points={[`${x(samples[0].atMs)},${floor}`, ...hill, `${x(last!.atMs)},${floor}`].join(" ")}
            />
            <polyline className="chart-depth" points={hill.join(" ")} />
            <polyline className="chart-rate" points={points(speed, speedTop).join(" ")} />
          </>
        )}
      </svg>
      <p className="chart-note">
        {samples.length > 1 ? strings.workers.chartNote : strings.workers.collecting}
      </p>
    </figure>
  );
}

function Grid(props: { width: number; spanMs: number; depthTop: number; speedTop: number }) {
  const { width, spanMs, depthTop, speedTop } = props;
  const innerWidth = width - frame.left - frame.right;
  const heights = [0, 0.5, 1];
  const parts = width < 500 ? [1, 0.5, 0] : [1, 0.75, 0.5, 0.25, 0];
  return (
    <g className="chart-grid">
      {heights.map((part) => {
        const y = frame.top + innerHeight * (1 - part);
        return (
          <g key={part}>
            <line x1={frame.left} x2={width - frame.right} y1={y} y2={y} />
            <text x={frame.left - 8} y={y + 4} textAnchor="end">
              {label(depthTop * part)}
            </text>
            <text x={width - frame.right + 8} y={y + 4}>
              {label(speedTop * part)}
            </text>
          </g>
        );
      })}
      {parts.map((part) => (
        <text
          key={part}
          x={frame.left + innerWidth * (1 - part)}
          y={frame.height - 8}
          textAnchor={part === 0 ? "end" : part === 1 ? "start" : "middle"}
        >
          {part === 0 ? strings.workers.now : strings.workers.ago(formatDuration(spanMs * part))}
        </text>
      ))}
    </g>
  );
}

/** The shortest of a few spans that holds all samples; they are never older than the longest. */
function spanOf(samples: readonly Sample[]): number {
  const seenMs = (samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0);
  return [60_000, 120_000, keptMs].find((span) => span >= seenMs) ?? keptMs;
}

function label(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString("en") : "";
}

function useWidth(element: { readonly current: Element | null }): number {
  const [width, setWidth] = useState(640);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(entry.contentRect.width));
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
