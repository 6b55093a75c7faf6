import { kinds } from "@fractals/kernel/picture.ts";
import { statuses, type Fractal } from "@fractals/client/fractal.ts";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useLive, usePage } from "./context.tsx";
import { Icon } from "./icons.tsx";
import { formatRoute, sorts, type GalleryView } from "./route.ts";
import { strings } from "./strings.ts";
import { goTo } from "./use-route.ts";
import { useSurprise } from "./use-surprise.ts";
import { WallOfPictures } from "./wall.tsx";

/** All fractals, newest first unless asked otherwise, filling while one looks. */
export function GalleryPage({ view }: { view: GalleryView }) {
  const { live } = usePage();
  const { catalogue } = useLive();
  useEffect(() => live.show(view), [live, view]);
  const isShown = JSON.stringify(catalogue.view) === JSON.stringify(view);
  const isEmpty = isShown && catalogue.total === 0;
  return (
    <div className="gallery">
      <div className="gallery-head">
        <h1>{strings.gallery.heading(isShown ? catalogue.total : null)}</h1>
        <Filters view={view} />
      </div>
      {isEmpty ? (
        <Empty isFiltered={"status" in view || "kind" in view} />
      ) : (
        <Pictures items={catalogue.items} view={catalogue.view} />
      )}
    </div>
  );
}

function Filters({ view }: { view: GalleryView }) {
  const { workers } = useLive();
  const show = (change: Partial<Record<keyof GalleryView, string>>) =>
    goTo({ page: "gallery", view: { ...view, ...change } as GalleryView });
  const { status: _status, ...everyStatus } = view;
  return (
    <search className="filters" aria-label={strings.gallery.filters}>
      <ul className="chips">
        <Chip view={everyStatus} isCurrent={view.status === undefined} text={strings.gallery.all} />
        {statuses.map((status) => (
          <Chip
            key={status}
            view={{ ...view, status }}
            isCurrent={view.status === status}
            text={strings.statuses[status]}
            count={workers?.totals[status]}
          />
        ))}
      </ul>
      <label className="select">
        <span className="hidden">{strings.gallery.kind}</span>
        <select
          value={view.kind ?? ""}
          onChange={({ target }) => {
            const { kind: _kind, ...everyKind } = view;
            if (target.value) show({ kind: target.value });
            else goTo({ page: "gallery", view: everyKind });
          }}
        >
          <option value="">{strings.gallery.everyKind}</option>
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {strings.kinds[kind]}
            </option>
          ))}
        </select>
      </label>
      <label className="select">
        <span className="hidden">{strings.gallery.sort}</span>
        <select value={view.sort} onChange={({ target }) => show({ sort: target.value })}>
          {sorts.map((sort) => (
            <option key={sort} value={sort}>
              {strings.sorts[sort]}
            </option>
          ))}
        </select>
      </label>
    </search>
  );
}

function Chip(props: { view: GalleryView; isCurrent: boolean; text: string; count?: number | undefined }) {
  const { view, isCurrent, text, count } = props;
  return (
    <li>
      <a
        className="chip"
        href={formatRoute({ page: "gallery", view })}
        aria-current={isCurrent ? "true" : undefined}
      >
        {text}
        {count ? <span className="chip-count">{count.toLocaleString("en")}</span> : undefined}
      </a>
    </li>
  );
}

/**
 * The wall, which does not move under the reader's eyes: what arrives while one looks further
 * down waits behind a button.
 */
function Pictures({ items, view }: { items: readonly Fractal[]; view: GalleryView }) {
  const { live } = usePage();
  const [heldAt, setHeldAt] = useState<string>();
  const holds = heldAt !== undefined && view.sort === "-created_at";
  const shown = useMemo(
    () => (holds ? items.filter((item) => item.created_at <= heldAt) : items),
    [items, holds, heldAt],
  );
  const fresh = items.length - shown.length;
  const newest = items[0]?.created_at;
  const onDepth = useCallback(
    (isDeep: boolean) => setHeldAt((held) => (isDeep ? (held ?? newest) : undefined)),
    [newest],
  );
  const showFresh = () => {
    setHeldAt(undefined);
    scrollTo({ top: 0 });
  };
  return (
    <>
      {fresh > 0 && (
        <button type="button" className="fresh" onClick={showFresh}>
          <Icon name="up" />
          {strings.gallery.fresh(fresh)}
        </button>
      )}
      <WallOfPictures
        items={shown}
        memory={JSON.stringify(view)}
        onDepth={onDepth}
        onEndNear={() => void live.more()}
      />
      <Ending />
    </>
  );
}

function Ending() {
  const { catalogue } = useLive();
  const isComplete = catalogue.total !== null && catalogue.items.length >= catalogue.total;
  return isComplete ? undefined : <p className="ending">{strings.gallery.loading}</p>;
}

function Empty({ isFiltered }: { isFiltered: boolean }) {
  const { surprise, isBusy } = useSurprise();
  if (isFiltered)
    return (
      <section className="notice">
        <h2>{strings.gallery.emptyFilterTitle}</h2>
        <p>{strings.gallery.emptyFilterText}</p>
        <a className="button" href="#/">
          {strings.gallery.showAll}
        </a>
      </section>
    );
  return (
    <section className="notice notice-first">
      <h2>{strings.gallery.emptyTitle}</h2>
      <p>{strings.gallery.emptyText}</p>
      <div className="actions">
        <a className="button button-main" href="#/new">
          <Icon name="plus" />
          {strings.gallery.compose}
        </a>
        <button type="button" className="button" disabled={isBusy} onClick={() => void surprise()}>
          <Icon name="spark" />
          {strings.gallery.surprise}
        </button>
      </div>
    </section>
  );
}
