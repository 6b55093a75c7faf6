import { useSyncExternalStore } from "react";
import { parseRoute, type Route } from "./route.ts";

/** Every page is one level deep, so its folder is where all of them live, whatever the prefix. */
export const base = new URL(".", location.href);

const listeners = new Set<() => void>();
let shown = addressNow();
let current: Route = parseRoute(shown);

/** Where one is; follows the browser's back and forward. */
export function useRoute(): Route {
  return useSyncExternalStore(subscribe, () => current);
}

/** @param address relative to the pages' base */
export function goTo(address: string, how: "push" | "replace" = "push"): void {
  const url = new URL(address, base);
  if (how === "push" && url.href !== location.href) history.pushState(undefined, "", url);
  else history.replaceState(undefined, "", url);
  follow();
  if (how === "push") scrollTo(0, 0);
}

function follow(): void {
  if (addressNow() === shown) return;
  shown = addressNow();
  current = parseRoute(shown);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) addEventListener("popstate", follow);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) removeEventListener("popstate", follow);
  };
}

function addressNow(): string {
  return decodeURI(location.pathname.slice(base.pathname.length)) + location.search;
}
