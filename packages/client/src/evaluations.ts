import { segment, type Http, type Query } from "./http.ts";
import type { AllocationStub } from "./types/allocation.ts";
import type { Evaluation } from "./types/evaluation.ts";

export interface EvaluationQuery {
  readonly job?: string;
  readonly status?: string;
}

export type Evaluations = ReturnType<typeof evaluations>;

/** `/v1/evaluations`. After https://developer.hashicorp.com/nomad/api-docs/evaluations. */
export const evaluations = (http: Http) => ({
  list: (which: EvaluationQuery = {}, query?: Query) =>
    http.get<readonly Evaluation[]>("/evaluations", query, { job: which.job, status: which.status }),
  get: (id: string, query?: Query) => http.get<Evaluation>(`/evaluation/${segment(id)}`, query),
  allocations: (id: string, query?: Query) =>
    http.get<readonly AllocationStub[]>(`/evaluation/${segment(id)}/allocations`, query),
  delete: (ids: readonly string[]) =>
    http.delete<{ readonly Count: number }>("/evaluations", {}, {}, { EvalIDs: ids }),
});
