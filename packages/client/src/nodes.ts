import { segment, type Http, type Query } from "./http.ts";
import type { Allocation } from "./types/allocation.ts";
import type {
  DrainSpecification,
  Eligibility,
  HostStats,
  Node,
  NodeMetadata,
  NodeStub,
} from "./types/node.ts";

export interface NodeChange {
  readonly NodeModifyIndex: number;
  readonly EvalIDs: readonly string[] | null;
}

export type Nodes = ReturnType<typeof nodes>;

/** `/v1/nodes`. After https://developer.hashicorp.com/nomad/api-docs/nodes. */
export const nodes = (http: Http) => ({
  list: (query?: Query) => http.get<readonly NodeStub[]>("/nodes", query),
  get: (id: string, query?: Query) => http.get<Node>(`/node/${segment(id)}`, query),
  allocations: (id: string, query?: Query) =>
    http.get<readonly Allocation[]>(`/node/${segment(id)}/allocations`, query),

  /** Without a specification draining ends. */
  drain: (
    id: string,
    drain: DrainSpecification | undefined,
    options: { readonly markEligible?: boolean; readonly meta?: Readonly<Record<string, string>> } = {},
  ) =>
    http.post<NodeChange>(`/node/${segment(id)}/drain`, {
      NodeID: id,
      DrainSpec: drain ?? null,
      MarkEligible: options.markEligible ?? false,
      ...(options.meta && { Meta: options.meta }),
    }),

  setEligibility: (id: string, eligibility: Eligibility) =>
    http.post<NodeChange>(`/node/${segment(id)}/eligibility`, { NodeID: id, Eligibility: eligibility }),

  purge: (id: string) => http.post<NodeChange>(`/node/${segment(id)}/purge`),
  stats: (id: string, query?: Query) => http.get<HostStats>("/client/stats", query, { node_id: id }),
  metadata: (id: string, query?: Query) => http.get<NodeMetadata>("/client/metadata", query, { node_id: id }),

  /** Null takes a value away. */
  setMetadata: (id: string, meta: Readonly<Record<string, string | null>>) =>
    http.post<NodeMetadata>("/client/metadata", { NodeID: id, Meta: meta }, {}, { node_id: id }),
});
