import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
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

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <PageContext value={page}>
      <App />
    </PageContext>
  </StrictMode>,
);
