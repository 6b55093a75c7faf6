import { spawn } from "node:child_process";
import { lstat, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Refusal } from "@fractus/core/refusal.ts";
import type { ArtifactSource } from "./artifact-source.ts";
import type { AddressPolicy } from "./source-address.ts";
import { checkedAddresses } from "./source-address.ts";
import { programPath } from "./unpack.ts";

const sizeBeatMs = 300;

/**
 * Clones a repository with the machine's git into a directory that is not there yet. Git gets no
 * configuration but ours: no hooks, no helpers, no redirects, no prompt, and for the host the addresses
 * that were checked.
 */
export async function cloneRepository(
  source: ArtifactSource,
  directory: string,
  how: {
    readonly policy: AddressPolicy;
    readonly allowsLocalSources: boolean;
    readonly insecure: boolean;
    readonly maxBytes: number;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { location, ref, depth } = source;
  const settings = location.startsWith("file://")
    ? localSettings(how.allowsLocalSources)
    : await remoteSettings(new URL(location), how);
  if (how.insecure) settings.push("-c", "http.sslVerify=false");
  await mkdir(directory, { recursive: true });
  const shallow = depth === undefined ? [] : ["--depth", String(depth), ...(ref ? ["--branch", ref] : [])];
  const isCheckedOutLater = ref !== undefined && depth === undefined;
  const stages = [
    [
      "clone",
      "--quiet",
      ...shallow,
      ...(isCheckedOutLater ? ["--no-checkout"] : []),
      "--",
      location,
      directory,
    ],
    ...(isCheckedOutLater ? [["-C", directory, "checkout", "--quiet", ref, "--"]] : []),
  ];
  for (const stage of stages)
    await withinSize(directory, how, async (signal) => {
      await runGit([...settings, ...stage], directory, signal);
    });
}

function localSettings(allowsLocalSources: boolean): string[] {
  if (!allowsLocalSources) throw new Refusal("invalid", "Files of this machine are no source.");
  return ["-c", "protocol.allow=never", "-c", "protocol.file.allow=always"];
}

async function remoteSettings(
  url: URL,
  { policy, signal }: { readonly policy: AddressPolicy; readonly signal: AbortSignal },
): Promise<string[]> {
  const addresses = await checkedAddresses(url.hostname, policy);
  await checkVersion(signal);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const list = addresses.map(({ address, family }) => (family === 6 ? `[${address}]` : address)).join(",");
  const resolve = `${url.hostname}:${port}:${list}`;
  return [
    "protocol.allow=never",
    "protocol.https.allow=always",
    "protocol.http.allow=always",
    "http.followRedirects=false",
    `http.curloptResolve=${resolve}`,
  ].flatMap((setting) => ["-c", setting]);
}

/** Git before 2.37 looks names up by itself: it does not know `http.curloptResolve`, and does not say so. */
async function checkVersion(signal: AbortSignal): Promise<void> {
  const said = await runGit(["--version"], "/", signal);
  const [, major, minor] = /(\d+)\.(\d+)/.exec(said) ?? [];
  if (Number(major) * 1000 + Number(minor) >= 2037) return;
  throw new Refusal("unavailable", `It needs git 2.37 or later, and this machine has: ${said.trim()}.`);
}

/** What it prints. */
async function runGit(args: readonly string[], home: string, signal: AbortSignal): Promise<string> {
  const child = spawn("git", ["-c", "core.hooksPath=/dev/null", "-c", "credential.helper=", ...args], {
    signal,
    killSignal: "SIGKILL",
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: programPath,
      HOME: home,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_TERMINAL_PROMPT: "0",
      GIT_LFS_SKIP_SMUDGE: "1",
      LC_ALL: "C",
    },
  });
  const complaint = text(child.stderr).catch(() => "");
  const output = text(child.stdout).catch(() => "");
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", (error) => {
      const isMissing = "code" in error && error.code === "ENOENT";
      reject(
        isMissing
          ? new Refusal("unavailable", "It needs the program git, which this machine lacks.", {
              cause: error,
            })
          : error,
      );
    });
    child.on("close", resolve);
  });
  if (code === 0) return output;
  throw new Refusal("unavailable", `git says ${(await complaint).trim().slice(0, 400)}`);
}

/** Stops the work when the directory has grown too large. */
async function withinSize(
  directory: string,
  how: { readonly maxBytes: number; readonly signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const look = async () => {
    if ((await sizeOf(directory)) > how.maxBytes)
      stop.abort(new Refusal("invalid", `The repository has more than ${how.maxBytes} bytes.`));
  };
  let looking = Promise.resolve();
  const beat = setInterval(() => {
    looking = looking.then(look);
  }, sizeBeatMs);
  try {
    await work(AbortSignal.any([how.signal, stop.signal]));
    await look();
  } catch (error) {
    if (how.signal.aborted) throw how.signal.reason;
    if (!stop.signal.aborted) throw error;
  } finally {
    clearInterval(beat);
  }
  stop.signal.throwIfAborted();
}

async function sizeOf(directory: string): Promise<number> {
  let bytes = 0;
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const stats = await lstat(join(entry.parentPath, entry.name)).catch(() => undefined);
    bytes += stats?.size ?? 0;
  }
  return bytes;
}
