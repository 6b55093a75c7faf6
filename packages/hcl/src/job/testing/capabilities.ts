import { createHash } from "node:crypto";
import type { Capabilities } from "../../functions/standard.ts";

/** Real hashes, one identifier for all, and one file that can be read: `greeting.txt`. */
export const testCapabilities: Capabilities = {
  hash: (algorithm, bytes) => createHash(algorithm).update(bytes).digest(),
  uuid: () => "7be9e3ea-0000-4000-8000-000000000000",
  files: {
    read: (path) => {
      if (path !== "greeting.txt") throw new Error(`there is no file ${path}`);
      return new TextEncoder().encode("hello\n");
    },
    exists: (path) => path === "greeting.txt",
    glob: () => ["greeting.txt"],
    absolute: (path) => `/jobs/${path}`,
    home: () => "/home/me",
  },
};
