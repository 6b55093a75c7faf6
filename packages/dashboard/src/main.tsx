import { StrictMode, useEffect, useMemo, useState } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { openSession, SessionContext } from "./context.tsx";
import { readToken, writeToken } from "./token.ts";
import { base } from "./use-route.ts";
import "./style/base.css";
import "./style/parts.css";
import "./style/pages.css";

function Root() {
  const [token, setToken] = useState(readToken);
  const session = useMemo(() => {
    const change = (next: string) => {
      writeToken(next);
      setToken(next);
    };
    return openSession({ address: base.pathname.replace(/\/$/, ""), token, setToken: change });
  }, [token]);
  useEffect(() => {
    const { live } = session;
    const follow = () => (document.visibilityState === "visible" ? live.start() : live.stop());
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      live.stop();
    };
  }, [session]);
  return (
    <SessionContext value={session}>
      {/* What one reader may see is not kept for the next. */}
      <App key={token} />
    </SessionContext>
  );
}

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <Root />
  </StrictMode>,
);
