/**
 * Every setting, as data: the command line, the environment, the configuration file, the help text and
 * `fractus config` all come from this table.
 */
import { availableParallelism } from "node:os";

/** What kind of value a setting has, and what may be said for it. */
export type Kind = "port" | "count" | "switch" | "text" | "path" | "megabytes" | "mhz";

export interface SettingSpec {
  readonly kind: Kind;
  readonly doc: string;
  /** How the default is shown. */
  readonly shown?: string;
  readonly fallback: () => string | number | boolean | undefined;
}

/** By the name in the configuration file; the flag has `-` for `_`, the environment `FRACTUS_` in front. */
export const specs = {
  data: { kind: "path", doc: "where everything is kept", fallback: () => ".fractus" },
  host: { kind: "text", doc: "the address to listen on", fallback: () => "127.0.0.1" },
  http_port: { kind: "port", doc: "where the cloud answers: HTTP API and dashboard", fallback: () => 4646 },
  port: { kind: "port", doc: "the front door of Fractals: gallery and API", fallback: () => 8080 },
  amqp_port: { kind: "port", doc: "where the message broker answers", fallback: () => 5672 },
  dns_port: {
    kind: "port",
    doc: "where NAME.service.fractus is answered, on loopback",
    fallback: () => 8600,
  },
  join_port: {
    kind: "port",
    doc: "where agents of other machines connect, by TLS; none unless given",
    shown: "none",
    fallback: () => undefined,
  },
  name: {
    kind: "text",
    doc: "the name of this machine's node",
    shown: "the host's",
    fallback: () => undefined,
  },
  zone: {
    kind: "text",
    doc: "the zone of this machine's nodes; job files say datacenter",
    fallback: () => "dc1",
  },
  pool: { kind: "text", doc: "the pool of this machine's nodes", fallback: () => "default" },
  class: { kind: "text", doc: "the class of this machine's nodes", shown: "none", fallback: () => "" },
  nodes: {
    kind: "count",
    doc: "how many nodes this machine plays, each with its share of it",
    fallback: () => 1,
  },
  store: {
    kind: "text",
    doc: "where rows are kept: sqlite:PATH or postgres://…",
    shown: "a SQLite file in the data directory",
    fallback: () => undefined,
  },
  fractals: { kind: "switch", doc: "run Fractals as a job", fallback: () => true },
  workers: {
    kind: "count",
    doc: "how many pictures are drawn at once",
    shown: "one per core",
    fallback: () => availableParallelism(),
  },
  demo: { kind: "switch", doc: "request some fractals on a first run", fallback: () => true },
  isolate: {
    kind: "switch",
    doc: "run Fractals in root file systems of its own where the machine allows it",
    shown: "yes as root",
    fallback: () => undefined,
  },
  local_artifacts: {
    kind: "switch",
    doc: "let jobs download from this machine's own addresses and read its files",
    fallback: () => false,
  },
  acl: {
    kind: "switch",
    doc: "refuse whoever has no token, even before the first one is made",
    fallback: () => false,
  },
} as const satisfies Record<string, SettingSpec>;

export type SettingName = keyof typeof specs;

/** A value and where it came from, in words: `default`, `FRACTUS_PORT`, `--port`, `fractus.hcl:3`. */
export interface Origin {
  readonly value: string | number | boolean | undefined;
  readonly origin: string;
}

/** Something named that the configuration file describes in a block: a node or a host volume. */
export interface NodeBlock {
  readonly name: string;
  readonly zone?: string;
  readonly pool?: string;
  readonly class?: string;
  readonly cpuMhz?: number;
  readonly cores?: number;
  readonly memoryBytes?: number;
  readonly diskBytes?: number;
  readonly meta: Readonly<Record<string, string>>;
}

export interface HostVolumeBlock {
  readonly name: string;
  readonly path: string;
  readonly isReadOnly: boolean;
}

/** What is in force. */
export interface Settings {
  readonly dataDirectory: string;
  readonly host: string;
  readonly httpPort: number;
  readonly port: number;
  readonly amqpPort: number;
  readonly dnsPort: number;
  readonly joinPort?: number;
  readonly name?: string;
  readonly zone: string;
  readonly pool: string;
  readonly class: string;
  /** At least one. */
  readonly nodes: readonly NodeBlock[] | number;
  readonly store?: string;
  readonly runsFractals: boolean;
  readonly workers: number;
  readonly demo: boolean;
  readonly isolate?: boolean;
  readonly localArtifacts: boolean;
  readonly acl: boolean;
  readonly hostVolumes: readonly HostVolumeBlock[];
  /** By the name of each setting. */
  readonly origins: Readonly<Record<SettingName, Origin>>;
}

/** How the flag of a setting is written. */
export function flagOf(name: SettingName): string {
  return `--${name.replaceAll("_", "-")}`;
}
