/** After https://developer.hashicorp.com/nomad/api-docs/agent. */
import type { Dictionary, List } from "./json.ts";

export interface Member {
  readonly Name: string;
  readonly Addr: string;
  readonly Port: number;
  readonly Status: string;
  readonly Tags: Dictionary<string>;
  readonly ProtocolCur?: number;
}

export interface Members {
  readonly ServerName: string;
  readonly ServerRegion: string;
  readonly ServerDC: string;
  readonly Members: List<Member>;
}

export interface AgentSelf {
  readonly config: Readonly<Record<string, unknown>>;
  readonly member: Member;
  readonly stats: Dictionary<Dictionary<string>>;
}

export interface AgentHealth {
  readonly client?: { readonly ok: boolean; readonly message: string };
  readonly server?: { readonly ok: boolean; readonly message: string };
}
