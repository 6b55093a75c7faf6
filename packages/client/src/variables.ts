import type { Http, Query } from "./http.ts";
import type { Variable, VariableStub } from "./types/variable.ts";

export type Variables = ReturnType<typeof variables>;

/** `/v1/vars`. After https://developer.hashicorp.com/nomad/api-docs/variables. */
export const variables = (http: Http) => ({
  list: (query?: Query) => http.get<readonly VariableStub[]>("/vars", query),
  get: (path: string, query?: Query) => http.get<Variable>(`/var/${pathOf(path)}`, query),

  /**
   * Replaces all items.
   *
   * @param options with `checkIndex` only if the variable is as it was then; 0 is one that is not there yet
   */
  put: (
    path: string,
    items: Readonly<Record<string, string>>,
    options: { readonly checkIndex?: number } = {},
    query?: Query,
  ) =>
    http.put<Variable>(`/var/${pathOf(path)}`, { Path: path, Items: items }, query, {
      cas: options.checkIndex,
    }),

  delete: (path: string, options: { readonly checkIndex?: number } = {}, query?: Query) =>
    http.delete<unknown>(`/var/${pathOf(path)}`, query, { cas: options.checkIndex }),
});

/** The slashes of a variable's path are slashes of the address too. */
function pathOf(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
