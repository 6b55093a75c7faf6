import { segment, type Http, type Query } from "./http.ts";
import type { AllocationStub } from "./types/allocation.ts";
import type { Deployment, DeploymentAnswer } from "./types/deployment.ts";

export type Deployments = ReturnType<typeof deployments>;

/** `/v1/deployments`. After https://developer.hashicorp.com/nomad/api-docs/deployments. */
export const deployments = (http: Http) => ({
  list: (query?: Query) => http.get<readonly Deployment[]>("/deployments", query),
  get: (id: string, query?: Query) => http.get<Deployment>(`/deployment/${segment(id)}`, query),
  allocations: (id: string, query?: Query) =>
    http.get<readonly AllocationStub[]>(`/deployment/allocations/${segment(id)}`, query),

  fail: (id: string) => http.post<DeploymentAnswer>(`/deployment/fail/${segment(id)}`, { DeploymentID: id }),
  pause: (id: string, isPaused: boolean) =>
    http.post<DeploymentAnswer>(`/deployment/pause/${segment(id)}`, { DeploymentID: id, Pause: isPaused }),

  /** All groups, unless some are named. */
  promote: (id: string, groups: readonly string[] = []) =>
    http.post<DeploymentAnswer>(`/deployment/promote/${segment(id)}`, {
      DeploymentID: id,
      All: groups.length === 0,
      Groups: groups,
    }),

  /** Says by hand which allocations are well. */
  setHealth: (
    id: string,
    health: { readonly healthy?: readonly string[]; readonly unhealthy?: readonly string[] },
  ) =>
    http.post<DeploymentAnswer>(`/deployment/allocation-health/${segment(id)}`, {
      DeploymentID: id,
      HealthyAllocationIDs: health.healthy ?? [],
      UnhealthyAllocationIDs: health.unhealthy ?? [],
    }),
});
