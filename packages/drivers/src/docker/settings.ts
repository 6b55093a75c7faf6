/**
 * The settings of a `docker` task, as job files have them: https://developer.hashicorp.com/nomad/docs/drivers/docker#task-configuration
 * What is not understood is refused by name. Three say something about the container and change nothing
 * here: `labels`, `logging` (output goes to the task's own log files) and `healthchecks`.
 */
import { Refusal } from "@fractus/core/refusal.ts";
import type { Credentials } from "../oci/registry.ts";

export interface DockerSettings {
  readonly image: string;
  /** An archive below the task's `local`. */
  readonly load?: string;
  readonly command?: string;
  readonly args?: readonly string[];
  /** Takes the place of the image's, and of its command. */
  readonly entrypoint?: readonly string[];
  /** Labels of ports that are published. */
  readonly ports: readonly string[];
  /** By label, the port that is listened on inside. */
  readonly portMap: Readonly<Record<string, number>>;
  readonly networkMode: NetworkMode;
  readonly volumes: readonly VolumeSetting[];
  readonly hostname?: string;
  readonly workDirectory?: string;
  readonly credentials?: Credentials;
  readonly isAuthSoft: boolean;
  readonly isPullForced: boolean;
  readonly pullTimeoutMs: number;
  readonly isPrivileged: boolean;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  /** `nofile` to `1024:2048`. */
  readonly ulimits: Readonly<Record<string, string>>;
  readonly shmBytes: number;
  /** `name:address` */
  readonly extraHosts: readonly string[];
  readonly dnsServers: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly dnsOptions: readonly string[];
  readonly isRootReadOnly: boolean;
  readonly maxProcesses?: number;
  readonly memoryMaxBytes?: number;
  readonly groups: readonly string[];
}

/** `default` is the machine's network, unless a port is mapped to another one inside. */
export type NetworkMode = "default" | "host" | "bridge" | "none";

export type VolumeSetting =
  | { readonly kind: "bind"; readonly source: string; readonly target: string; readonly isReadOnly: boolean }
  | { readonly kind: "tmpfs"; readonly target: string; readonly sizeBytes: number; readonly mode: number };

const mebibyte = 1024 * 1024;

/** Refuses what is missing, of a wrong type, not supported or unknown, by its name. */
export function readSettings(config: Readonly<Record<string, unknown>>): DockerSettings {
  for (const [name, value] of Object.entries(config)) checkKnown(name, value);
  const image = text(config, "image");
  if (image === undefined) throw wrong("there is no image.");
  const auth = readAuth(config);
  return {
    image,
    ...optional("load", text(config, "load")),
    ...optional("command", text(config, "command")),
    ...optional("args", texts(config, "args")),
    ...optional("entrypoint", texts(config, "entrypoint")),
    ports: texts(config, "ports") ?? [],
    portMap: readPortMap(config),
    networkMode: readNetworkMode(config),
    volumes: [...(texts(config, "volumes") ?? []).map(readVolume), ...readMounts(config)],
    ...optional("hostname", readHostname(config)),
    ...optional("workDirectory", text(config, "work_dir")),
    ...optional("credentials", auth),
    isAuthSoft: flag(config, "auth_soft_fail"),
    isPullForced: flag(config, "force_pull"),
    pullTimeoutMs: duration(config, "image_pull_timeout") ?? 5 * 60_000,
    isPrivileged: flag(config, "privileged"),
    capAdd: texts(config, "cap_add") ?? [],
    capDrop: texts(config, "cap_drop") ?? [],
    ulimits: readUlimits(config),
    shmBytes: number(config, "shm_size") ?? 64 * mebibyte,
    extraHosts: (texts(config, "extra_hosts") ?? []).map(checkExtraHost),
    dnsServers: (texts(config, "dns_servers") ?? []).map((each) => plainWord("dns_servers", each)),
    dnsSearch: (texts(config, "dns_search_domains") ?? []).map((each) =>
      plainWord("dns_search_domains", each),
    ),
    dnsOptions: (texts(config, "dns_options") ?? []).map((each) => plainWord("dns_options", each)),
    isRootReadOnly: flag(config, "readonly_rootfs"),
    ...optional("maxProcesses", number(config, "pids_limit") || undefined),
    ...optional("memoryMaxBytes", scaled(number(config, "memory_hard_limit"), mebibyte)),
    groups: texts(config, "group_add") ?? [],
  };
}

