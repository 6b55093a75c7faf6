import type { TreeLimits } from "./staging-tree.ts";

export interface ArtifactLimits extends TreeLimits {
  /** Of what is fetched, before it is unpacked. */
  readonly maxBytes: number;
  /** For all of it. */
  readonly timeoutMs: number;
}

/** Room for what job files fetch, and not for filling a disk. */
export const defaultArtifactLimits: ArtifactLimits = {
  maxBytes: 4 * 1024 ** 3,
  maxUnpackedBytes: 16 * 1024 ** 3,
  maxFiles: 100_000,
  timeoutMs: 30 * 60_000,
};
