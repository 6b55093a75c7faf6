import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { Refusal } from "@fractus/core/refusal.ts";

const algorithms = { md5: 32, sha1: 40, sha256: 64, sha512: 128 } as const;
type Algorithm = keyof typeof algorithms;

/**
 * Refuses a file that has another digest than it should: `sha256:HEX`, `HEX` alone, or `file:URL` of a
 * list of digests as `sha256sum` or BSD's `sha256` writes it.
 *
 * Source: https://github.com/hashicorp/go-getter#checksumming
 *
 * @param expected the names under which the file may stand in a list
 * @param fetchList the text behind the URL
 */
export async function verifyChecksum(
  path: string,
  expected: { readonly checksum: string; readonly names: readonly string[] },
  fetchList: (url: string) => Promise<string>,
): Promise<void> {
  const { checksum, names } = expected;
  const isList = checksum.startsWith("file:");
  const wanted = isList
    ? findInList(await fetchList(checksum.slice("file:".length)), names)
    : parseChecksum(checksum);
  const hash = createHash(wanted.algorithm);
  await pipeline(createReadStream(path), hash);
  const found = hash.digest("hex");
  if (found !== wanted.hex)
    throw new Refusal("invalid", `Its ${wanted.algorithm} checksum is ${found}, not ${wanted.hex}.`);
}

interface Digest {
  readonly algorithm: Algorithm;
  readonly hex: string;
}

function parseChecksum(checksum: string): Digest {
  const [, name, digits] = /^(?:([a-z0-9]+):)?([0-9a-f]+)$/i.exec(checksum.trim()) ?? [];
  const hex = digits?.toLowerCase() ?? "";
  const algorithm = (name?.toLowerCase() ?? algorithmOf(hex)) as Algorithm;
  if (!Object.hasOwn(algorithms, algorithm) || algorithms[algorithm] !== hex.length)
    throw new Refusal(
      "invalid",
      `The checksum ${JSON.stringify(checksum)} is not md5, sha1, sha256 or sha512 with its digits.`,
    );
  return { algorithm, hex };
}

function algorithmOf(hex: string): string | undefined {
  return Object.entries(algorithms).find(([, length]) => length === hex.length)?.[0];
}

function findInList(text: string, names: readonly string[]): Digest {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const digests = lines.filter((line) => line !== "" && !line.startsWith("#")).map(readLine);
  const named = digests.find((digest) => digest && names.includes(digest.name.split("/").at(-1) ?? ""));
  const only = digests.length === 1 && digests[0]?.name === "" ? digests[0] : undefined;
  const digest = named ?? only;
  if (!digest)
    throw new Refusal("invalid", `The list of checksums has none for ${JSON.stringify(names[0])}.`);
  return parseChecksum(digest.checksum);
}

function readLine(line: string): { name: string; checksum: string } | undefined {
  const [, algorithm, quoted, tagged] = /^([A-Z0-9]+) \(([^)]+)\) = ([0-9a-f]+)$/i.exec(line) ?? [];
  if (algorithm !== undefined) return { name: quoted, checksum: `${algorithm.toLowerCase()}:${tagged}` };
  const [, hex, name = ""] = /^([0-9a-f]{32,128})(?:\s+\*?(\S.*))?$/i.exec(line) ?? [];
  return hex === undefined ? undefined : { name, checksum: hex };
}
