import { basename, isAbsolute } from "node:path";
import type { Artifact } from "@fractus/core/job.ts";
import { Refusal } from "@fractus/core/refusal.ts";

/** What an artifact's source, options and mode come to. */
export interface ArtifactSource {
  readonly kind: "http" | "git" | "file";
  /** Without the query parameters meant for us; of a file its path. */
  readonly location: string;
  /** Only what is below this directory of an archive, repository or directory. */
  readonly subdirectory: string;
  /** How it is packed, or undefined if it is to be left as it is. */
  readonly archive?: ArchiveKind;
  readonly checksum?: string;
  /** What the file is to be called. */
  readonly fileName: string;
  /** What it is called where it comes from. */
  readonly originalName: string;
  readonly mode: "any" | "file" | "dir";
  /** Of a repository: branch, tag or commit, and how much of its history. */
  readonly ref?: string;
  readonly depth?: number;
}

const archiveKinds = [
  // Longer endings stand before those they end with.
  "tar.gz",
  "tar.bz2",
  "tar.xz",
  "tar.zst",
  "tgz",
  "tbz2",
  "txz",
  "tzst",
  "tar",
  "zip",
  "gz",
  "bz2",
  "xz",
  "zst",
] as const;
export type ArchiveKind = (typeof archiveKinds)[number];

/** Query parameters that are not for the server. */
const ownParameters = ["checksum", "archive", "filename", "ref", "depth", "sshkey"];

/**
 * Reads go-getter's notation: `git::https://…//subdirectory?ref=v1`. Options stand for query parameters
 * and win over them. Refuses schemes that are not fetched here.
 *
 * Source: https://github.com/hashicorp/go-getter#url-format
 */
export function parseArtifactSource(artifact: Artifact): ArtifactSource {
  const { source, mode = "any" } = artifact;
  if (mode !== "any" && mode !== "file" && mode !== "dir")
    throw new Refusal("invalid", `The mode ${JSON.stringify(mode)} is none of any, file and dir.`);
  const { getter, address } = splitGetter(source);
  const { place, subdirectory, query } = splitSubdirectory(address);
  const parameters = new URLSearchParams(query);
  for (const [name, value] of Object.entries(artifact.options)) parameters.set(name, value);
  const own = Object.fromEntries(ownParameters.map((name) => [name, parameters.get(name) ?? ""]));
  for (const name of ownParameters) parameters.delete(name);
  const { kind, location } = locate(getter, place, parameters);
  return {
    kind,
    location,
    subdirectory,
    archive: kind === "git" ? undefined : archiveKind(place, own.archive),
    checksum: own.checksum || undefined,
    originalName: basename(decodePath(place)),
    fileName: checkedFileName(own.filename || basename(decodePath(place))),
    mode,
    ref: checkedRef(own.ref),
    depth: checkedDepth(own.depth),
  };
}

/** `git::https://…` names its getter; others are told by their looks. */
function splitGetter(source: string): { getter: string; address: string } {
  const [, forced, rest] = /^([A-Za-z0-9]+)::(.+)$/s.exec(source) ?? [];
  if (forced !== undefined) return { getter: forced.toLowerCase(), address: rest };
  if (/^(github\.com|gitlab\.com|bitbucket\.org)\/[^/]+\/[^/]+/.test(source))
    return { getter: "git", address: `https://${source}` };
  if (isAbsolute(source)) return { getter: "file", address: source };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(source)?.[1].toLowerCase();
  if (scheme === undefined) throw notFetched(source, "it has no scheme such as https://");
  const path = source.split("?")[0];
  const isRepository = scheme.startsWith("http") && /\.git(\/\/|$)/.test(path.slice(scheme.length + 3));
  return { getter: isRepository ? "git" : scheme, address: source };
}

function splitSubdirectory(address: string): { place: string; subdirectory: string; query: string } {
  const [path, query = ""] = splitOnce(address, "?");
  const start = path.includes("://") ? path.indexOf("://") + 3 : 0;
  const at = path.indexOf("//", start);
  if (at < 0) return { place: path, subdirectory: "", query };
  return { place: path.slice(0, at), subdirectory: checkedSubdirectory(path.slice(at + 2)), query };
}

function locate(
  getter: string,
  place: string,
  parameters: URLSearchParams,
): Pick<ArtifactSource, "kind" | "location"> {
  const isHttp = /^https?:\/\//i.test(place);
  const query = parameters.size > 0 ? `?${parameters.toString()}` : "";
  if (getter === "http" || getter === "https") {
    if (!isHttp || !URL.canParse(place + query)) throw notFetched(place, "it is no URL");
    return { kind: "http", location: place + query };
  }
  if (getter === "git") {
    const isFile = place.startsWith("file:///");
    if (!isFile && !(isHttp && URL.canParse(place)))
      throw notFetched(place, "repositories are fetched over https only");
    const isBareForge = /^https:\/\/(github\.com|gitlab\.com|bitbucket\.org)\/[^/]+\/[^/]+$/.test(place);
    return {
      kind: "git",
      location: (isBareForge && !place.endsWith(".git") ? `${place}.git` : place) + query,
    };
  }
  if (getter === "file") {
    const path = place.startsWith("file://") ? decodePath(place.slice("file://".length)) : place;
    if (!isAbsolute(path)) throw notFetched(place, "its path is not absolute");
    return { kind: "file", location: path };
  }
  throw notFetched(place, `nothing here fetches ${getter}: http, https, git and file are`);
}

function archiveKind(place: string, wanted: string): ArchiveKind | undefined {
  if (wanted === "false" || wanted === "0") return undefined;
  const isKind = (name: string): name is ArchiveKind => (archiveKinds as readonly string[]).includes(name);
  if (wanted !== "" && wanted !== "true") {
    if (isKind(wanted)) return wanted;
    throw new Refusal(
      "invalid",
      `The archive ${JSON.stringify(wanted)} is none of ${archiveKinds.join(", ")}.`,
    );
  }
  const name = place.toLowerCase();
  return archiveKinds.find((kind) => name.endsWith(`.${kind}`));
}

function checkedSubdirectory(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes(".."))
    throw new Refusal("invalid", `The subdirectory ${JSON.stringify(path)} leads outside.`);
  return parts.join("/");
}

function checkedFileName(name: string): string {
  if (name === "." || name === ".." || /[/\0]/.test(name))
    throw new Refusal("invalid", `${JSON.stringify(name)} cannot be the name of a file.`);
  return name || "artifact";
}

function checkedRef(ref: string): string | undefined {
  if (ref === "") return undefined;
  if (!/^[\w.][\w./@+-]*$/.test(ref))
    throw new Refusal("invalid", `${JSON.stringify(ref)} is no branch, tag or commit.`);
  return ref;
}

function checkedDepth(depth: string): number | undefined {
  if (depth === "") return undefined;
  if (!/^[1-9][0-9]{0,5}$/.test(depth))
    throw new Refusal("invalid", `The depth ${JSON.stringify(depth)} is no number.`);
  return Number(depth);
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function notFetched(source: string, reason: string): Refusal {
  return new Refusal(
    "invalid",
    `The source ${JSON.stringify(withoutPassword(source))} cannot be fetched: ${reason}.`,
  );
}

/** For messages: a URL may carry a password. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/, "//").replace(/\?.*$/s, "");
}
