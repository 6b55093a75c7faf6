/**
 * Where in the pages one is. Every page is one level deep and its names stand in the query
 * (`job?id=web`), so the relative addresses of scripts and API hold under any path prefix.
 */
export type Route =
  | { readonly page: "overview" }
  | { readonly page: "jobs"; readonly text: string; readonly status: string }
  | { readonly page: "job"; readonly id: string; readonly namespace: string }
  | { readonly page: "allocation"; readonly id: string }
  | { readonly page: "nodes" }
  | { readonly page: "node"; readonly id: string }
  /** `from` is the job whose file the form begins with. */
  | { readonly page: "run"; readonly from: string; readonly namespace: string }
  | { readonly page: "unknown"; readonly path: string };

export const usualNamespace = "default";

/** @param address relative to the pages' base: `job?id=web` */
export function parseRoute(address: string): Route {
  const [path = "", query = ""] = address.split("?", 2);
  const parameters = new URLSearchParams(query);
  const of = (name: string) => parameters.get(name) ?? "";
  const id = of("id");
  const namespace = of("namespace") || usualNamespace;
  if (path === "" || path === "index.html") return { page: "overview" };
  if (path === "jobs") return { page: "jobs", text: of("text"), status: of("status") };
  if (path === "nodes") return { page: "nodes" };
  if (path === "run") return { page: "run", from: of("from"), namespace };
  if (path === "job" && id) return { page: "job", id, namespace };
  if ((path === "allocation" || path === "node") && id) return { page: path, id };
  return { page: "unknown", path };
}

/** The address of a page, relative to the pages' base. */
export function formatRoute(route: Exclude<Route, { page: "unknown" }>): string {
  switch (route.page) {
    case "overview":
      return "./";
    case "nodes":
      return "nodes";
    case "jobs":
      return `jobs${queryOf({ text: route.text, status: route.status })}`;
    case "job":
      return `job${queryOf({ id: route.id, namespace: unlessUsual(route.namespace) })}`;
    case "run":
      return `run${queryOf({ from: route.from, namespace: unlessUsual(route.namespace) })}`;
    default:
      return `${route.page}${queryOf({ id: route.id })}`;
  }
}

export const jobAddress = (id: string, namespace: string) => formatRoute({ page: "job", id, namespace });
export const allocationAddress = (id: string) => formatRoute({ page: "allocation", id });
export const nodeAddress = (id: string) => formatRoute({ page: "node", id });

function unlessUsual(namespace: string): string {
  return namespace === usualNamespace ? "" : namespace;
}

function queryOf(values: Readonly<Record<string, string>>): string {
  const given = Object.entries(values).filter(([, value]) => value !== "");
  return given.length > 0 ? `?${new URLSearchParams(given).toString()}` : "";
}
