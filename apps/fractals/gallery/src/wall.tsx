import type { Fractal } from "@fractals/client/fractal.ts";
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { hang, stepFrom, visibleRange, type Step, type Wall } from "./rows.ts";
import { strings } from "./strings.ts";
import { Tile } from "./tile.tsx";

interface Band {
  readonly width: number;
  /** What is in sight, and some more, in pixels from the wall's top. */
  readonly top: number;
  readonly bottom: number;
}

/** Where the reader was on a wall, so that coming back from a picture leads there. */
const places = new Map<string, { readonly scrollY: number; readonly uuid: string | undefined }>();

const steps: Readonly<Record<string, Step>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  Home: "home",
  End: "end",
};

/**
 * Pictures in rows, of which only those in sight are in the document, so that thousands scroll smoothly.
 *
 * @param props.memory  under which name the place is remembered
 * @param props.onDepth told whether the reader has scrolled into the wall
 */
export function WallOfPictures(props: {
  items: readonly Fractal[];
  memory: string;
  onDepth: (isDeep: boolean) => void;
  onEndNear: () => void;
}) {
  const { items, memory, onDepth, onEndNear } = props;
  const list = useRef<HTMLUListElement>(null);
  const band = useBand(list);
  const wall = useMemo(() => hang(items, measures(band.width)), [items, band.width]);
  const range = visibleRange(wall, band.top, band.bottom);
  const [current, setCurrent] = useState<string | undefined>(() => places.get(memory)?.uuid);
  const found = items.findIndex((item) => item.uuid === current);
  const stop = found < 0 ? Math.min(range.first, items.length - 1) : found;
  const wantsFocus = useRef(false);

  usePlace(memory, current, items.length > 0 && band.width > 0);
  useEffect(() => onDepth(band.top > -band.width && scrollY > 240), [band, onDepth]);
  useEffect(() => {
    if (items.length > 0 && range.end >= items.length - 30) onEndNear();
  });
  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    list.current?.querySelector<HTMLElement>(`[data-uuid="${current}"]`)?.focus({ preventScroll: true });
  });

  const onKeyDown = (event: KeyboardEvent) => {
    const step = steps[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey || items.length === 0) return;
    event.preventDefault();
    const next = stepFrom(wall, stop, step);
    wantsFocus.current = true;
    setCurrent(items[next].uuid);
    bringIntoSight(list.current!, wall, next);
  };
  const indices = Array.from({ length: range.end - range.first }, (_, offset) => range.first + offset);
  if (stop >= 0 && (stop < range.first || stop >= range.end)) indices.push(stop);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the keys move between the links inside
    <ul
      className="wall"
      ref={list}
      aria-label={strings.gallery.wall}
      style={{ height: wall.height }}
      onKeyDown={onKeyDown}
    >
      {indices.map((index) => (
        <Tile
          key={items[index].uuid}
          fractal={items[index]}
          place={wall.places[index]}
          position={index + 1}
          isStop={index === stop}
          onFocus={setCurrent}
        />
      ))}
    </ul>
  );
}

function measures(wallWidth: number): { wallWidth: number; rowHeight: number; gap: number } {
  if (wallWidth < 600) return { wallWidth, rowHeight: 170, gap: 4 };
  return { wallWidth, rowHeight: wallWidth < 1100 ? 220 : 260, gap: 8 };
}

/** Follows the window's scrolling and the wall's width. */
function useBand(list: { readonly current: HTMLElement | null }): Band {
  const [band, setBand] = useState<Band>({ width: 0, top: 0, bottom: 0 });
  useLayoutEffect(() => {
    const element = list.current!;
    let frame = 0;
    const measure = () => {
      frame = 0;
      const { top, width } = element.getBoundingClientRect();
      const next = { width, top: -top - innerHeight / 2, bottom: -top + innerHeight * 1.5 };
      setBand((old) =>
        old.width === next.width &&
        Math.abs(old.top - next.top) < 80 &&
        old.bottom - old.top === next.bottom - next.top
          ? old
          : next,
      );
    };
    const soon = () => (frame ||= requestAnimationFrame(measure));
    measure();
    const observer = new ResizeObserver(soon);
    observer.observe(element);
    addEventListener("scroll", soon, { passive: true });
    addEventListener("resize", soon);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      removeEventListener("scroll", soon);
      removeEventListener("resize", soon);
    };
  }, [list]);
  return band;
}

/** Scrolls back to where the reader left this wall, once there is something to scroll, and remembers it. */
function usePlace(memory: string, uuid: string | undefined, isReady: boolean): void {
  const restored = useRef<string>(undefined);
  useLayoutEffect(() => {
    if (!isReady || restored.current === memory) return;
    restored.current = memory;
    const place = places.get(memory);
    scrollTo({ top: place?.scrollY ?? 0, behavior: "instant" });
    if (place?.uuid)
      document.querySelector<HTMLElement>(`[data-uuid="${place.uuid}"]`)?.focus({ preventScroll: true });
  }, [memory, isReady]);
  useEffect(() => {
    if (!isReady) return undefined;
    const remember = () => places.set(memory, { scrollY, uuid });
    remember();
    addEventListener("scroll", remember, { passive: true });
    return () => removeEventListener("scroll", remember);
  }, [memory, uuid, isReady]);
}

function bringIntoSight(list: HTMLElement, wall: Wall, index: number): void {
  const place = wall.places[index];
  const top = list.getBoundingClientRect().top + place.top;
  const [above, below] = [80, 80];
  if (top < above) scrollBy({ top: top - above, behavior: "instant" });
  else if (top + place.height > innerHeight - below)
    scrollBy({ top: top + place.height - innerHeight + below, behavior: "instant" });
}
