import type { Dictionary, Indexes } from "./json.ts";

/** After https://developer.hashicorp.com/nomad/api-docs/namespaces. */
export interface Namespace extends Indexes {
  readonly Name: string;
  readonly Description: string;
  /** Empty: there are no quotas with names, see `Limits`. */
  readonly Quota: string;
  readonly Meta: Dictionary<string>;
  readonly Capabilities?: {
    readonly EnabledTaskDrivers: readonly string[] | null;
    readonly DisabledTaskDrivers: readonly string[] | null;
  } | null;
  readonly Limits?: NamespaceLimits | null;
}

/** What the jobs of a namespace may ask for together; 0 or absent is no limit. Fractus's own. */
export interface NamespaceLimits {
  /** MHz */
  readonly CPU?: number;
  readonly MemoryBytes?: number;
  readonly Allocs?: number;
}
