import { keptMs, niceCeiling, rates, type Sample } from "./samples.ts";
import { strings } from "./strings.ts";

const size = { width: 720, height: 180, top: 12, right: 44, bottom: 24, left: 44 };
const inner = {
  width: size.width - size.left - size.right,
  height: size.height - size.top - size.bottom,
};

/** Queue depth as a hill against the left scale, speed as a line against the right one, over five minutes. */
export function Chart({ samples }: { samples: readonly Sample[] }) {
  const last = samples.at(-1);
  const speed = rates(samples);
  const depths = samples.map(({ depth }) => depth);
  const [depthTop, speedTop] = [niceCeiling(depths), niceCeiling(speed)];
  const x = (atMs: number) => size.left + inner.width * (1 - ((last?.atMs ?? atMs) - atMs) / keptMs);
  const y = (value: number, top: number) => size.top + inner.height * (1 - value / top);
  const points = (values: readonly number[], top: number) =>
    values.map((value, index) => `${x(samples[index].atMs).toFixed(1)},${y(value, top).toFixed(1)}`);
  const hill = points(depths, depthTop);
  const floor = size.top + inner.height;
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
        viewBox={`0 0 ${size.width} ${size.height}`}
        role="img"
        aria-label={strings.workers.chartText(last?.depth ?? 0, Math.round(speed.at(-1) ?? 0))}
      >
        <Grid depthTop={depthTop} speedTop={speedTop} />
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

function Grid({ depthTop, speedTop }: { depthTop: number; speedTop: number }) {
  const heights = [0, 0.5, 1];
  const minutes = [5, 4, 3, 2, 1, 0];
  return (
    <g className="chart-grid">
      {heights.map((part) => {
        const y = size.top + inner.height * (1 - part);
        return (
          <g key={part}>
            <line x1={size.left} x2={size.width - size.right} y1={y} y2={y} />
            <text x={size.left - 8} y={y + 4} textAnchor="end">
              {label(depthTop * part)}
            </text>
            <text x={size.width - size.right + 8} y={y + 4}>
              {label(speedTop * part)}
            </text>
          </g>
        );
      })}
      {minutes.map((minute) => (
        <text
          key={minute}
          x={size.left + inner.width * (1 - (minute * 60_000) / keptMs)}
          y={size.height - 6}
          textAnchor="middle"
        >
          {minute === 0 ? strings.workers.minutesAgo(0) : `−${minute} min`}
        </text>
      ))}
    </g>
  );
}

function label(value: number): string {
  return Number.isInteger(value) ? String(value) : "";
}
