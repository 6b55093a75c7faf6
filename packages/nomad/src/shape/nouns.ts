/** The smaller nouns as the API shows them: services, variables, namespaces, pools, settings, ACL. */
import type { ServiceRegistration } from "@fractus/agent/control-link.ts";
import type {
  Json,
  NodePool,
  Policy,
  Project,
  Role,
  SchedulerSettings,
  Token,
  Variable,
} from "@fractus/control/state/records.ts";
import { jobId, settingsOf, type State, type TableName } from "@fractus/control/state/state.ts";
import { fieldsOf, type Taken } from "../fields.ts";
import { nanoseconds, timeOrNull, timeText } from "../units.ts";

/** The indexes of a row; 0 for one that is not there. */
export function indexesOf(state: State, table: TableName, id: string) {
  const entry = state[table].entry(id);
  return { CreateIndex: entry?.createdIndex ?? 0, ModifyIndex: entry?.modifiedIndex ?? 0 };
}

/** After https://developer.hashicorp.com/nomad/api-docs/services. */
export function serviceShape(state: State, one: ServiceRegistration): Json {
  return {
    ID: one.id,
    ServiceName: one.name,
    Namespace: one.project,
    NodeID: one.nodeId,
    Datacenter: one.zone,
    JobID: one.jobId,
    AllocID: one.allocationId,
    Tags: one.tags,
    Address: one.address,
    Port: one.port,
    ...indexesOf(state, "services", one.id),
  };
}

/** A variable without what it holds. After https://developer.hashicorp.com/nomad/api-docs/variables. */
export function variableStub(state: State, one: Variable): Json {
  return {
    Namespace: one.project,
    Path: one.path,
    ...indexesOf(state, "variables", jobId(one.project, one.path)),
    CreateTime: nanoseconds(one.createdAtMs),
    ModifyTime: nanoseconds(one.modifiedAtMs),
    ...(one.lock && {
      Lock: { TTL: durationText(one.lock.ttlMs), LockDelay: durationText(one.lock.delayMs) },
    }),
  };
}

/** A variable with what it holds; the id of its lock is for whoever holds that. */
export function variableShape(state: State, one: Variable): Json {
  return { ...variableStub(state, one), Items: one.items };
}

/** The same for whoever holds the lock. */
export function lockedVariableShape(state: State, one: Variable): Json {
  const shape = variableShape(state, one);
  const lock = shape.Lock as Json | undefined;
  return { ...shape, ...(lock && one.lock && { Lock: { ...lock, ID: one.lock.id } }) };
}

function durationText(ms: number): string {
  return `${ms / 1000}s`;
}

/** After https://developer.hashicorp.com/nomad/api-docs/namespaces. */
export function namespaceShape(state: State, project: Project): Json {
  const { quota, capabilities } = project;
  return {
    Name: project.name,
    Description: project.description,
    Meta: Object.keys(project.meta).length > 0 ? project.meta : null,
    Quota: "",
    Capabilities: capabilities
      ? {
          EnabledTaskDrivers: capabilities.enabledDrivers,
          DisabledTaskDrivers: capabilities.disabledDrivers,
        }
      : null,
    NodePoolConfiguration: { Default: "default", Allowed: null, Denied: null },
    ...(quota && {
      Limits: { CPU: quota.cpuMhz ?? 0, MemoryBytes: quota.memoryBytes ?? 0, Allocs: quota.instances ?? 0 },
    }),
    ...indexesOf(state, "projects", project.name),
  };
}

/** After https://developer.hashicorp.com/nomad/api-docs/node-pools. */
export function poolShape(state: State, pool: NodePool): Json {
  return {
    Name: pool.name,
    Description: pool.description,
    Meta: Object.keys(pool.meta).length > 0 ? pool.meta : null,
    SchedulerConfiguration: null,
    ...indexesOf(state, "pools", pool.name),
  };
}

/** After https://developer.hashicorp.com/nomad/api-docs/operator/scheduler. */
export function schedulerShape(state: State): Json {
  const settings = settingsOf(state);
  return {
    SchedulerAlgorithm: settings.algorithm,
    PreemptionConfig: {
      SystemSchedulerEnabled: settings.preemption.system,
      SysBatchSchedulerEnabled: settings.preemption.sysbatch,
      BatchSchedulerEnabled: settings.preemption.batch,
      ServiceSchedulerEnabled: settings.preemption.service,
    },
    MemoryOversubscriptionEnabled: settings.memoryOversubscription,
    RejectJobRegistration: settings.rejectsJobs,
    PauseEvalBroker: settings.isPaused,
    ...indexesOf(state, "settings", "scheduler"),
  };
}

/** The fields of settings as they are sent. */
export const settingsFields = {
  SchedulerAlgorithm: "text",
  PreemptionConfig: "object",
  MemoryOversubscriptionEnabled: "flag",
  RejectJobRegistration: "flag",
  PauseEvalBroker: "flag",
} as const;

const preemptionFields = {
  SystemSchedulerEnabled: "flag",
  SysBatchSchedulerEnabled: "flag",
  BatchSchedulerEnabled: "flag",
  ServiceSchedulerEnabled: "flag",
} as const;

/** Settings as they are sent; what is left out is as it was. */
export function settingsFromApi(
  json: Taken<typeof settingsFields>,
  present: SchedulerSettings,
): SchedulerSettings {
  const preemption = fieldsOf(json.PreemptionConfig, preemptionFields);
  return {
    algorithm: (json.SchedulerAlgorithm || present.algorithm) as SchedulerSettings["algorithm"],
    preemption: {
      system: preemption.SystemSchedulerEnabled ?? present.preemption.system,
      sysbatch: preemption.SysBatchSchedulerEnabled ?? present.preemption.sysbatch,
      batch: preemption.BatchSchedulerEnabled ?? present.preemption.batch,
      service: preemption.ServiceSchedulerEnabled ?? present.preemption.service,
    },
    memoryOversubscription: json.MemoryOversubscriptionEnabled ?? present.memoryOversubscription,
    rejectsJobs: json.RejectJobRegistration ?? present.rejectsJobs,
    isPaused: json.PauseEvalBroker ?? present.isPaused,
  };
}

/** A token without its secret. After https://developer.hashicorp.com/nomad/api-docs/acl/tokens. */
export function tokenShape(state: State, token: Token): Json {
  const roles = token.roles.map((id) => ({ ID: id, Name: state.roles.get(id)?.name ?? "" }));
  return {
    AccessorID: token.accessorId,
    Name: token.name,
    Type: token.type,
    Policies: token.policies.length > 0 ? token.policies : null,
    Roles: roles.length > 0 ? roles : null,
    Global: token.isGlobal,
    CreateTime: timeText(token.createdAtMs),
    ExpirationTime: timeOrNull(token.expiresAtMs),
    ...indexesOf(state, "tokens", token.accessorId),
  };
}

export function policyShape(state: State, policy: Policy): Json {
  return { ...policyStub(state, policy), Rules: policy.rules, JobACL: null };
}

export function policyStub(state: State, policy: Policy): Json {
  return {
    Name: policy.name,
    Description: policy.description,
    ...indexesOf(state, "policies", policy.name),
  };
}

export function roleShape(state: State, role: Role): Json {
  return {
    ID: role.id,
    Name: role.name,
    Description: role.description,
    Policies: role.policies.map((Name) => ({ Name })),
    ...indexesOf(state, "roles", role.id),
  };
}
