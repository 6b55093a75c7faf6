import { createReadStream } from "node:fs";
import { lstat, mkdir, mkdtemp, readFile, readdir, readlink, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Artifact } from "@fractus/core/job.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { ArtifactSource } from "./artifact-source.ts";
import { parseArtifactSource, withoutPassword } from "./artifact-source.ts";
import { verifyChecksum } from "./checksum.ts";
import { cloneRepository } from "./clone-repository.ts";
import type { TaskDirectories } from "./confined.ts";
import { confine, privateDirectory } from "./confined.ts";
import { download } from "./download.ts";
import { moveFile, moveTree } from "./move-into-place.ts";
import type { AddressPolicy } from "./source-address.ts";
import { addressPolicy } from "./source-address.ts";
import type { ArtifactLimits } from "./limits.ts";
import { StagingTree } from "./staging-tree.ts";
import { unpack } from "./unpack.ts";

export interface FetchOptions {
  readonly limits: ArtifactLimits;
  /** Files of this machine, its loopback and link-local addresses, and metadata services are sources too. */
  readonly allowsLocalSources: boolean;
  readonly signal: AbortSignal;
  /** Whose the files are, if the artifact says they are the task's. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** In place of the machine's names and addresses. */
  readonly policy?: AddressPolicy;
}

/**
 * Downloads, verifies, unpacks and puts in place. All of it happens in the task's private directory;
 * the destination is touched when everything is there and sound. Doing it again replaces the files.
 *
 * Refuses with `invalid` a bad source, checksum or archive, or one that leaves its directory or exceeds
 * the limits; with `unavailable` when a server, the network or a program of the machine fails. The
 * message says which artifact it is.
 *
 * Source: https://developer.hashicorp.com/nomad/docs/job-specification/artifact
 */
