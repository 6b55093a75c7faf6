import { constants, createHash, privateDecrypt, randomUUID } from "node:crypto";
import { existsSync, globSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import type { Capabilities } from "@fractus/hcl/functions/standard.ts";

/** What the functions of a job file may do when the file is the user's own: all of it. Paths begin in its folder. */
export function localCapabilities(folder: string): Capabilities {
  return {
    hash: (algorithm, bytes) => createHash(algorithm).update(bytes).digest(),
    uuid: () => randomUUID(),
    decryptRsa: (cipher, key) =>
      privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, cipher).toString(),
    files: {
      read: (path) => readFileSync(resolve(folder, path)),
      exists: (path) => existsSync(resolve(folder, path)),
      glob: (below, pattern) => globSync(pattern, { cwd: resolve(folder, below) }),
      absolute: (path) => resolve(folder, path),
      home: () => homedir(),
    },
  };
}
