import { lazy, Suspense, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useLive, usePage } from "./context.tsx";
import { FaultGuard } from "./fault-guard.tsx";
import { GalleryPage } from "./gallery-page.tsx";
import { Icon, Mark, type IconName } from "./icons.tsx";
import type { Route } from "./route.ts";
import { strings } from "./strings.ts";
import { chooseTheme, currentTheme } from "./theme.ts";
import { useRoute } from "./use-route.ts";

// The gallery comes with the first load, what lies behind it a moment later.
const pagesBehind = {
  fractal: async () => ({ default: (await import("./fractal-page.tsx")).FractalPage }),
  new: async () => ({ default: (await import("./new-page.tsx")).NewPage }),
  workers: async () => ({ default: (await import("./workers-page.tsx")).WorkersPage }),
};
const FractalPage = lazy(pagesBehind.fractal);
const NewPage = lazy(pagesBehind.new);
const WorkersPage = lazy(pagesBehind.workers);

/** Fetches the other pages ahead, so that they open at once, and even while the server is away. */
export async function fetchPagesAhead(): Promise<void> {
  await Promise.allSettled(Object.values(pagesBehind).map((load) => load()));
}

export function App() {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const { page } = route;
  // A screen reader and the keyboard start at the new page's content, as after a page load.
  useEffect(() => {
    document.title = page === "gallery" ? strings.title : `${titleOf(page)} · ${strings.title}`;
    if (!isFirst.current && page !== "gallery") main.current?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [page]);
  return (
    <>
      <a className="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        {strings.skip}
      </a>
      <Header route={route} />
      <LostBanner />
      <main id="main" ref={main} tabIndex={-1}>
        <FaultGuard key={route.page === "gallery" ? route.page : JSON.stringify(route)}>
          <Suspense>
            <Content route={route} />
          </Suspense>
        </FaultGuard>
      </main>
      <Messages />
    </>
  );
}

function Content({ route }: { route: Route }) {
  switch (route.page) {
    case "gallery":
      return <GalleryPage view={route.view} />;
    case "fractal":
      return <FractalPage uuid={route.uuid} />;
    case "new":
      return <NewPage from={route.from} given={route.values} />;
    case "workers":
      return <WorkersPage />;
    default:
      return (
        <section className="notice">
          <h1>{strings.unknown.heading}</h1>
          <p>{strings.unknown.text}</p>
          <a className="button" href="#/">
            {strings.fractal.back}
          </a>
        </section>
      );
  }
}

function titleOf(page: Route["page"]): string {
  switch (page) {
    case "new":
      return strings.form.heading;
    case "workers":
      return strings.workers.heading;
    case "unknown":
      return strings.unknown.heading;
    default:
      return strings.title;
  }
}

const pages: readonly { page: Route["page"]; href: string; icon: IconName; text: string }[] = [
  { page: "gallery", href: "#/", icon: "gallery", text: strings.nav.gallery },
  { page: "new", href: "#/new", icon: "plus", text: strings.nav.new },
  { page: "workers", href: "#/workers", icon: "workers", text: strings.nav.workers },
];

function Header({ route }: { route: Route }) {
  return (
    <header className="header">
      <a className="wordmark" href="#/">
        <Mark />
        {strings.title}
      </a>
      <nav aria-label={strings.nav.label}>
        {pages.map(({ page, href, icon, text }) => (
          <a key={page} href={href} aria-current={page === route.page ? "page" : undefined}>
            <Icon name={icon} />
            {text}
          </a>
        ))}
      </nav>
      <Summary />
      <a className="quiet-link api-link" href="docs">
        {strings.nav.api}
      </a>
      <ThemeSwitch />
    </header>
  );
}

/** What the queue and the workers do, in a few words. */
function Summary() {
  const { workers, connection } = useLive();
  const { tone, text } = summaryOf(workers, connection === "lost");
  return (
    <a className="summary" href="#/workers" aria-label={`${strings.summary.label}: ${text}`}>
      <span className={`dot dot-${tone}`} aria-hidden="true" />
      {text}
    </a>
  );
}

function summaryOf(
  view: ReturnType<typeof useLive>["workers"],
  isLost: boolean,
): { tone: string; text: string } {
  if (isLost) return { tone: "lost", text: strings.summary.lost };
  if (view === undefined) return { tone: "idle", text: "…" };
  const { queued, drawing } = view.totals;
  if (queued > 0 && view.queue.consumers === 0) return { tone: "failed", text: strings.summary.noWorkers };
  const parts = [
    drawing > 0 && strings.summary.drawing(drawing),
    queued > 0 && strings.summary.waiting(queued),
  ].filter((part) => part !== false);
  return parts.length > 0
    ? { tone: "busy", text: parts.join(", ") }
    : { tone: "idle", text: strings.summary.quiet };
}

function ThemeSwitch() {
  const [theme, setTheme] = useState(currentTheme);
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: light)");
    const follow = () => setTheme(currentTheme());
    query.addEventListener("change", follow);
    return () => query.removeEventListener("change", follow);
  }, []);
  const other = theme === "dark" ? "light" : "dark";
  const label = other === "light" ? strings.theme.toLight : strings.theme.toDark;
  const change = () => {
    chooseTheme(other);
    setTheme(other);
  };
  return (
    <button type="button" className="icon-button" aria-label={label} title={label} onClick={change}>
      <Icon name={other === "light" ? "sun" : "moon"} />
    </button>
  );
}

function LostBanner() {
  const { connection } = useLive();
  return (
    <output>{connection === "lost" && <span className="banner">{strings.connection.lost}</span>}</output>
  );
}

function Messages() {
  const { toasts } = usePage();
  const shown = useSyncExternalStore(toasts.subscribe, toasts.shown);
  return (
    <div className="toasts" aria-live="polite">
      {shown.map(({ id, text, tone }) => (
        <div key={id} className={`toast toast-${tone}`}>
          <p>{text}</p>
          <button
            type="button"
            className="icon-button"
            aria-label={strings.errors.dismiss}
            onClick={() => toasts.dismiss(id)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
