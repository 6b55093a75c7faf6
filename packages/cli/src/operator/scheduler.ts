import type { SchedulerConfiguration } from "@fractus/client/types/operator.ts";
import type { Flags } from "../arguments.ts";
import type { Command, Invocation } from "../command.ts";
import { Failure } from "../failure.ts";
import { pairs } from "../format.ts";

export const getConfiguration: Command = {
  arguments: "",
  takes: [0, 0],
  words: "Shows how the scheduler is set.",
  flags: [{ name: "json", words: "the JSON of the API" }],
  examples: [{ line: "operator scheduler get-config", words: "pack or spread?" }],
  run: async ({ context, flags }: Invocation) => {
    const answer = await context.client.operator.schedulerConfiguration();
    if (flags.is("json")) return context.print(JSON.stringify(answer, null, 4));
    const { SchedulerConfig: set } = answer;
    context.print(
      pairs([
        ["Scheduler Algorithm", set.SchedulerAlgorithm],
        ["Memory Oversubscription", set.MemoryOversubscriptionEnabled],
        ["Reject Job Registration", set.RejectJobRegistration],
        ["Pause Eval Broker", set.PauseEvalBroker],
        ["Preemption System Scheduler", set.PreemptionConfig.SystemSchedulerEnabled],
        ["Preemption Service Scheduler", set.PreemptionConfig.ServiceSchedulerEnabled],
        ["Preemption Batch Scheduler", set.PreemptionConfig.BatchSchedulerEnabled],
        ["Preemption SysBatch Scheduler", set.PreemptionConfig.SysBatchSchedulerEnabled],
        ["Modify Index", set.ModifyIndex ?? answer.Index ?? 0],
      ]),
    );
  },
};

export const setConfiguration: Command = {
  arguments: "",
  takes: [0, 0],
  words: "Sets the scheduler; what is not said stays as it is.",
  flags: [
    { name: "scheduler-algorithm", value: "binpack|spread", words: "fill nodes, or use all of them" },
    { name: "memory-oversubscription", value: "bool", words: "whether memory_max counts" },
    { name: "reject-job-registration", value: "bool", words: "take no new jobs" },
    { name: "pause-eval-broker", value: "bool", words: "place nothing" },
    { name: "preempt-system-scheduler", value: "bool", words: "may system jobs put others out?" },
    { name: "preempt-service-scheduler", value: "bool", words: "may service jobs?" },
    { name: "preempt-batch-scheduler", value: "bool", words: "may batch jobs?" },
    { name: "preempt-sysbatch-scheduler", value: "bool", words: "may sysbatch jobs?" },
    { name: "check-index", value: "index", words: "only if it was last set at this index" },
  ],
  examples: [{ line: "operator scheduler set-config -scheduler-algorithm spread", words: "use all nodes" }],
  run: async ({ context, flags }: Invocation) => {
    const { operator } = context.client;
    const { SchedulerConfig: before } = await operator.schedulerConfiguration();
    const checkIndex = flags.number("check-index");
    const answer = await operator.setSchedulerConfiguration(changed(before, flags), {
      ...(checkIndex !== undefined && { checkIndex }),
    });
    if (!answer.Updated)
      throw new Failure("Error: the configuration has been set since; look at it and try again.");
    context.print("Scheduler configuration updated!");
  },
};

function changed(before: SchedulerConfiguration, flags: Flags): SchedulerConfiguration {
  const algorithm = flags.text("scheduler-algorithm") ?? before.SchedulerAlgorithm;
  if (algorithm !== "binpack" && algorithm !== "spread")
    throw new Failure(`Error: the algorithm is binpack or spread, not "${algorithm}".`);
  const { PreemptionConfig: preemption } = before;
  return {
    ...before,
    SchedulerAlgorithm: algorithm,
    MemoryOversubscriptionEnabled: flags.is("memory-oversubscription", before.MemoryOversubscriptionEnabled),
    RejectJobRegistration: flags.is("reject-job-registration", before.RejectJobRegistration),
    PauseEvalBroker: flags.is("pause-eval-broker", before.PauseEvalBroker),
    PreemptionConfig: {
      SystemSchedulerEnabled: flags.is("preempt-system-scheduler", preemption.SystemSchedulerEnabled),
      ServiceSchedulerEnabled: flags.is("preempt-service-scheduler", preemption.ServiceSchedulerEnabled),
      BatchSchedulerEnabled: flags.is("preempt-batch-scheduler", preemption.BatchSchedulerEnabled),
      SysBatchSchedulerEnabled: flags.is("preempt-sysbatch-scheduler", preemption.SysBatchSchedulerEnabled),
    },
  };
}
