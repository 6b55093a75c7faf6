import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * Who listens on a port of this machine, as far as this process may see: `node (pid 123)`.
 * Source: https://man7.org/linux/man-pages/man5/proc_pid_net.5.html; other systems have no answer.
 */
export function portHolder(port: number, protocol: "tcp" | "udp" = "tcp"): string | undefined {
  const files = [`/proc/net/${protocol}`, `/proc/net/${protocol}6`];
  const inodes = new Set(files.flatMap((file) => boundInodes(file, port)));
  if (inodes.size === 0) return undefined;
  for (const pid of entriesOf("/proc").filter((name) => /^\d+$/.test(name))) {
    const links = entriesOf(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
    if (!links.some((link) => inodes.has(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? ""))) continue;
    return `${textOf(`/proc/${pid}/comm`).trim()} (pid ${pid})`;
  }
  return undefined;
}

/** Inodes of the sockets on that port in state LISTEN (0A), or bound and not connected (07) as UDP has it. */
function boundInodes(path: string, port: number): string[] {
  const rows = textOf(path).split("\n").slice(1);
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(suffix) && (state === "0A" || state === "07"))
    .map((columns) => columns[9]);
}

function textOf(path: string): string {
  return orElse("", () => readFileSync(path, "utf8"));
}

function entriesOf(path: string): string[] {
  return orElse([], () => readdirSync(path));
}

function linkOf(path: string): string {
  return orElse("", () => readlinkSync(path));
}

/** Processes come and go while one looks, and those of others do not show everything. */
function orElse<T>(otherwise: T, read: () => T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
