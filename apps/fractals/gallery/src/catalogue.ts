/**
 * The fractals that the page holds: the beginning of the API's list in the order of a view, kept
 * up to date from events. `items` is always a gapless prefix of the server's list, so the next
 * page to ask for follows from its length.
 */
import type { Fractal, FractalEvent, FractalPage } from "@fractals/client/fractal.ts";
import type { GalleryView } from "./route.ts";

export interface Catalogue {
  readonly view: GalleryView;
  readonly items: readonly Fractal[];
  /** How many the API has in this view, of which `items` is the beginning; null until it has answered. */
  readonly total: number | null;
  /** An event left it open whether `total` still holds: the API has to be asked. */
  readonly totalIsStale: boolean;
}

export function emptyCatalogue(view: GalleryView): Catalogue {
  return { view, items: [], total: null, totalIsStale: false };
}

/** Whether the API has more in this view than `items`. */
export function hasMore({ items, total }: Catalogue): boolean {
  return total === null || items.length < total;
}

/** The page (from 1) that holds the first fractal not yet here. It may overlap with what is here. */
export function nextPage({ items }: Catalogue, pageSize: number): number {
  return Math.floor(items.length / pageSize) + 1;
}

/** Adds a page of the API's list; fractals that are here already are replaced by the newer answer. */
export function withPage(catalogue: Catalogue, page: FractalPage): Catalogue {
  const items = new Map(catalogue.items.map((item) => [item.uuid, item]));
  for (const item of page.objects) items.set(item.uuid, item);
  return {
    ...catalogue,
    items: [...items.values()].sort(comparison(catalogue.view)),
    total: page.num_results,
    totalIsStale: false,
  };
}

/** Of two tellings of one fractal, the one that holds: what is done or failed stays so, otherwise the later. */
export function laterOf(known: Fractal | null | undefined, told: Fractal): Fractal {
  const isFinal = ({ status }: Fractal) => status === "done" || status === "failed";
  return known && isFinal(known) && !isFinal(told) ? known : told;
}

/** Applies events in their order. */
export function withEvents(catalogue: Catalogue, events: readonly FractalEvent[]): Catalogue {
  if (catalogue.total === null) return catalogue;
  const changed = new Map<string, Fractal | undefined>();
  for (const event of events) {
    if (event.type === "fractal") {
      const { fractal } = event;
      changed.set(fractal.uuid, laterOf(changed.get(fractal.uuid), fractal));
    } else if (event.type === "deleted") changed.set(event.uuid, undefined);
  }
  return changed.size === 0 ? catalogue : withChanges(catalogue, changed);
}

function withChanges(catalogue: Catalogue, changed: Map<string, Fractal | undefined>): Catalogue {
  const { view, items, total } = catalogue;
  const stay = items.filter((item) => !changed.has(item.uuid));
  const here = new Map(items.map((item) => [item.uuid, item]));
  const fitting = [...changed.values()]
    .filter((item) => item !== undefined)
    .map((item) => laterOf(here.get(item.uuid), item))
    .filter((item) => fits(view, item));
  const compare = comparison(view);
  const last = items.at(-1);
  const isWithin = (item: Fractal) => !hasMore(catalogue) || (last !== undefined && compare(item, last) <= 0);
  const placed = fitting.filter(isWithin);
  const merged = [...stay, ...placed].sort(compare);
  // A fractal that is not here is new, or it is known to the server beyond the end of `items`:
  // only a complete list tells the two apart.
  const isUnsure = hasMore(catalogue) && [...changed.keys()].some((uuid) => !here.has(uuid));
  return {
    ...catalogue,
    items: merged,
    total: Math.max(merged.length, (total ?? 0) + merged.length - items.length),
    totalIsStale: catalogue.totalIsStale || isUnsure || placed.length < fitting.length,
  };
}

/** Whether a fractal belongs to a view. */
export function fits({ status, kind }: GalleryView, fractal: Fractal): boolean {
  return (status === undefined || fractal.status === status) && (kind === undefined || fractal.kind === kind);
}

/** The order of a view, as the API sorts: nulls last, ties by uuid. */
export function comparison({ sort }: GalleryView): (a: Fractal, b: Fractal) => number {
  const field = sort.replace(/^-/, "") as "created_at" | "duration" | "iterations" | "size";
  const sign = sort.startsWith("-") ? -1 : 1;
  return (a, b) => compareValues(a[field], b[field], sign) || compareValues(a.uuid, b.uuid, sign);
}

function compareValues(a: string | number | null, b: string | number | null, sign: number): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -sign : sign;
}

/** The fractals before and after one in the list; undefined at its ends and where it is not in it. */
export function neighbours(
  items: readonly Fractal[],
  uuid: string,
): { before: Fractal | undefined; after: Fractal | undefined } {
  const index = items.findIndex((item) => item.uuid === uuid);
  if (index < 0) return { before: undefined, after: undefined };
  return { before: items[index - 1], after: items[index + 1] };
}
