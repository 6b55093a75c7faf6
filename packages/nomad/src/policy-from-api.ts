/** The policies of a group, and what a node has to be or had better be. */
import type {
  Affinity,
  Constraint,
  DisconnectPolicy,
  MigratePolicy,
  Operator,
  ReschedulePolicy,
  RestartPolicy,
  Spread,
  UpdatePolicy,
} from "@fractus/core/job.ts";
import type * as api from "@fractus/hcl/job/api.ts";
import { milliseconds } from "./units.ts";

export function constraintsFromApi(list: readonly api.Constraint[] | null): Constraint[] {
  return (list ?? []).map(constraintFromApi);
}

export function affinitiesFromApi(list: readonly api.Affinity[] | null): Affinity[] {
  return (list ?? []).map((json) => ({ ...constraintFromApi(json), weight: json.Weight }));
}

function constraintFromApi(json: api.Constraint): Constraint {
  return { attribute: json.LTarget, operator: operatorFromApi(json.Operand), value: json.RTarget };
}

/** Other spellings of operators, as job files use them. */
const operatorNames: Readonly<Record<string, Operator>> = {
  "": "=",
  "==": "=",
  is: "=",
  not: "!=",
  set_contains_all: "set_contains",
};

function operatorFromApi(operand: string): Operator {
  return operatorNames[operand] ?? (operand as Operator);
}

export function spreadsFromApi(list: readonly api.Spread[] | null): Spread[] {
  return (list ?? []).map((json) => ({
    attribute: json.Attribute,
    weight: json.Weight,
    targets: (json.SpreadTarget ?? []).map(({ Value, Percent }) => ({ value: Value, percent: Percent })),
  }));
}

export function restartFromApi(json: api.RestartPolicy): RestartPolicy {
  return {
    attempts: json.Attempts,
    intervalMs: milliseconds(json.Interval),
    delayMs: milliseconds(json.Delay),
    mode: json.Mode,
    ...(json.RenderTemplates && { renderTemplates: true }),
  };
}

export function rescheduleFromApi(json: api.ReschedulePolicy): ReschedulePolicy {
  return {
    attempts: json.Attempts,
    intervalMs: milliseconds(json.Interval),
    unlimited: json.Unlimited,
    delayMs: milliseconds(json.Delay),
    delayFunction: json.DelayFunction,
    maxDelayMs: milliseconds(json.MaxDelay),
  };
}

export function updateFromApi(json: api.UpdateStrategy): UpdatePolicy {
  return {
    maxParallel: json.MaxParallel,
    healthCheck: json.HealthCheck,
    minHealthyMs: milliseconds(json.MinHealthyTime),
    healthyDeadlineMs: milliseconds(json.HealthyDeadline),
    progressDeadlineMs: milliseconds(json.ProgressDeadline),
    staggerMs: milliseconds(json.Stagger),
    canaries: json.Canary,
    autoRevert: json.AutoRevert,
    autoPromote: json.AutoPromote,
  };
}

export function migrateFromApi(json: api.MigrateStrategy): MigratePolicy {
  return {
    maxParallel: json.MaxParallel,
    healthCheck: json.HealthCheck,
    minHealthyMs: milliseconds(json.MinHealthyTime),
    healthyDeadlineMs: milliseconds(json.HealthyDeadline),
  };
}

/** The block `disconnect`, or the three attributes of a group that it took the place of. */
export function disconnectFromApi(json: api.TaskGroup): DisconnectPolicy | undefined {
  const { Disconnect: block } = json;
  const lostAfter = block?.LostAfter || json.MaxClientDisconnect;
  const stopAfter = block?.StopOnClientAfter ?? json.StopAfterClientDisconnect;
  if (!block && !lostAfter && stopAfter === null && json.PreventRescheduleOnLost !== true) return undefined;
  return {
    ...(lostAfter && { lostAfterMs: milliseconds(lostAfter) }),
    ...(stopAfter !== null && { stopOnNodeAfterMs: milliseconds(stopAfter) }),
    replace: block ? block.Replace : json.PreventRescheduleOnLost !== true,
    reconcile: block?.Reconcile ?? "best_score",
  };
}
