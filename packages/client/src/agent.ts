import type { Http, Query } from "./http.ts";
import { jsonValues } from "./ndjson.ts";
import type { AgentHealth, AgentSelf, Members } from "./types/agent.ts";
import type { FractusStatus } from "./types/fractus.ts";

export type Agent = ReturnType<typeof agent>;

/** `/v1/agent` and `/v1/status`. After https://developer.hashicorp.com/nomad/api-docs/agent. */
export const agent = (http: Http) => ({
  self: (query?: Query) => http.get<AgentSelf>("/agent/self", query),
  members: (query?: Query) => http.get<Members>("/agent/members", query),
  health: (query?: Query) => http.get<AgentHealth>("/agent/health", query),
  leader: (query?: Query) => http.get<string>("/status/leader", query),
  peers: (query?: Query) => http.get<readonly string[]>("/status/peers", query),
  regions: (query?: Query) => http.get<readonly string[]>("/regions", query),

  /** What runs here, since when and where; an extension of Fractus. */
  status: (query?: Query) => http.get<FractusStatus>("/fractus/status", query),

  /** The log of the server as it is written, until the signal ends it. */
  async *monitor(options: { readonly logLevel?: string } = {}, query: Query = {}): AsyncGenerator<string> {
    const response = await http.send("GET", "/agent/monitor", {
      ...query,
      parameters: { log_level: options.logLevel ?? "info" },
    });
    if (!response.body) return;
    const decoder = new TextDecoder();
    for await (const value of jsonValues(response.body)) {
      const { Data: data = "" } = value as { Data?: string };
      const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
      if (bytes.length > 0) yield decoder.decode(bytes, { stream: true });
    }
  },
});
