import type { AllocationStub } from "@fractus/client/types/allocation.ts";
import { formatMegabytes, formatPercent } from "./format.ts";
import { Panel } from "./parts.tsx";
import { areaOf, curveOf, topOf } from "./sparkline.ts";
import { strings } from "./strings.ts";
import { mostSamples, useUsage, type Use } from "./use-usage.ts";

/** Allocations that are measured one by one; of a job with more, these are shown and it is said so. */
const mostMeasured = 16;

/** What allocations use over time. */
export function UsagePanel({
  allocations,
  asked,
}: {
  allocations: readonly Pick<AllocationStub, "ID">[];
  /** What one of them asked for. */
  asked?: { readonly memoryMb: number } | undefined;
}) {
  const measured = allocations.slice(0, mostMeasured).map(({ ID }) => ID);
  const samples = useUsage(measured);
  const aside =
    allocations.length > measured.length ? strings.job.usageOf(measured.length, allocations.length) : "";
  return (
    <Panel title={strings.job.usage} aside={<span className="soft">{aside}</span>}>
      {samples.length === 0 ? (
        <p className="soft pad">{strings.usage.measuring}</p>
      ) : (
        <div className="charts">
          <Chart
            name={strings.usage.cpu}
            samples={samples}
            of={(use) => use.cpuPercent}
            format={formatPercent}
            least={10}
          />
          <Chart
            name={strings.usage.memory}
            samples={samples}
            of={(use) => use.memoryMb}
            format={formatMegabytes}
            least={asked?.memoryMb ?? 1}
            note={asked && strings.usage.of(formatMegabytes(asked.memoryMb))}
          />
        </div>
      )}
    </Panel>
  );
}

const box = { width: 240, height: 44 };

function Chart({
  name,
  samples,
  of,
  format,
  least,
  note,
}: {
  name: string;
  samples: readonly Use[];
  of: (use: Use) => number;
  format: (value: number) => string;
  least: number;
  note?: string | undefined;
}) {
  const values = samples.map(of);
  const frame = { box, top: topOf(values, least), most: mostSamples };
  const now = format(values.at(-1) ?? 0);
  return (
    <figure className="chart">
      <figcaption>
        {name} <strong className="number">{now}</strong> {note && <span className="soft">{note}</span>}
      </figcaption>
      <svg
        viewBox={`0 0 ${box.width} ${box.height}`}
        preserveAspectRatio="none"
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- the drawing is one picture
        role="img"
        aria-label={strings.usage.chart(name, now)}
      >
        <path className="chart-area" d={areaOf(values, frame)} />
        <path className="chart-curve" d={curveOf(values, frame)} vectorEffect="non-scaling-stroke" />
      </svg>
      <span className="chart-top soft">{format(frame.top)}</span>
    </figure>
  );
}
