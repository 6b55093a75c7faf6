import type { Indexes, List } from "./json.ts";

/** All services of a namespace. After https://developer.hashicorp.com/nomad/api-docs/services. */
export interface ServiceList {
  readonly Namespace: string;
  readonly Services: List<{ readonly ServiceName: string; readonly Tags: List<string> }>;
}

/** One address of a service. */
export interface ServiceRegistration extends Indexes {
  readonly ID: string;
  readonly ServiceName: string;
  readonly Namespace: string;
  readonly NodeID: string;
  readonly Datacenter: string;
  readonly JobID: string;
  readonly AllocID: string;
  readonly Tags: List<string>;
  readonly Address: string;
  readonly Port: number;
}