const known = new Set(
  "image load command args entrypoint ports port_map network_mode volumes mount mounts hostname work_dir auth auth_soft_fail force_pull image_pull_timeout privileged cap_add cap_drop ulimit shm_size extra_hosts dns_servers dns_search_domains dns_options readonly_rootfs pids_limit memory_hard_limit group_add labels logging healthchecks".split(
    " ",
  ),
);

/** Only with these values, which are what happens anyway. */
const fixed: Readonly<Record<string, readonly unknown[]>> = {
  init: [true, false],
  interactive: [false],
  tty: [false],
  ipc_mode: ["", "private", "none"],
  pid_mode: ["", "private"],
  uts_mode: ["", "private"],
  userns_mode: ["", "host"],
  cgroupns: ["", "private"],
  isolation: ["", "default"],
  advertise_ipv6_address: [false],
  security_opt: [[], ["no-new-privileges"], ["no-new-privileges:true"], ["no-new-privileges=true"]],
};

function checkKnown(name: string, value: unknown): void {
  if (known.has(name)) return;
  const values = fixed[name];
  if (values === undefined)
    throw wrong(`there is no setting ${JSON.stringify(name)}, or it is not supported.`);
  const written = JSON.stringify(value);
  if (!values.some((each) => JSON.stringify(each) === written || String(each) === value))
    throw wrong(
      `${JSON.stringify(name)} can only be ${values.map((each) => JSON.stringify(each)).join(" or ")} here.`,
    );
}

type Config = Readonly<Record<string, unknown>>;

function text(config: Config, name: string): string | undefined {
  const value = config[name];
  if (value === undefined || value === "") return undefined;
  if (typeof value !== "string" || value.includes("\0")) throw wrong(`${name} must be a text.`);
  return value;
}

function texts(config: Config, name: string): readonly string[] | undefined {
  const value = config[name];
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string"))
    throw wrong(`${name} must be a list of texts.`);
  return value;
}

function flag(config: Config, name: string): boolean {
  const value = config[name] ?? false;
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  throw wrong(`${name} must be true or false.`);
}

function number(config: Config, name: string): number | undefined {
  const value = config[name];
  return value === undefined ? undefined : wholeNumber(name, value);
}

/** What was interpolated is a text. */
function wholeNumber(name: string, value: unknown): number {
  const count = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof count !== "number" || !Number.isSafeInteger(count) || count < 0)
    throw wrong(`${name} must be a whole number.`);
  return count;
}

function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined || value === 0 ? undefined : value * factor;
}

function duration(config: Config, name: string): number | undefined {
  const value = text(config, name);
  if (value === undefined) return undefined;
  const [, digits, unit] = /^(\d{1,9})(ms|s|m|h)$/.exec(value) ?? [];
  if (digits === undefined) throw wrong(`${name} must be a duration such as "5m".`);
  return Number(digits) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit as "ms"];
}

/** A block, however often it is written, or a map: one table. */
function table(config: Config, name: string): Record<string, unknown> {
  return Object.assign({}, ...blocks(config, name)) as Record<string, unknown>;
}

function blocks(config: Config, name: string): Record<string, unknown>[] {
  const value = config[name] ?? [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every((each) => typeof each === "object" && each !== null && !Array.isArray(each)))
    throw wrong(`${name} must be a block.`);
  return list as Record<string, unknown>[];
}

function readAuth(config: Config): Credentials | undefined {
  const auth = table(config, "auth");
  checkNames("auth", auth, ["username", "password", "email", "server_address"]);
  const [username, password] = [text(auth, "username"), text(auth, "password")];
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined || password === undefined) throw wrong("auth needs a username and a password.");
  return { username, password };
}

function checkNames(block: string, value: object, allowed: readonly string[]): void {
  const unknown = Object.keys(value).find((name) => !allowed.includes(name));
  if (unknown !== undefined)
    throw wrong(`there is no setting ${JSON.stringify(unknown)} in ${block}, or it is not supported.`);
}

