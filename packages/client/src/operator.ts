import type { Http, Query } from "./http.ts";
import type { SchedulerConfiguration, SchedulerConfigurationAnswer } from "./types/operator.ts";

export type Operator = ReturnType<typeof operator>;

/** `/v1/operator` and `/v1/system`. After https://developer.hashicorp.com/nomad/api-docs/operator. */
export const operator = (http: Http) => ({
  schedulerConfiguration: (query?: Query) =>
    http.get<SchedulerConfigurationAnswer>("/operator/scheduler/configuration", query),
  setSchedulerConfiguration: (
    configuration: SchedulerConfiguration,
    options: { readonly checkIndex?: number } = {},
  ) =>
    http.put<{ readonly Updated: boolean }>(
      "/operator/scheduler/configuration",
      configuration,
      {},
      { cas: options.checkIndex },
    ),

  /** The whole state as the server writes it. */
  snapshot: async (query?: Query) => {
    const response = await http.send("GET", "/operator/snapshot", { ...query });
    return new Uint8Array(await response.arrayBuffer());
  },
  /** Replaces the whole state. */
  restore: (bytes: Uint8Array) => http.put<unknown>("/operator/snapshot", bytes),

  /** Forgets what has ended. */
  collectGarbage: () => http.put<unknown>("/system/gc"),
  reconcileSummaries: () => http.put<unknown>("/system/reconcile/summaries"),

  metrics: (query?: Query) => http.get<unknown>("/metrics", query),
  /** In the text format of Prometheus. */
  prometheus: (query?: Query) => http.text("/metrics", query, { format: "prometheus" }),
});
