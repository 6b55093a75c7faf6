/**
 * Events of the API, from the transactions of the ledger. The type says what kind of transaction it was,
 * the payload how the object is afterwards, or was before it went.
 *
 * Source: https://developer.hashicorp.com/nomad/api-docs/events#event-types
 */
import type { Json } from "@fractus/control/state/records.ts";
import type { Committed, CommittedChange, TransactionKind } from "@fractus/control/state/ledger.ts";
import type { State, TableName, ValueOf } from "@fractus/control/state/state.ts";
import { bareAllocation } from "./shape/allocation.ts";
import { deploymentShape } from "./shape/deployment.ts";
import { evaluationShape } from "./shape/evaluation.ts";
import { withServerFields } from "./shape/job.ts";
import { nodeShape } from "./shape/node.ts";
import { policyShape, poolShape, roleShape, serviceShape, tokenShape, variableStub } from "./shape/nouns.ts";

export const topics = [
  "Job",
  "Evaluation",
  "Allocation",
  "Deployment",
  "Node",
  "NodePool",
  "Service",
  "Variable",
  "ACLToken",
  "ACLPolicy",
  "ACLRole",
] as const;

export type Topic = (typeof topics)[number];

export interface Event {
  readonly Topic: Topic;
  readonly Type: string;
  readonly Key: string;
  readonly Namespace: string;
  /** Other keys under which one may ask for it. */
  readonly FilterKeys: readonly string[];
  readonly Index: number;
  readonly Payload: Json;
}

/** What a transaction has to say. */
export function eventsOf(state: State, { kind, index, changes }: Committed): Event[] {
  return changes.flatMap((change) => {
    const said = sayings[change.table]?.(state, change, kind);
    if (!said) return [];
    const { payload, ...event } = said;
    const stamped = change.value === undefined ? payload : { ...payload, ModifyIndex: index };
    return [
      {
        Topic: event.topic,
        Type: event.type,
        Key: event.key,
        Namespace: event.namespace ?? "",
        FilterKeys: (event.filterKeys ?? []).filter((key) => key !== undefined && key !== "") as string[],
        Index: index,
        Payload: { [event.topic]: stamped },
      },
    ];
  });
}

interface Saying {
  readonly topic: Topic;
  readonly type: string;
  readonly key: string;
  readonly namespace?: string;
  readonly filterKeys?: readonly (string | undefined)[];
  readonly payload: Json;
}

type Say = (state: State, change: CommittedChange, kind: TransactionKind) => Saying | undefined;

/** The row as it is now, or was before it went. */
function rowOf<Name extends TableName>(change: CommittedChange): ValueOf<Name> {
  return (change.value ?? change.before) as ValueOf<Name>;
}

const jobTypes: Partial<Record<TransactionKind, string>> = {
  "job-register": "JobRegistered",
  "job-deregister": "JobDeregistered",
  "deployment-status": "JobRegistered",
};

const allocationTypes: Partial<Record<TransactionKind, string>> = {
  plan: "PlanResult",
  "allocation-transition": "AllocationUpdateDesiredStatus",
};

const deploymentTypes: Partial<Record<TransactionKind, string>> = {
  plan: "PlanResult",
  "deployment-promotion": "DeploymentPromotion",
  "deployment-health": "DeploymentAllocHealth",
};

const nodeTypes: Partial<Record<TransactionKind, string>> = {
  "node-register": "NodeRegistration",
  "node-eligibility": "NodeEligibility",
  "node-drain": "NodeDrain",
};

const sayings: Partial<Record<TableName, Say>> = {
  jobs: (_state, change, kind) => {
    const record = rowOf<"jobs">(change);
    const type = change.value ? jobTypes[kind] : "JobDeregistered";
    // A new status, or another version found stable, is no registration.
    const isSame =
      change.value && (change.before as typeof record | undefined)?.job.version === record.job.version;
    if (!type || isSame) return undefined;
    const { job } = record;
    return {
      topic: "Job",
      type,
      key: job.id,
      namespace: job.project,
      payload: withServerFields(record, job.specIndex),
    };
  },
  evaluations: (state, change, kind) => {
    const one = rowOf<"evaluations">(change);
    if (!change.value) return undefined;
    return {
      topic: "Evaluation",
      type: kind === "plan" ? "PlanResult" : "EvaluationUpdated",
      key: one.id,
      namespace: one.project,
      filterKeys: [one.jobId, one.deploymentId],
      payload: evaluationShape(state, one),
    };
  },
  allocations: (state, change, kind) => {
    const one = rowOf<"allocations">(change);
    if (!change.value) return undefined;
    return {
      topic: "Allocation",
      type: allocationTypes[kind] ?? "AllocationUpdated",
      key: one.id,
      namespace: one.project,
      filterKeys: [one.jobId, one.deploymentId],
      payload: bareAllocation(state, one),
    };
  },
  deployments: (state, change, kind) => {
    const one = rowOf<"deployments">(change);
    if (!change.value) return undefined;
    return {
      topic: "Deployment",
      type: deploymentTypes[kind] ?? "DeploymentStatusUpdate",
      key: one.id,
      namespace: one.project,
      filterKeys: [one.jobId],
      payload: deploymentShape(state, one),
    };
  },
  nodes: (state, change, kind) => ({
    topic: "Node",
    type: change.value ? (nodeTypes[kind] ?? "NodeStreamEvent") : "NodeDeregistration",
    key: change.id,
    filterKeys: [rowOf<"nodes">(change).pool],
    payload: nodeShape(state, rowOf<"nodes">(change)),
  }),
  pools: (state, change) => ({
    topic: "NodePool",
    type: change.value ? "NodePoolUpserted" : "NodePoolDeleted",
    key: change.id,
    payload: poolShape(state, rowOf<"pools">(change)),
  }),
  services: (state, change) => {
    const one = rowOf<"services">(change);
    return {
      topic: "Service",
      type: change.value ? "ServiceRegistration" : "ServiceDeregistration",
      key: one.id,
      namespace: one.project,
      filterKeys: [one.name, one.jobId, one.allocationId, one.nodeId],
      payload: serviceShape(state, one),
    };
  },
  /** What a variable holds stays out of it. */
  variables: (state, change) => {
    const one = rowOf<"variables">(change);
    return {
      topic: "Variable",
      type: change.value ? "VariableUpdated" : "VariableDeleted",
      key: one.path,
      namespace: one.project,
      payload: variableStub(state, one),
    };
  },
  tokens: (state, change) => ({
    topic: "ACLToken",
    type: change.value ? "ACLTokenUpserted" : "ACLTokenDeleted",
    key: change.id,
    payload: tokenShape(state, rowOf<"tokens">(change)),
  }),
  policies: (state, change) => ({
    topic: "ACLPolicy",
    type: change.value ? "ACLPolicyUpserted" : "ACLPolicyDeleted",
    key: change.id,
    payload: policyShape(state, rowOf<"policies">(change)),
  }),
  roles: (state, change) => ({
    topic: "ACLRole",
    type: change.value ? "ACLRoleUpserted" : "ACLRoleDeleted",
    key: change.id,
    payload: roleShape(state, rowOf<"roles">(change)),
  }),
};
