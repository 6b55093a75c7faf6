import type { Fractal } from "@fractals/client/fractal.ts";
import { useEffect, useMemo } from "react";
import { neighbours } from "./catalogue.ts";
import { showLines } from "./commands.ts";
import { endpoint, useLive, usePage } from "./context.tsx";
import { CopyableLine } from "./copyable.tsx";
import { DrawingFacts, Parameters } from "./facts.tsx";
import { subtitleOf, titleOf } from "./format.ts";
import { FractalActions } from "./fractal-actions.tsx";
import { formatRoute, newestFirst, parseRoute } from "./route.ts";
import { Stage } from "./stage.tsx";
import { strings } from "./strings.ts";
import { goTo } from "./use-route.ts";

/** One fractal: the picture as large as it can be, and everything that is known of it. */
export function FractalPage({ uuid }: { uuid: string }) {
  const { live } = usePage();
  const { opened, catalogue } = useLive();
  useEffect(() => live.open(uuid), [live, uuid]);
  const fractal = opened?.uuid === uuid ? opened.fractal : catalogue.items.find((item) => item.uuid === uuid);
  const { before, after } = useMemo(() => neighbours(catalogue.items, uuid), [catalogue.items, uuid]);
  useKeys();
  const title = fractal && titleOf(fractal);
  useEffect(() => {
    scrollTo({ top: 0, behavior: "instant" });
  }, []);
  useEffect(() => {
    if (title) document.title = `${title} · ${strings.title}`;
  }, [title]);
  useEffect(() => {
    if (after === undefined) void live.more();
  }, [live, after]);
  if (fractal === null) return <Missing />;
  if (fractal === undefined) return <p className="ending">{strings.fractal.loading}</p>;
  return (
    <article className="fractal">
      <Stage fractal={fractal} before={before} after={after} />
      <div className="fractal-side">
        <header>
          <h1>{strings.kinds[fractal.kind]}</h1>
          <p className="subtitle">{subtitleOf(fractal) ?? strings.formulas[fractal.kind]}</p>
        </header>
        <FractalActions fractal={fractal} next={after ?? before} />
        <Parameters fractal={fractal} />
        <DrawingFacts fractal={fractal} />
        <Elsewhere fractal={fractal} />
      </div>
    </article>
  );
}

function Missing() {
  return (
    <section className="notice">
      <h1>{strings.fractal.missing}</h1>
      <p>{strings.fractal.missingText}</p>
      <a className="button" href="#/">
        {strings.fractal.back}
      </a>
    </section>
  );
}

/**
 * The arrow keys lead through the gallery, Escape back to it, unless something else has use for the keys.
 * Where one is comes from the address, which is ahead of what is drawn when keys follow each other fast.
 */
function useKeys(): void {
  const { catalogue } = useLive();
  const view = catalogue.view ?? newestFirst;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target as Element;
      if (target.closest("input, select, textarea, dialog, code, .stage-scroll.is-actual")) return;
      const here = parseRoute(location.hash);
      if (here.page !== "fractal") return;
      const { before, after } = neighbours(catalogue.items, here.uuid);
      if (event.key === "ArrowLeft" && before) goTo({ page: "fractal", uuid: before.uuid });
      else if (event.key === "ArrowRight" && after) goTo({ page: "fractal", uuid: after.uuid });
      else if (event.key === "Escape" && !document.fullscreenElement)
        location.hash = formatRoute({ page: "gallery", view });
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [catalogue.items, view]);
}

function Elsewhere({ fractal }: { fractal: Fractal }) {
  const { faafo, curl } = showLines(endpoint, fractal.uuid);
  return (
    <section>
      <h2>{strings.fractal.elsewhere}</h2>
      <CopyableLine name="faafo" line={faafo} />
      <CopyableLine name="curl" line={curl} />
    </section>
  );
}
