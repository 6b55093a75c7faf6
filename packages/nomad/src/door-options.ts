import type { Control } from "@fractus/control/control.ts";
import type { Json } from "@fractus/control/state/records.ts";
import type { Capabilities } from "@fractus/hcl/functions/standard.ts";
import type { LogFeed } from "./log-feed.ts";

/** What the door needs to know and to reach. */
export interface DoorOptions {
  readonly control: Control;
  /** Of the process that serves: as other servers would call it. */
  readonly name: string;
  readonly version: string;
  readonly region: string;
  /** The datacenter of the server itself. */
  readonly zone: string;
  /** Where the door listens, without a scheme. */
  readonly address: { readonly host: string; readonly port: number };
  /** What the functions of job files may do that are parsed here: never read files of the server. */
  readonly capabilities: Capabilities;
  readonly acl: { readonly isRequired: boolean };
  /** Whose pages may send requests beside those of this server itself: `https://cloud.example`. */
  readonly trustedOrigins?: readonly string[];
  /** The log of this process, for `agent/monitor`; without it that call says that there is none. */
  readonly logFeed?: LogFeed;
  /** The configuration as `agent/self` shows it, without secrets. */
  readonly configuration?: Json;
  /** The process around the door: where it is, and its front doors. Without it those calls answer 501. */
  readonly cloud?: { status(): Json; doors(): readonly Json[] };
  readonly log: (line: string, fields?: Json) => void;
}
