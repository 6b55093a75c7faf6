/** What people have been told, and whether it is still so. */
import { ApiError } from "@fractus/client/error.ts";
import type { Client } from "@fractus/client/client.ts";
import { Account } from "./account.ts";

export interface JobState {
  /** Tells one registration from another. */
  readonly marker: string;
  readonly count: number;
  readonly isStopped: boolean;
  /** Absent while nobody has been told. */
  readonly version?: number;
  readonly index?: number;
}

export interface VariableState {
  readonly value: string;
  readonly index?: number;
}

export interface NodeState {
  readonly isEligible: boolean;
}

export class Ledger {
  readonly jobs = new Map<string, Account<JobState>>();
  readonly variables = new Map<string, Account<VariableState>>();
  /** By name. */
  readonly nodes = new Map<string, Account<NodeState>>();
  /** By idempotency token: the job that was made; absent while the request has no answer. */
  readonly dispatches = new Map<string, string | undefined>();

  job = (id: string): Account<JobState> => accountOf(this.jobs, id);
  variable = (path: string): Account<VariableState> => accountOf(this.variables, path);
  node = (name: string): Account<NodeState> => accountOf(this.nodes, name);

  /** What is not as it was acknowledged, in words. */
  async compare(client: Client): Promise<string[]> {
    const nodes = await client.nodes.list();
    return [
      ...(await compareAll(this.jobs, "job", (id) => jobState(client, id), isSameJob)),
      ...(await compareAll(
        this.variables,
        "variable",
        (path) => variableState(client, path),
        isSameVariable,
      )),
      ...(await compareAll(
        this.nodes,
        "node",
        async (name) => {
          const node = nodes.find((one) => one.Name === name);
          return node && { isEligible: node.SchedulingEligibility === "eligible" };
        },
        (one, found) => one.isEligible === found.isEligible,
      )),
    ];
  }
}

function accountOf<T>(accounts: Map<string, Account<T>>, key: string): Account<T> {
  const account = accounts.get(key) ?? new Account<T>();
  accounts.set(key, account);
  return account;
}

async function compareAll<T>(
  accounts: ReadonlyMap<string, Account<T>>,
  noun: string,
  look: (key: string) => Promise<T | undefined>,
  isSame: (possible: T, found: T) => boolean,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const [key, account] of accounts) {
    const words = account.found(await look(key), isSame);
    if (words) wrong.push(`what was acknowledged is not there: ${noun} ${key} is ${words}`);
  }
  return wrong;
}

function jobState(client: Client, id: string): Promise<JobState | undefined> {
  return unlessAbsent(async () => {
    const job = await client.jobs.get(id);
    return {
      marker: job.Meta?.["marker"] ?? "",
      count: job.TaskGroups?.[0]?.Count ?? 0,
      isStopped: job.Stop,
      version: job.Version,
      index: job.JobModifyIndex,
    };
  });
}

function variableState(client: Client, path: string): Promise<VariableState | undefined> {
  return unlessAbsent(async () => {
    const { Items, ModifyIndex } = await client.variables.get(path);
    return { value: Items?.["value"] ?? "", index: ModifyIndex };
  });
}

async function unlessAbsent<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

function isSameJob(one: JobState, found: JobState): boolean {
  return (
    one.marker === found.marker &&
    one.count === found.count &&
    one.isStopped === found.isStopped &&
    (one.version ?? found.version) === found.version &&
    (one.index ?? found.index) === found.index
  );
}

function isSameVariable(one: VariableState, found: VariableState): boolean {
  return one.value === found.value && (one.index ?? found.index) === found.index;
}
