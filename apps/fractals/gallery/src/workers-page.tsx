import type { Fractal, WorkersView } from "@fractals/client/fractal.ts";
import { statuses } from "@fractals/client/fractal.ts";
import type { ReactNode } from "react";
import { Chart } from "./chart.tsx";
import { workerLine } from "./commands.ts";
import { endpoint, imageAddress, useLive } from "./context.tsx";
import { CopyableLine } from "./copyable.tsx";
import { formatDuration, titleOf } from "./format.ts";
import { Preview } from "./preview.tsx";
import { ProgressLine } from "./progress.tsx";
import { formatRoute } from "./route.ts";
import { strings } from "./strings.ts";
import { useNow } from "./use-now.ts";
import { glimpseOf } from "./tasks.ts";

/** Who draws what now, how long the queue is and how fast it goes. */
export function WorkersPage() {
  const { workers: view, samples, catalogue, drawing } = useLive();
  if (view === undefined)
    return (
      <div className="workers">
        <h1>{strings.workers.heading}</h1>
        <p className="ending">{strings.gallery.loading}</p>
      </div>
    );
  return (
    <div className="workers">
      <h1>{strings.workers.heading}</h1>
      <Figures view={view} />
      <Trouble view={view} />
      <section className="panel">
        <Chart samples={samples} />
      </section>
      <section>
        <h2>{strings.workers.drawingNow}</h2>
        <ul className="worker-list">
          {view.workers.map((worker) => (
            <Worker
              key={worker.name}
              worker={worker}
              fractal={worker.drawing === null ? undefined : drawing.get(worker.drawing)}
              last={catalogue.items.find(
                (item) => item.status === "done" && item.generated_by === worker.name,
              )}
            />
          ))}
        </ul>
      </section>
      <Totals view={view} />
    </div>
  );
}

function Figures({ view }: { view: WorkersView }) {
  const { queue, rates, totals } = view;
  return (
    <dl className="figures">
      <Figure name={strings.workers.depth}>
        {queue.depth?.toLocaleString("en") ?? strings.workers.unknown}
      </Figure>
      <Figure name={strings.workers.consumers}>{queue.consumers ?? strings.workers.unknown}</Figure>
      <Figure name={strings.workers.perMinute}>
        {rates.done_last_minute.toLocaleString("en")}
        {rates.failed_last_minute > 0 && (
          <small className="bad">{strings.workers.failedPerMinute(rates.failed_last_minute)}</small>
        )}
      </Figure>
      <Figure name={strings.workers.total}>{totals.done.toLocaleString("en")}</Figure>
    </dl>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What is wrong, before anything else. */
function Trouble({ view }: { view: WorkersView }) {
  const { depth, consumers } = view.queue;
  if (depth === null) return <p className="trouble">{strings.workers.queueSilent}</p>;
  const isStuck = depth > 0 && consumers === 0;
  if (!isStuck && view.workers.length > 0) return undefined;
  return (
    <div className={isStuck ? "trouble" : "trouble trouble-mild"} aria-live="polite">
      {isStuck && <h2>{strings.workers.nobody}</h2>}
      <p>
        {isStuck
          ? strings.workers.nobodyText(depth)
          : `${strings.workers.noWorkers} ${strings.workers.noWorkersText}`}
      </p>
      <CopyableLine name="worker" line={workerLine(endpoint)} />
    </div>
  );
}

type WorkerState = WorkersView["workers"][number];

const silentMs = 8000;

function Worker(props: { worker: WorkerState; fractal: Fractal | undefined; last: Fractal | undefined }) {
  const { worker, fractal, last } = props;
  const { name, host, pid, drawing, progress, drawn, seen_at } = worker;
  const unheardMs = useNow() - Date.parse(seen_at);
  return (
    <li className={drawing ? "worker is-busy" : "worker"}>
      <div className="worker-picture">
        {fractal && <Preview picture={glimpseOf(fractal)} across={160} />}
        {!drawing && last && <img src={imageAddress(last.uuid, "thumbnail")} alt="" />}
        {!drawing && <span className="dot dot-idle" aria-hidden="true" />}
      </div>
      <div className="worker-text">
        <h3>{name}</h3>
        <p className="worker-process">{strings.workers.process(host, pid)}</p>
        <p className="worker-task">
          {drawing ? (
            <a href={formatRoute({ page: "fractal", uuid: drawing })}>
              {fractal ? titleOf(fractal) : drawing}
            </a>
          ) : (
            strings.workers.idleText
          )}
        </p>
        {drawing && <ProgressLine progress={progress} />}
        <p className="worker-drawn">
          {strings.workers.drawn(drawn)}
          {unheardMs > silentMs && (
            <span className="bad"> {strings.workers.silent(formatDuration(unheardMs))}</span>
          )}
        </p>
      </div>
    </li>
  );
}

function Totals({ view }: { view: WorkersView }) {
  const whole = Math.max(
    1,
    statuses.reduce((sum, status) => sum + view.totals[status], 0),
  );
  return (
    <section>
      <h2>{strings.workers.totals}</h2>
      <div className="totals-bar" aria-hidden="true">
        {statuses.map((status) => (
          <span
            key={status}
            className={`total-${status}`}
            style={{ flexGrow: view.totals[status] / whole }}
          />
        ))}
      </div>
      <ul className="totals">
        {statuses.map((status) => (
          <li key={status}>
            <a href={formatRoute({ page: "gallery", view: { status, sort: "-created_at" } })}>
              <span className={`dot dot-${status}`} aria-hidden="true" />
              {strings.statuses[status]} <b>{view.totals[status].toLocaleString("en")}</b>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