function readPortMap(config: Config): Record<string, number> {
  const entries = Object.entries(table(config, "port_map"));
  return Object.fromEntries(
    entries.map(([label, value]) => {
      const port = wholeNumber(`port_map.${label}`, value);
      if (port < 1 || port > 65_535) throw wrong(`port_map.${label} is no port.`);
      return [label, port];
    }),
  );
}

function readNetworkMode(config: Config): NetworkMode {
  const mode = text(config, "network_mode") ?? "default";
  if (mode === "default" || mode === "host" || mode === "bridge" || mode === "none") return mode;
  throw wrong(`network_mode ${JSON.stringify(mode)} is not supported: there are host, bridge and none.`);
}

function readHostname(config: Config): string | undefined {
  const name = text(config, "hostname");
  if (name !== undefined && !/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,62})$/.test(name))
    throw wrong(`hostname ${JSON.stringify(name)} is none.`);
  return name;
}

/** `source:target[:ro|rw]`; relative sources count from the task's directory. */
function readVolume(value: string): VolumeSetting {
  const [source, target, mode = "rw", ...more] = value.split(":");
  const options = mode.split(",");
  const unknown = options.find((option) => !["ro", "rw", "z", "Z"].includes(option));
  if (!source || !target?.startsWith("/") || more.length > 0 || unknown !== undefined)
    throw wrong(
      `the volume ${JSON.stringify(value)} is not of the form "source:/target" or "source:/target:ro".`,
    );
  return { kind: "bind", source, target, isReadOnly: options.includes("ro") };
}

function readMounts(config: Config): VolumeSetting[] {
  return [...blocks(config, "mount"), ...blocks(config, "mounts")].map((mount) => {
    checkNames("mount", mount, ["type", "target", "source", "readonly", "bind_options", "tmpfs_options"]);
    const target = text(mount, "target");
    if (!target?.startsWith("/")) throw wrong("a mount needs a target that begins with a slash.");
    const type = text(mount, "type") ?? "volume";
    if (type === "tmpfs") return tmpfs(target, table(mount, "tmpfs_options"));
    if (type !== "bind")
      throw wrong(`a mount of the type ${JSON.stringify(type)} is not supported: there are bind and tmpfs.`);
    checkNames("bind_options", table(mount, "bind_options"), []);
    const source = text(mount, "source");
    if (source === undefined) throw wrong(`the mount at ${JSON.stringify(target)} needs a source.`);
    return { kind: "bind", source, target, isReadOnly: flag(mount, "readonly") };
  });
}

function tmpfs(target: string, options: Record<string, unknown>): VolumeSetting {
  checkNames("tmpfs_options", options, ["size", "mode"]);
  const sizeBytes = number(options, "size") ?? 64 * mebibyte;
  return { kind: "tmpfs", target, sizeBytes, mode: number(options, "mode") ?? 0o1777 };
}

/** Those that `prlimit` and Docker both know. */
const ulimitNames =
  "core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split(
    " ",
  );

function readUlimits(config: Config): Record<string, string> {
  const limits = Object.entries(table(config, "ulimit"));
  return Object.fromEntries(
    limits.map(([name, value]) => {
      const [, soft, hard] = /^(-1|\d{1,15})(?::(-1|\d{1,15}))?$/.exec(String(value)) ?? [];
      if (!ulimitNames.includes(name) || soft === undefined)
        throw wrong(`ulimit ${name} = ${JSON.stringify(value)} is not of the form nofile = "1024:2048".`);
      const word = (limit: string) => (limit === "-1" ? "unlimited" : limit);
      return [name, `${word(soft)}:${word(hard ?? soft)}`];
    }),
  );
}

function checkExtraHost(value: string): string {
  if (!/^[A-Za-z0-9._-]+:[0-9a-fA-F:.]+$/.test(value))
    throw wrong(`the extra host ${JSON.stringify(value)} is not of the form "name:address".`);
  return value;
}

/** It becomes a word in a file that other programs read. */
function plainWord(name: string, value: string): string {
  if (!/^[A-Za-z0-9.:_%-]+$/.test(value)) throw wrong(`${JSON.stringify(value)} in ${name} is none.`);
  return value;
}

function optional<Name extends string, T>(name: Name, value: T | undefined): { [K in Name]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { [K in Name]?: T };
}

function wrong(words: string): Refusal {
  return new Refusal("invalid", `docker: ${words}`);
}