export async function fetchArtifact(
  artifact: Artifact,
  to: TaskDirectories,
  how: FetchOptions,
): Promise<void> {
  const timeout = new AbortController();
  const { timeoutMs } = how.limits;
  const timer = setTimeout(
    () => timeout.abort(new Refusal("unavailable", `It takes longer than ${timeoutMs / 1000} s.`)),
    timeoutMs,
  );
  try {
    await new Fetching(artifact, to, { ...how, signal: AbortSignal.any([how.signal, timeout.signal]) }).run();
  } catch (error) {
    if (!(error instanceof Refusal) || how.signal.aborted) throw error;
    const source = withoutPassword(artifact.source);
    throw new Refusal(
      error.kind,
      `The artifact ${JSON.stringify(source)} was not fetched. ${error.message}`,
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}

class Fetching {
  #artifact: Artifact;
  #to: TaskDirectories;
  #how: FetchOptions;
  #policy: AddressPolicy;

  constructor(artifact: Artifact, to: TaskDirectories, how: FetchOptions) {
    this.#artifact = artifact;
    this.#to = to;
    this.#how = how;
    this.#policy = how.policy ?? addressPolicy(how.allowsLocalSources);
  }

  async run(): Promise<void> {
    const source = parseArtifactSource(this.#artifact);
    const destination = confine(this.#artifact.destination || "local/", this.#to, "Its destination");
    const privately = join(this.#to.taskDirectory, privateDirectory);
    await mkdir(privately, { recursive: true, mode: 0o700 });
    const work = await mkdtemp(join(privately, "artifact-"));
    try {
      const tree = await this.#stage(source, work);
      this.#how.signal.throwIfAborted();
      this.#move(tree, source, destination);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }

  /** Everything of the artifact that is wanted, in a directory of its own. */
  async #stage(source: ArtifactSource, work: string): Promise<StagingTree> {
    const root = join(work, "tree");
    await mkdir(root);
    const { limits, signal } = this.#how;
    const { subdirectory } = source;
    const isFolder =
      source.kind === "git" || (source.kind === "file" && (await this.#isLocalDirectory(source)));
    const tree = new StagingTree(root, { subdirectory, limits, signal });
    if (isFolder) await addFolder(await this.#folder(source, work), tree);
    else await this.#addFile(source, join(work, "download"), tree);
    if (subdirectory && tree.isEmpty)
      throw new Refusal("invalid", `There is nothing in its directory ${JSON.stringify(subdirectory)}.`);
    return tree;
  }

  async #folder(source: ArtifactSource, work: string): Promise<string> {
    if (source.checksum) throw new Refusal("invalid", "Only a file can have a checksum.");
    if (source.mode === "file") throw new Refusal("invalid", "It is a directory, and its mode is file.");
    if (source.kind === "file") return source.location;
    const directory = join(work, "repository");
    const { limits, signal, allowsLocalSources } = this.#how;
    await cloneRepository(source, directory, {
      policy: this.#policy,
      allowsLocalSources,
      insecure: this.#artifact.insecure ?? false,
      maxBytes: limits.maxBytes,
      signal,
    });
    return directory;
  }

  async #addFile(source: ArtifactSource, path: string, tree: StagingTree): Promise<void> {
    const { archive, checksum, fileName, originalName, mode, subdirectory } = source;
    if (!archive && mode === "dir") throw new Refusal("invalid", "It is a file, and its mode is dir.");
    if (!archive && subdirectory) throw new Refusal("invalid", "It is a file: it has no subdirectory.");
    const file = source.kind === "file" ? await this.#localFile(source) : path;
    if (source.kind === "http")
      await this.#download(source.location, path, { headers: this.#artifact.headers });
    if (checksum)
      await verifyChecksum(file, { checksum, names: [fileName, originalName] }, (url) =>
        this.#text(url, source, path),
      );
    if (archive) await unpack(file, { archive, fileName, signal: this.#how.signal }, tree);
    else await tree.addFile(fileName, 0o644 | ((await stat(file)).mode & 0o111), createReadStream(file));
  }

  async #download(
    url: string,
    path: string,
    how: { readonly headers: Artifact["headers"]; readonly maxBytes?: number },
  ): Promise<void> {
    await download(url, path, {
      insecure: this.#artifact.insecure ?? false,
      policy: this.#policy,
      maxBytes: this.#how.limits.maxBytes,
      signal: this.#how.signal,
      ...how,
    });
  }

  /** A list of checksums. The artifact's headers may be credentials: another host does not get them. */
  async #text(url: string, source: ArtifactSource, path: string): Promise<string> {
    if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
      throw new Refusal("invalid", "A list of checksums is fetched over http or https.");
    const isSameHost = source.kind === "http" && new URL(source.location).origin === new URL(url).origin;
    const headers = isSameHost ? this.#artifact.headers : {};
    await this.#download(url, `${path}.checksums`, { headers, maxBytes: 1024 * 1024 });
    return readFile(`${path}.checksums`, "utf8");
  }

  async #isLocalDirectory({ location }: ArtifactSource): Promise<boolean> {
    return (await this.#localStats(location)).isDirectory();
  }

  async #localFile({ location }: ArtifactSource): Promise<string> {
    const stats = await this.#localStats(location);
    if (!stats.isFile()) throw new Refusal("invalid", "It is neither a file nor a directory.");
    if (stats.size > this.#how.limits.maxBytes)
      throw new Refusal(
        "invalid",
        `It has more than the ${this.#how.limits.maxBytes} bytes that are allowed.`,
      );
    return location;
  }

  async #localStats(path: string) {
    if (!this.#how.allowsLocalSources) throw new Refusal("invalid", "Files of this machine are no source.");
    try {
      return await stat(path);
    } catch (error) {
      throw new Refusal("unavailable", "There is no such file on this machine.", { cause: error });
    }
  }

  #move(tree: StagingTree, { mode }: ArtifactSource, destination: { root: string; path: string }): void {
    const owner = this.#artifact.isOwnedByTask && process.getuid?.() === 0 ? this.#how.owner : undefined;
    const isTaskDirectory = destination.root === this.#to.taskDirectory && destination.path === "";
    if (isTaskDirectory && tree.has(privateDirectory))
      throw new Refusal("invalid", `It would write to ${privateDirectory}/, which is the agent's.`);
    if (mode !== "file") return moveTree(tree.root, destination, owner);
    const { files } = tree;
    if (files.length !== 1)
      throw new Refusal("invalid", `It holds ${files.length} files, and its mode is file.`);
    if (destination.path === "")
      throw new Refusal("invalid", "Its destination is a directory, and its mode is file.");
    moveFile(join(tree.root, files[0]), destination, owner);
  }
}

/** Takes over a directory of this machine as if it were an archive. */
async function addFolder(folder: string, tree: StagingTree): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1);
    if (entry.isDirectory()) await tree.addDirectory(name);
    else if (entry.isSymbolicLink()) await tree.addLink(name, await readlink(path));
    else if (entry.isFile()) await tree.addFile(name, (await lstat(path)).mode, createReadStream(path));
    else
      throw new Refusal("invalid", `${JSON.stringify(name)} is neither a file nor a directory nor a link.`);
  }
}
