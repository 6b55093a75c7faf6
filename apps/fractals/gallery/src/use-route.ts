import { useSyncExternalStore } from "react";
import { formatRoute, parseRoute, type Route } from "./route.ts";

/**
 * The route of the last navigation. The form rewrites the address while one types, by
 * `history.replaceState`, which is no navigation and leaves this as it is.
 */
let current: Route = parseRoute(location.hash);

/** Where one is; follows the browser's back and forward. */
export function useRoute(): Route {
  return useSyncExternalStore(subscribe, () => current);
}

export function goTo(route: Exclude<Route, { page: "unknown" }>): void {
  location.hash = formatRoute(route);
}

function subscribe(listener: () => void): () => void {
  const follow = () => {
    current = parseRoute(location.hash);
    listener();
  };
  addEventListener("hashchange", follow);
  return () => removeEventListener("hashchange", follow);
}
