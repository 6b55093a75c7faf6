import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";

/** @param like a digest, or the name of an algorithm, that says which algorithm is meant */
export function digestHash(like: string): Hash {
  return createHash(like.split(":")[0]);
}

/** The digest of these bytes, by the algorithm of `like`. */
export function digestOf(bytes: Buffer | string, like = "sha256"): string {
  return `${like.split(":")[0]}:${digestHash(like).update(bytes).digest("hex")}`;
}
