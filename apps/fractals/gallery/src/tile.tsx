import type { Fractal } from "@fractals/client/fractal.ts";
import { memo } from "react";
import { imageAddress, useLive } from "./context.tsx";
import { subtitleOf } from "./format.ts";
import { Preview } from "./preview.tsx";
import { ProgressLine } from "./progress.tsx";
import { formatRoute } from "./route.ts";
import type { Place } from "./rows.ts";
import { strings } from "./strings.ts";
import { glimpseOf } from "./tasks.ts";

/** One fractal on the wall: its picture, or how far it is. */
export const Tile = memo(TileAtPlace, (before, after) => {
  const [a, b] = [before.place, after.place];
  return (
    before.fractal === after.fractal &&
    before.isStop === after.isStop &&
    before.onFocus === after.onFocus &&
    a.left === b.left &&
    a.top === b.top &&
    a.width === b.width &&
    a.height === b.height
  );
});

function TileAtPlace(props: {
  fractal: Fractal;
  place: Place;
  position: number;
  /** The one that the tabulator key stops at; the arrow keys lead to the others. */
  isStop: boolean;
  onFocus: (uuid: string) => void;
}) {
  const { fractal, place, isStop, onFocus } = props;
  const { uuid, status, kind } = fractal;
  return (
    <li
      className="tile"
      style={{ left: place.left, top: place.top, width: place.width, height: place.height }}
    >
      <a
        className={`tile-link tile-${status}`}
        href={formatRoute({ page: "fractal", uuid })}
        tabIndex={isStop ? 0 : -1}
        data-uuid={uuid}
        onFocus={() => onFocus(uuid)}
      >
        {status === "done" ? <Thumbnail fractal={fractal} /> : <Unfinished fractal={fractal} />}
        <span className="tile-caption">
          <span className="tile-title">{strings.kinds[kind]}</span> <span>{subtitleOf(fractal)}</span>
        </span>
      </a>
    </li>
  );
}

function Thumbnail({ fractal }: { fractal: Fractal }) {
  return (
    <img
      src={imageAddress(fractal.uuid, "thumbnail")}
      alt=""
      decoding="async"
      draggable={false}
      ref={(image) => {
        if (image?.complete) image.classList.add("is-loaded");
      }}
      onLoad={({ currentTarget }) => currentTarget.classList.add("is-loaded")}
    />
  );
}

function Unfinished({ fractal }: { fractal: Fractal }) {
  const { workers } = useLive();
  const { status, uuid, error, generated_by: worker } = fractal;
  const progress = workers?.workers.find((one) => one.drawing === uuid)?.progress ?? null;
  return (
    <span className="tile-state">
      {status !== "failed" && (
        <span className="ghost">
          <Preview picture={glimpseOf(fractal)} across={96} settleMs={300} />
        </span>
      )}
      <span className="tile-status">
        <span className={`dot dot-${status}`} aria-hidden="true" />
        {status === "queued" && strings.gallery.waitingFor}
        {status === "drawing" && strings.gallery.drawingBy(worker ?? "…")}
        {status === "failed" && strings.gallery.failed}
      </span>
      {status === "failed" && <span className="tile-reason">{error}</span>}
      {status === "drawing" && <ProgressLine progress={progress} />}
    </span>
  );
}
