/** After https://developer.hashicorp.com/nomad/api-docs/events. */
import type { List } from "./json.ts";

export type Topic =
  | "Job"
  | "Evaluation"
  | "Allocation"
  | "Deployment"
  | "Node"
  | "NodePool"
  | "Service"
  | "Variable"
  | "Operator"
  | "*";

export interface Event {
  readonly Topic: Topic;
  /** `JobRegistered`, `AllocationUpdated`, …. */
  readonly Type: string;
  readonly Key: string;
  readonly Namespace: string;
  readonly FilterKeys: List<string>;
  readonly Index: number;
  /** The object under the name of its topic. */
  readonly Payload: Readonly<Record<string, unknown>>;
}

/** What one change brought about. */
export interface Events {
  readonly Index: number;
  readonly Events: readonly Event[];
}
