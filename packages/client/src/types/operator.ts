/** After https://developer.hashicorp.com/nomad/api-docs/operator/scheduler. */
import type { Indexes } from "./json.ts";

export interface SchedulerConfiguration extends Partial<Indexes> {
  readonly SchedulerAlgorithm: "binpack" | "spread";
  readonly PreemptionConfig: {
    readonly SystemSchedulerEnabled: boolean;
    readonly SysBatchSchedulerEnabled: boolean;
    readonly BatchSchedulerEnabled: boolean;
    readonly ServiceSchedulerEnabled: boolean;
  };
  readonly MemoryOversubscriptionEnabled: boolean;
  readonly RejectJobRegistration: boolean;
  readonly PauseEvalBroker: boolean;
}

export interface SchedulerConfigurationAnswer {
  readonly Index?: number;
  readonly SchedulerConfig: SchedulerConfiguration;
}
