/** What Fractus answers beyond Nomad's API. */
import type { List } from "./json.ts";

export interface FractusStatus {
  readonly Version: string;
  readonly DataDirectory: string;
  /** RFC 3339 */
  readonly StartedAt: string;
  readonly Addresses: List<{ readonly Name: string; readonly Url: string }>;
  readonly Nodes: number;
  readonly Jobs: number;
  readonly Allocations: number;
}

/** A front-door address, and who stands behind it. */
export interface FrontDoor {
  readonly Name: string;
  readonly Url: string;
  readonly Backends: List<{
    readonly ID: string;
    readonly Address: string;
    readonly Port: number;
    readonly Healthy: boolean;
  }>;
}

/** Why the copies of each group are where they are, or nowhere. */
export interface Why {
  readonly Groups: List<{ readonly Name: string; readonly Lines: List<string> }>;
}

/** Moves that would make better use of the nodes. */
export interface Rebalance {
  readonly Moves: List<{
    readonly AllocID: string;
    readonly Name: string;
    readonly From: string;
    readonly To: string;
    readonly Gain: number;
  }>;
}
