import { assertKey, type ImageStore, type ImageTable } from "./image-store.ts";

/**
 * Pictures in the API's own database, as the tutorial does it (CL-28): easy to share between
 * instances, not good practice.
 */
export function databaseImages(table: ImageTable): ImageStore {
  return {
    description: "database",
    async put(key, bytes) {
      assertKey(key);
      await table.put(key, bytes);
    },
    get: (key) => table.get(key),
    delete: (key) => table.delete(key),
    keys: () => table.keys(),
  };
}
