import { segment, type Http, type Query } from "./http.ts";
import type { Namespace } from "./types/namespace.ts";

export type Namespaces = ReturnType<typeof namespaces>;

/** `/v1/namespaces`. After https://developer.hashicorp.com/nomad/api-docs/namespaces. */
export const namespaces = (http: Http) => ({
  list: (query?: Query) => http.get<readonly Namespace[]>("/namespaces", query),
  get: (name: string, query?: Query) => http.get<Namespace>(`/namespace/${segment(name)}`, query),
  /** Creates it, or changes it if it is there. */
  apply: (namespace: Partial<Namespace> & { readonly Name: string }) =>
    http.post<unknown>(`/namespace/${segment(namespace.Name)}`, namespace),
  delete: (name: string) => http.delete<unknown>(`/namespace/${segment(name)}`),
});
