import { useEffect, useRef, useSyncExternalStore } from "react";
import { AllocationPage } from "./allocation-page.tsx";
import { useConnection, useSession } from "./context.tsx";
import { FaultGuard } from "./fault-guard.tsx";
import { JobPage } from "./job-page.tsx";
import { JobsPage } from "./jobs-page.tsx";
import { JumpBox } from "./jump-box.tsx";
import { Link } from "./link.tsx";
import { NodePage } from "./node-page.tsx";
import { NodesPage } from "./nodes-page.tsx";
import { OverviewPage } from "./overview-page.tsx";
import type { Route } from "./route.ts";
import { RunPage } from "./run-page.tsx";
import { strings } from "./strings.ts";
import { TokenForm } from "./token-form.tsx";
import { useRoute } from "./use-route.ts";

export function App() {
  const route = useRoute();
  const connection = useConnection();
  const main = useRef<HTMLElement>(null);
  const key = "id" in route ? `${route.page} ${route.id}` : route.page;
  useFocusOnNewPage(main, key);
  const title = titleOf(route);
  useEffect(() => {
    document.title = title ? `${title} · ${strings.title}` : strings.title;
  }, [title]);
  return (
    <>
      <a className="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        {strings.skip}
      </a>
      <Header route={route} />
      <output>{connection === "lost" && <p className="banner">{strings.connection.banner}</p>}</output>
      <main id="main" ref={main} tabIndex={-1}>
        {connection === "denied" ? (
          <TokenForm />
        ) : (
          <FaultGuard key={key}>
            <Content route={route} />
          </FaultGuard>
        )}
      </main>
      <Messages />
    </>
  );
}

/** A screen reader and the keyboard begin at the new page's content, as after a page load. */
function useFocusOnNewPage(main: { readonly current: HTMLElement | null }, key: string): void {
  const last = useRef(key);
  useEffect(() => {
    if (last.current !== key) main.current?.focus({ preventScroll: true });
    last.current = key;
  }, [main, key]);
}

function Content({ route }: { route: Route }) {
  switch (route.page) {
    case "overview":
      return <OverviewPage />;
    case "jobs":
      return <JobsPage text={route.text} status={route.status} />;
    case "job":
      return <JobPage id={route.id} namespace={route.namespace} />;
    case "allocation":
      return <AllocationPage id={route.id} />;
    case "nodes":
      return <NodesPage />;
    case "node":
      return <NodePage id={route.id} />;
    case "run":
      return <RunPage key={route.from} from={route.from} namespace={route.namespace} />;
    default:
      return (
        <section className="notice">
          <h1>{strings.unknown.heading}</h1>
          <Link className="button" to="./">
            {strings.unknown.back}
          </Link>
        </section>
      );
  }
}

function titleOf(route: Route): string {
  switch (route.page) {
    case "jobs":
      return strings.jobs.heading;
    case "job":
      return route.id;
    case "nodes":
      return strings.nodes.heading;
    case "run":
      return strings.run.heading;
    case "allocation":
      return strings.allocation.name;
    case "node":
      return strings.nodes.name;
    default:
      return "";
  }
}

const pages: readonly { to: string; text: string; holds: readonly Route["page"][] }[] = [
  { to: "./", text: strings.nav.overview, holds: ["overview"] },
  { to: "jobs", text: strings.nav.jobs, holds: ["jobs", "job", "allocation"] },
  { to: "nodes", text: strings.nav.nodes, holds: ["nodes", "node"] },
  { to: "run", text: strings.nav.run, holds: ["run"] },
];

function Header({ route }: { route: Route }) {
  return (
    <header className="header">
      <Link className="wordmark" to="./">
        <Cloud />
        {strings.title}
      </Link>
      <nav aria-label={strings.nav.label}>
        {pages.map(({ to, text, holds }) => (
          <Link key={to} to={to} aria-current={holds.includes(route.page) ? "page" : undefined}>
            {text}
          </Link>
        ))}
      </nav>
      <JumpBox />
      <Connected />
    </header>
  );
}

/** A small ragged cloud. */
function Cloud() {
  return (
    <svg viewBox="0 0 32 20" width="28" height="18" aria-hidden="true">
      <path d="M3 13l3-4 3 1 2-5 4-2 3 3 5-1 1 4 4 2-3 3H6z" fill="currentColor" />
      <path d="M7 17h6l-1 2H8zM18 17h8l-2 2h-5z" fill="currentColor" opacity="0.55" />
    </svg>
  );
}

function Connected() {
  const connection = useConnection();
  const { hasToken, setToken } = useSession();
  const tones = { connecting: "busy", live: "good", lost: "bad", denied: "busy" } as const;
  return (
    <span className="connection">
      <span className={`mark tone-${tones[connection]}`}>{strings.connection[connection]}</span>
      {hasToken && (
        <button type="button" className="quiet" onClick={() => setToken("")}>
          {strings.token.forget}
        </button>
      )}
    </span>
  );
}

function Messages() {
  const { toasts } = useSession();
  const shown = useSyncExternalStore(toasts.subscribe, toasts.shown);
  return (
    <div className="toasts" aria-live="polite">
      {shown.map(({ id, text, tone }) => (
        <div key={id} className={`toast toast-${tone}`}>
          <p>{text}</p>
          <button
            type="button"
            className="quiet"
            aria-label={strings.errors.dismiss}
            onClick={() => toasts.dismiss(id)}
          >
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
