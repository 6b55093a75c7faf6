import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App, fetchPagesAhead } from "./app.tsx";
import { openPage, PageContext } from "./context.tsx";
import { restoreTheme } from "./theme.ts";
import "./style/base.css";
import "./style/wall.css";
import "./style/fractal.css";
import "./style/form.css";
import "./style/workers.css";

restoreTheme();
const page = openPage();
page.live.start();
addEventListener("online", () => page.live.retry());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") page.live.retry();
});
addEventListener("load", () => setTimeout(() => void fetchPagesAhead(), 1000));
// After an update of the server, the files that this page was built with are gone: the new page is fetched.
addEventListener("vite:preloadError", () => {
  fetch(document.baseURI).then(
    ({ ok }) => ok && location.reload(),
    () => undefined,
  );
});

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <PageContext value={page}>
      <App />
    </PageContext>
  </StrictMode>,
);
