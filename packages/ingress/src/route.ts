import type { FrontDoor } from "./front-door.ts";

/**
 * The door on the shared port that a request is for: one with its host before one for any host, then the
 * longest path. A host without a dot answers under `.localhost` too, which browsers take to this machine
 * (https://www.rfc-editor.org/rfc/rfc6761#section-6.3).
 */
export function route<Door extends Pick<FrontDoor, "host" | "path">>(
  doors: Iterable<Door>,
  request: { readonly host: string; readonly path: string },
): Door | undefined {
  const host = hostOf(request.host);
  let best: Door | undefined;
  for (const door of doors) {
    if (!matchesHost(door.host, host) || !isBelow(door.path ?? "/", request.path)) continue;
    if (!best || rank(door) > rank(best)) best = door;
  }
  return best;
}

/** Without the port, in small letters. */
function hostOf(header: string): string {
  return header.replace(/:\d*$/, "").replace(/\.$/, "").toLowerCase();
}

function matchesHost(wanted: string | undefined, host: string): boolean {
  return wanted === undefined || wanted === host || (!wanted.includes(".") && host === `${wanted}.localhost`);
}

/** At the prefix or below it, at the border of a segment: `/api` holds `/api?x` and `/api/x`, not `/apix`. */
function isBelow(prefix: string, target: string): boolean {
  if (prefix === "/") return true;
  return target.startsWith(prefix) && ["", "/", "?"].includes(target.charAt(prefix.length));
}

function rank(door: Pick<FrontDoor, "host" | "path">): number {
  return (door.host === undefined ? 0 : 1_000_000) + (door.path ?? "/").length;
}
