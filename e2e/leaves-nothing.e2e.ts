/** `fractus down` leaves the machine as it was: processes, mounts, namespaces, packet filters, cgroups, ports. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { eventually, endCloud, startCloud, withCloudFolder } from "./start-cloud.ts";

const isRoot = process.getuid!() === 0;

/** Lines by what they are about. */
type Machine = Readonly<Record<string, readonly string[]>>;

function look(): Machine {
  return {
    mounts: readFileSync("/proc/self/mounts", "utf8").split("\n"),
    namespaces: namespaces(),
    tables: tool("nft", "list", "tables").split("\n"),
    cgroups: cgroups("/sys/fs/cgroup"),
    links: tool("ip", "-o", "link")
      .split("\n")
      .map((line) => line.split(": ")[1] ?? ""),
    listeners: listeners(),
  };
}

/** What was not there before. */
function added(before: Machine, after: Machine): Machine {
  const news = Object.entries(after).map(
    ([about, lines]) => [about, lines.filter((line) => !before[about].includes(line))] as const,
  );
  return Object.fromEntries(news.filter(([, lines]) => lines.length > 0));
}

/** Those that any process lives in; a process that ends meanwhile is left out. */
function namespaces(): string[] {
  const found = new Set<string>();
  for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    for (const kind of ["mnt", "pid", "net", "ipc", "uts", "user"]) {
      try {
        found.add(readlinkSync(`/proc/${pid}/ns/${kind}`));
      } catch {
        continue;
      }
    }
  }
  return [...found];
}

function cgroups(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => [join(directory, entry.name), ...cgroups(join(directory, entry.name))]);
}

function listeners(): string[] {
  const lines = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) =>
    existsSync(path) ? readFileSync(path, "utf8").split("\n") : [],
  );
  return lines.filter((line) => line.includes(" 0A ")).map((line) => line.trim().split(/\s+/)[1]);
}

function tool(name: string, ...words: string[]): string {
  try {
    return execFileSync(name, words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return "";
  }
}

const job = `
job "some" {
  group "all" {
    count = 3
    network {
      port "http" {}
    }
    service {
      name     = "some"
      port     = "http"
      provider = "nomad"
      tags     = ["fractus.port=0"]
    }
    task "sleep" {
      driver = "${isRoot ? "exec" : "raw_exec"}"
      config {
        command = "/bin/sh"
        args    = ["-c", "sleep 1000 & sleep 1000 & wait"]
      }
      resources {
        cpu    = 20
        memory = 20
      }
    }
  }
}`;

for (const how of ["Ctrl-C", "down after kill -9"] as const) {
  test(`down: ${how} leaves nothing behind`, () =>
    withCloudFolder(async (dataDirectory) => {
      const before = look();
      const cloud = await startCloud({ dataDirectory, args: ["--nodes", "2", "--join-port", "0"] });
      const file = join(dataDirectory, "some.nomad.hcl");
      writeFileSync(file, job);
      const ran = cloud.fractus("job", "run", "-detach", file);
      assert.equal(ran.code, 0, ran.stderr);
      const isRunning = async () => {
        const all = await cloud.get<{ ClientStatus: string }[]>("/v1/job/some/allocations");
        return all.filter((one) => one.ClientStatus === "running").length === 3;
      };
      await eventually("all run", isRunning);
      if (isRoot)
        assert.notDeepEqual(look().namespaces, before.namespaces, "there is something to leave behind");
      if (how === "Ctrl-C") await cloud.stop();
      else {
        await cloud.kill();
        endCloud(dataDirectory);
      }
      assert.deepEqual(added(before, look()), {});
      assert.deepEqual(processesAbout(dataDirectory), []);
    }));
}

function processesAbout(text: string): string[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        return "";
      }
    })
    .filter((line) => line.includes(text));
}
