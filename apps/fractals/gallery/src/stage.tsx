import type { Fractal } from "@fractals/client/fractal.ts";
import { useEffect, useLayoutEffect, useRef, useState, type PointerEvent } from "react";
import { imageAddress, useLive } from "./context.tsx";
import { titleOf } from "./format.ts";
import { Icon, type IconName } from "./icons.tsx";
import { Preview } from "./preview.tsx";
import { ProgressLine } from "./progress.tsx";
import { formatRoute } from "./route.ts";
import { strings } from "./strings.ts";
import { pictureOf } from "./tasks.ts";

type Zoom = "fit" | "actual";

/** The picture on its wall, as a whole or pixel by pixel, with the ways to its neighbours. */
export function Stage(props: { fractal: Fractal; before: Fractal | undefined; after: Fractal | undefined }) {
  const { fractal, before, after } = props;
  const { catalogue } = useLive();
  const stage = useRef<HTMLElement>(null);
  const [zoom, setZoom] = useState<{ mode: Zoom; x: number; y: number }>({ mode: "fit", x: 0.5, y: 0.5 });
  const show = (mode: Zoom) => setZoom({ mode, x: 0.5, y: 0.5 });
  useZoomKeys(show);
  const fullScreen = () =>
    void (document.fullscreenElement ? document.exitFullscreen() : stage.current?.requestFullscreen());
  const isDone = fractal.status === "done";
  return (
    <section className="stage" ref={stage} aria-label={titleOf(fractal)}>
      <div className="stage-bar">
        <StageLink
          icon="close"
          label={strings.fractal.back}
          href={formatRoute({ page: "gallery", view: catalogue.view })}
        />
        <StageLink icon="left" label={strings.fractal.previous} href={before && hrefOf(before)} />
        <StageLink icon="right" label={strings.fractal.next} href={after && hrefOf(after)} />
        <span className="stage-gap" />
        <StageButton
          icon="fit"
          label={strings.fractal.fit}
          isOn={zoom.mode === "fit"}
          isOff={!isDone}
          onClick={() => show("fit")}
        />
        <StageButton
          icon="actual"
          label={strings.fractal.actual}
          isOn={zoom.mode === "actual"}
          isOff={!isDone}
          onClick={() => show("actual")}
        />
        <StageButton
          icon="fullScreen"
          label={strings.fractal.fullScreen}
          isOff={!isDone}
          onClick={fullScreen}
        />
      </div>
      {isDone ? (
        <Zoomable fractal={fractal} zoom={zoom} onZoom={setZoom} />
      ) : (
        <Unfinished fractal={fractal} />
      )}
    </section>
  );
}

function hrefOf({ uuid }: Fractal): string {
  return formatRoute({ page: "fractal", uuid });
}

function StageLink({ icon, label, href }: { icon: IconName; label: string; href: string | undefined }) {
  return (
    <a
      className="icon-button"
      href={href}
      aria-disabled={href === undefined}
      aria-label={label}
      title={label}
    >
      <Icon name={icon} />
    </a>
  );
}

function StageButton(props: {
  icon: IconName;
  label: string;
  isOn?: boolean;
  isOff: boolean;
  onClick: () => void;
}) {
  const { icon, label, isOn, isOff, onClick } = props;
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={isOff ? strings.fractal.noPicture : label}
      aria-pressed={isOn}
      disabled={isOff}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

function useZoomKeys(show: (mode: Zoom) => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if ((event.target as Element).closest("input, select, textarea, dialog")) return;
      if (event.key === "1") show("actual");
      else if (event.key === "f" || event.key === "0") show("fit");
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  });
}

/** A double click goes from the whole to the pixels at that point and back; dragging moves the picture. */
function Zoomable(props: {
  fractal: Fractal;
  zoom: { mode: Zoom; x: number; y: number };
  onZoom: (zoom: { mode: Zoom; x: number; y: number }) => void;
}) {
  const { fractal, zoom, onZoom } = props;
  const scroll = useRef<HTMLDivElement>(null);
  const isActual = zoom.mode === "actual";
  useLayoutEffect(() => {
    const element = scroll.current!;
    element.scrollLeft = zoom.x * element.scrollWidth - element.clientWidth / 2;
    element.scrollTop = zoom.y * element.scrollHeight - element.clientHeight / 2;
  }, [zoom]);
  const drag = useDrag(scroll);
  const size = isActual
    ? { width: fractal.width / devicePixelRatio, height: fractal.height / devicePixelRatio }
    : { aspectRatio: `${fractal.width} / ${fractal.height}` };
  return (
    <section
      className={isActual ? "stage-scroll is-actual" : "stage-scroll"}
      ref={scroll}
      aria-label={strings.fractal.stage}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the picture is moved by keyboard
      tabIndex={isActual ? 0 : -1}
      {...(isActual && drag)}
    >
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events -- the keys F and 1 do the same */}
      <img
        className="stage-picture"
        key={fractal.uuid}
        src={imageAddress(fractal.uuid)}
        width={fractal.width}
        height={fractal.height}
        alt={titleOf(fractal)}
        draggable={false}
        style={size}
        onDoubleClick={({ currentTarget, clientX, clientY }) => {
          const box = currentTarget.getBoundingClientRect();
          const [x, y] = [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
          onZoom({ mode: isActual ? "fit" : "actual", x, y });
        }}
      />
    </section>
  );
}

/** Moves what scrolls by mouse; touch does so by itself. */
function useDrag(scroll: { readonly current: HTMLElement | null }) {
  const from = useRef<{ x: number; y: number }>(undefined);
  return {
    onPointerDown(event: PointerEvent) {
      if (event.pointerType !== "mouse" || event.button !== 0) return;
      from.current = { x: event.clientX, y: event.clientY };
      scroll.current!.setPointerCapture(event.pointerId);
    },
    onPointerMove({ clientX, clientY }: PointerEvent) {
      if (from.current === undefined) return;
      scroll.current!.scrollBy({
        left: from.current.x - clientX,
        top: from.current.y - clientY,
        behavior: "instant",
      });
      from.current = { x: clientX, y: clientY };
    },
    onPointerUp() {
      from.current = undefined;
    },
    onPointerCancel() {
      from.current = undefined;
    },
  };
}

/** While the workers are at it, the browser shows its own preview. */
function Unfinished({ fractal }: { fractal: Fractal }) {
  const { workers } = useLive();
  const { status, error, uuid } = fractal;
  const progress = workers?.workers.find(({ drawing }) => drawing === uuid)?.progress ?? null;
  return (
    <div className="stage-waiting">
      <div className="stage-preview">
        <Preview picture={pictureOf(fractal)} across={480} />
      </div>
      <div className="stage-note" aria-live="polite">
        <p className="stage-state">
          <span className={`dot dot-${status}`} aria-hidden="true" />
          {status === "queued" && strings.fractal.waiting}
          {status === "drawing" && strings.fractal.drawing}
          {status === "failed" && strings.gallery.failed}
        </p>
        {status === "failed" && <p className="stage-reason">{error}</p>}
        {status === "drawing" && <ProgressLine progress={progress} />}
        <p className="stage-hint">{strings.fractal.previewNote}</p>
      </div>
    </div>
  );
}
