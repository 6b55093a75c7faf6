import { segment, type Http, type Query } from "./http.ts";
import type {
  Allocation,
  AllocationChecks,
  AllocationStub,
  AllocationUsage,
  Isolation,
} from "./types/allocation.ts";
import type { ServiceRegistration } from "./types/service.ts";

export type Allocations = ReturnType<typeof allocations>;

/** `/v1/allocations`. After https://developer.hashicorp.com/nomad/api-docs/allocations and …/client. */
export const allocations = (http: Http) => ({
  list: (query?: Query) => http.get<readonly AllocationStub[]>("/allocations", query),
  get: (id: string, query?: Query) => http.get<Allocation>(`/allocation/${segment(id)}`, query),

  /** Stops it; the job may get another one in its place. */
  stop: (id: string, options: { readonly noShutdownDelay?: boolean } = {}, query?: Query) =>
    http.post<{ readonly EvalID: string }>(`/allocation/${segment(id)}/stop`, undefined, query, {
      no_shutdown_delay: options.noShutdownDelay || undefined,
    }),

  checks: (id: string, query?: Query) =>
    http.get<AllocationChecks>(`/allocation/${segment(id)}/checks`, query),
  services: (id: string, query?: Query) =>
    http.get<readonly ServiceRegistration[]>(`/allocation/${segment(id)}/services`, query),
  /** What keeps the tasks apart from the machine; an extension of Fractus. */
  isolation: (id: string, query?: Query) =>
    http.get<Isolation>(`/allocation/${segment(id)}/isolation`, query),

  usage: (id: string, query?: Query) =>
    http.get<AllocationUsage>(`/client/allocation/${segment(id)}/stats`, query),

  /** Restarts one task where it is, or the running ones, or all of them. */
  restart: (
    id: string,
    options: { readonly task?: string; readonly allTasks?: boolean } = {},
    query?: Query,
  ) =>
    http.post<unknown>(
      `/client/allocation/${segment(id)}/restart`,
      { TaskName: options.task ?? "", AllTasks: options.allTasks ?? false },
      query,
    ),

  /** @param options the name of a signal, such as SIGHUP; every task gets it if none is named */
  signal: (id: string, options: { readonly signal: string; readonly task?: string }, query?: Query) =>
    http.post<unknown>(
      `/client/allocation/${segment(id)}/signal`,
      { Signal: options.signal, Task: options.task ?? "" },
      query,
    ),
});
