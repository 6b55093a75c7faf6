/**
 * Where in the page one is, as the part of the address after `#`: `#/`, `#/fractal/<uuid>`,
 * `#/new`, `#/workers`. What a view shows is in its address, so that any view can be shared.
 */
import { statuses, type Status } from "@fractals/client/fractal.ts";
import { kinds, type Kind } from "@fractals/kernel/picture.ts";

export const sorts = ["-created_at", "created_at", "-duration", "-iterations", "-size"] as const;
export type Sort = (typeof sorts)[number];

/** What the grid shows: all fractals, or those of one status or kind, in some order. */
export interface GalleryView {
  readonly status?: Status;
  readonly kind?: Kind;
  readonly sort: Sort;
}

export type Route =
  | { readonly page: "gallery"; readonly view: GalleryView }
  | { readonly page: "fractal"; readonly uuid: string }
  /** `from` is the fractal whose parameters the form starts with; `values` are single fields. */
  | { readonly page: "new"; readonly from?: string; readonly values: Readonly<Record<string, string>> }
  | { readonly page: "workers" }
  | { readonly page: "unknown"; readonly hash: string };

export const newestFirst: GalleryView = { sort: "-created_at" };

/** Reads `location.hash`; what the grid's address has wrong falls back to everything, newest first. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const parameters = new URLSearchParams(query);
  const [page, uuid, ...rest] = path.split("/");
  if (path === "") return { page: "gallery", view: viewOf(parameters) };
  if (page === "fractal" && /^[\w-]+$/.test(uuid ?? "") && rest.length === 0) return { page, uuid };
  if (path === "new") return newRoute(parameters);
  if (path === "workers") return { page: "workers" };
  return { page: "unknown", hash };
}

export function formatRoute(route: Exclude<Route, { page: "unknown" }>): string {
  switch (route.page) {
    case "gallery":
      return `#/${queryOf(galleryQuery(route.view))}`;
    case "fractal":
      return `#/fractal/${encodeURIComponent(route.uuid)}`;
    case "new":
      return `#/new${queryOf({ ...(route.from && { from: route.from }), ...route.values })}`;
    default:
      return "#/workers";
  }
}

function viewOf(parameters: URLSearchParams): GalleryView {
  const status = statuses.find((name) => name === parameters.get("status"));
  const kind = kinds.find((name) => name === parameters.get("kind"));
  const sort = sorts.find((name) => name === parameters.get("sort")) ?? newestFirst.sort;
  return { ...(status && { status }), ...(kind && { kind }), sort };
}

function newRoute(parameters: URLSearchParams): Route {
  const { from, ...values } = Object.fromEntries(parameters);
  return { page: "new", ...(from && { from }), values };
}

function galleryQuery({ status, kind, sort }: GalleryView): Record<string, string> {
  return {
    ...(status && { status }),
    ...(kind && { kind }),
    ...(sort !== newestFirst.sort && { sort }),
  };
}

function queryOf(values: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(values).toString();
  return query && `?${query}`;
}
