import { createHash, randomUUID } from "node:crypto";
import type { Capabilities } from "@fractus/hcl/functions/standard.ts";

/** What functions of job files may do that are read on the server: hash, and make identifiers; never read its files. */
export const serverCapabilities: Capabilities = {
  hash: (algorithm, bytes) => createHash(algorithm).update(bytes).digest(),
  uuid: () => randomUUID(),
};
