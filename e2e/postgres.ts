import { execFileSync, spawn } from "node:child_process";
import { chownSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface RunningPostgres {
  /** A fresh, empty database; every call makes another. */
  database(): string;
  stop(): Promise<void>;
}

/** The folder of Debian's PostgreSQL programs, which are not on the path. */
export function postgresPrograms(): string | undefined {
  return globSync("/usr/lib/postgresql/*/bin").sort().at(-1);
}

/** Starts a PostgreSQL server in a folder of its own that answers on a Unix socket there, and nowhere else. */
export async function startPostgres(): Promise<RunningPostgres> {
  const programs = postgresPrograms();
  if (programs === undefined) throw new Error("PostgreSQL is not installed.");
  const directory = mkdtempSync(join(tmpdir(), "postgres-"));
  const user = process.getuid!() === 0 ? unprivileged() : undefined;
  if (user) chownSync(directory, user.uid, user.gid);
  const data = join(directory, "data");
  execFileSync(
    join(programs, "initdb"),
    ["-D", data, "-U", "test", "-A", "trust", "-E", "UTF8", "--no-sync"],
    { ...user, cwd: directory, stdio: "ignore" },
  );
  const server = spawn(join(programs, "postgres"), ["-D", data, "-k", directory, "-c", "listen_addresses="], {
    ...user,
    cwd: directory,
    stdio: "ignore",
  });
  const ended = new Promise<void>((resolve) => server.once("close", () => resolve()));
  const psql = (database: string, text: string) =>
    execFileSync(join(programs, "psql"), ["-h", directory, "-U", "test", "-d", database, "-c", text], {
      stdio: "ignore",
    });
  await untilAnswers(() => psql("postgres", "select 1"));
  let count = 0;
  return {
    database() {
      count += 1;
      psql("postgres", `create database test${count}`);
      return `postgresql://test@${encodeURIComponent(directory)}/test${count}`;
    },
    async stop() {
      server.kill("SIGINT");
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root. */
function unprivileged(): { readonly uid: number; readonly gid: number } {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((each) => each.startsWith("postgres:"));
  const [, , uid, gid] = (line ?? "nobody:x:65534:65534").split(":");
  return { uid: Number(uid), gid: Number(gid) };
}

async function untilAnswers(ask: () => void): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return ask();
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
