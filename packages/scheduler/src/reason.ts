import type { Constraint } from "@fractus/core/job.ts";
import type { NodeStatus } from "@fractus/core/node.ts";
import type { ServerGroup } from "./ask.ts";

/**
 * One thing that keeps an instance off a node. All of them are found, not only the first, so that
 * one can tell which node is one change away.
 */
export type Reason =
  | { readonly kind: "gone" }
  | { readonly kind: "status"; readonly status: NodeStatus }
  | { readonly kind: "ineligible" }
  | { readonly kind: "draining" }
  | { readonly kind: "zone"; readonly zone: string; readonly wanted: readonly string[] }
  | { readonly kind: "pool"; readonly pool: string; readonly wanted: string }
  | { readonly kind: "constraint"; readonly constraint: Constraint; readonly actual: string | undefined }
  | { readonly kind: "driver-missing"; readonly driver: string }
  | { readonly kind: "driver-unhealthy"; readonly driver: string; readonly description: string | undefined }
  | { readonly kind: "device-missing"; readonly device: string; readonly wanted: number }
  | { readonly kind: "network-mode"; readonly mode: string }
  | { readonly kind: "host-network"; readonly alias: string }
  | { readonly kind: "volume-missing"; readonly volume: string }
  | { readonly kind: "volume-read-only"; readonly volume: string }
  | { readonly kind: "host-hint"; readonly wanted: readonly string[] }
  | { readonly kind: "host-excluded" }
  | { readonly kind: "same-node-as"; readonly instances: readonly string[] }
  | { readonly kind: "other-node-than"; readonly instance: string }
  | { readonly kind: "distinct-hosts"; readonly scope: "job" | "group" }
  | {
      readonly kind: "distinct-property";
      readonly attribute: string;
      readonly value: string;
      readonly limit: number;
    }
  | { readonly kind: "property-missing"; readonly attribute: string }
  | { readonly kind: "server-group"; readonly policy: ServerGroup["policy"]; readonly members: number }
  | Shortage;

/** What the node has too little of at the moment. */
export type Shortage =
  | AmountShortage
  | { readonly kind: "instances"; readonly most: number }
  | {
      readonly kind: "port-taken";
      readonly port: number;
      readonly label: string;
      readonly holder?: PortHolder;
    }
  | { readonly kind: "port-twice"; readonly port: number }
  | { readonly kind: "ports-used-up"; readonly wanted: number; readonly free: number }
  | {
      readonly kind: "devices-taken";
      readonly device: string;
      readonly wanted: number;
      readonly free: number;
    };

/** CPU in MHz, memory and disk in bytes, cores as a number. */
export interface AmountShortage {
  readonly kind: "cpu" | "memory" | "disk" | "cores";
  readonly wanted: number;
  readonly free: number;
  /** What the node would have if it were empty. */
  readonly room: number;
  /** By which CPU is told in cores where it was asked for in cores. */
  readonly mhzPerCore: number;
}

/** Who holds a port; a holder that the machine keeps it for has no job. */
export interface PortHolder {
  readonly job: string;
  readonly group: string;
  readonly id: string | undefined;
}
