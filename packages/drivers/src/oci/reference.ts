import { Refusal } from "@fractus/core/refusal.ts";

/** Which image is meant, with nothing left to guess. */
export interface ImageReference {
  /** The registry's host, with its port if it has one: `docker.io`, `localhost:5000`. */
  readonly registry: string;
  /** `library/nginx` */
  readonly repository: string;
  readonly tag?: string;
  /** Wins over the tag. */
  readonly digest?: string;
}

const hostPattern =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;
const componentPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const longestReference = 1000;
const longestRepository = 255;

/** The only algorithms that a registry must and may use: https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests */
export const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/**
 * Reads `nginx`, `nginx:1.17.9`, `localhost:5000/team/app@sha256:…`. Without a host it is Docker Hub's,
 * without a path there `library/`, without tag and digest `latest`. Refuses what is none.
 *
 * The grammar: https://github.com/distribution/reference/blob/main/reference.go
 */
export function parseReference(text: string): ImageReference {
  const wrong = (why: string) =>
    new Refusal("invalid", `${JSON.stringify(text.slice(0, 200))} is no reference of an image: ${why}.`);
  if (text.length > longestReference) throw wrong("it is too long");
  const [named, digest, ...more] = text.replace(/^(?:https:|docker:)\/\//, "").split("@");
  if (more.length > 0) throw wrong("it has more than one digest");
  if (digest !== undefined && !digestPattern.test(digest)) throw wrong("its digest is none");
  const { registry, path } = splitHost(named);
  if (!hostPattern.test(registry)) throw wrong(`${JSON.stringify(registry)} is no host`);
  const colon = path.indexOf(":");
  const name = colon < 0 ? path : path.slice(0, colon);
  const tag = colon < 0 ? undefined : path.slice(colon + 1);
  if (tag !== undefined && !tagPattern.test(tag)) throw wrong(`${JSON.stringify(tag)} is no tag`);
  const repository = registry === "docker.io" && !name.includes("/") ? `library/${name}` : name;
  if (repository.length > longestRepository || !name.split("/").every((part) => componentPattern.test(part)))
    throw wrong(`${JSON.stringify(name)} is no name of a repository`);
  return {
    registry,
    repository,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
    ...(tag === undefined && digest === undefined && { tag: "latest" }),
  };
}

/** What comes before the first slash is a host if it could not be the name of a user. */
function splitHost(named: string): { registry: string; path: string } {
  const slash = named.indexOf("/");
  const first = named.slice(0, Math.max(slash, 0));
  const isHost = /[.:A-Z[]/.test(first) || first === "localhost";
  if (!isHost) return { registry: "docker.io", path: named };
  const registry = first === "index.docker.io" ? "docker.io" : first;
  return { registry, path: named.slice(slash + 1) };
}

/** In full, as it is kept: `docker.io/library/nginx:1.17.9`. */
export function formatReference({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}
