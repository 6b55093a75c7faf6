import type { Dictionary, Indexes } from "./json.ts";

/** After https://developer.hashicorp.com/nomad/api-docs/namespaces. */
export interface Namespace extends Indexes {
  readonly Name: string;
  readonly Description: string;
  readonly Quota: string;
  readonly Meta: Dictionary<string>;
}
