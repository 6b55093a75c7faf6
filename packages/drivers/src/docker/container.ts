/** What an image and a task together say about how the process is run, as Docker puts the two together. */
import { Refusal } from "@fractus/core/refusal.ts";
import { readFileSync } from "node:fs";
import { lookup } from "../oci/layer-view.ts";
import type { Layers } from "../oci/layer-view.ts";
import type { ImageConfig } from "../oci/manifest.ts";
import type { DockerSettings } from "./settings.ts";

/**
 * Entrypoint and command: https://docs.docker.com/reference/dockerfile/#understand-how-cmd-and-entrypoint-interact.
 * An entrypoint of the task's puts both of the image's out of force.
 */
export function commandLine(
  image: Pick<ImageConfig, "entrypoint" | "command">,
  { entrypoint, command, args }: Pick<DockerSettings, "entrypoint" | "command" | "args">,
): readonly string[] {
  const own = command === undefined ? args : [command, ...(args ?? [])];
  const isReplaced = (entrypoint?.length ?? 0) > 0;
  const first = isReplaced ? (entrypoint ?? []) : image.entrypoint;
  const argv = [...first, ...(own ?? (isReplaced ? [] : image.command))];
  if (argv.length === 0)
    throw new Refusal("invalid", "docker: neither the image nor the task says what is to be run.");
  return argv;
}

/** The image's variables, and over them the task's. */
export function environment(
  image: readonly string[],
  task: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const own = image.flatMap((line) => {
    const equals = line.indexOf("=");
    return equals > 0 ? [[line.slice(0, equals), line.slice(equals + 1)] as const] : [];
  });
  return { ...Object.fromEntries(own), ...task };
}

export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  readonly name?: string;
  /** Numbers of further groups. */
  readonly groups: readonly number[];
}

/** `name`, `uid`, each with `:group` or without, by the image's own accounts. Root if nothing is said. */
export function containerUser(wanted: string, layers: Layers, more: readonly string[] = []): ContainerUser {
  const [account, group] = (wanted === "" ? "0" : wanted).split(":");
  const users = accounts(layers, "/etc/passwd");
  const groups = accounts(layers, "/etc/group");
  const isNumber = /^\d{1,9}$/.test(account);
  const user = users.find(([name, , uid]) => (isNumber ? uid === account : name === account));
  if (!user && !isNumber)
    throw new Refusal("invalid", `There is no user ${JSON.stringify(account)} in the image.`);
  const groupNumber = (name: string) => {
    const found = groups.find(([each, , gid]) => each === name || gid === name)?.[2] ?? name;
    if (!/^\d{1,9}$/.test(found))
      throw new Refusal("invalid", `There is no group ${JSON.stringify(name)} in the image.`);
    return Number(found);
  };
  const uid = Number(user?.[2] ?? account);
  const gid = group === undefined ? Number(user?.[3] ?? 0) : groupNumber(group);
  const member = groups.filter(([, , , members = ""]) => user && members.split(",").includes(user[0]));
  const further = group === undefined ? member.map(([, , number]) => Number(number)) : [];
  return {
    uid,
    gid,
    ...(user && { name: user[0] }),
    groups: [...new Set([...further, ...more.map(groupNumber)])].filter(Number.isSafeInteger),
  };
}

const longestAccounts = 1024 * 1024;

function accounts(layers: Layers, path: string): string[][] {
  const found = lookup(layers, path);
  if (!found?.stat.isFile() || found.stat.size > longestAccounts) return [];
  return readFileSync(found.hostPath, "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .filter(([name, , number]) => name !== "" && /^\d{1,9}$/.test(number ?? ""));
}

/** What Docker leaves to root in a container, without `net_raw`, as Nomad has it. */
export const usualCapabilities: readonly string[] =
  "audit_write chown dac_override fowner fsetid kill mknod net_bind_service setfcap setgid setpcap setuid sys_chroot".split(
    " ",
  );

/** Those that may be added: none of them opens the machine. `all` and the others are for privileged tasks. */
const addable: readonly string[] = [...usualCapabilities, "net_raw", "ipc_lock", "sys_nice"];

/** https://man7.org/linux/man-pages/man7/capabilities.7.html */
const allCapabilities: readonly string[] =
  "audit_control audit_read audit_write block_suspend bpf checkpoint_restore chown dac_override dac_read_search fowner fsetid ipc_lock ipc_owner kill lease linux_immutable mac_admin mac_override mknod net_admin net_bind_service net_broadcast net_raw perfmon setfcap setgid setpcap setuid sys_admin sys_boot sys_chroot sys_module sys_nice sys_pacct sys_ptrace sys_rawio sys_resource sys_time sys_tty_config syslog wake_alarm".split(
    " ",
  );

/** Lower case, without `CAP_`. Refuses one that is none, or that would open the machine. */
export function capabilities({
  capAdd,
  capDrop,
  isPrivileged,
}: Pick<DockerSettings, "capAdd" | "capDrop" | "isPrivileged">): readonly string[] {
  const name = (word: string) => word.toLowerCase().replace(/^cap_/, "");
  for (const word of [...capAdd, ...capDrop])
    if (name(word) !== "all" && !allCapabilities.includes(name(word)))
      throw new Refusal("invalid", `docker: there is no capability ${JSON.stringify(word)}.`);
  const forbidden = capAdd.find((word) => !addable.includes(name(word)));
  if (forbidden !== undefined && !isPrivileged)
    throw new Refusal(
      "invalid",
      `docker: cap_add of ${JSON.stringify(forbidden)} is not allowed: it opens the machine.`,
    );
  const dropped = new Set(capDrop.map(name));
  const usual = isPrivileged ? allCapabilities : dropped.has("all") ? [] : usualCapabilities;
  return [...new Set([...usual, ...capAdd.map(name)])]
    .filter((each) => each !== "all" && !dropped.has(each))
    .sort();
}
