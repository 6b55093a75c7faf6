import { fileURLToPath } from "node:url";
import { databaseImages } from "./database-images.ts";
import { directoryImages } from "./directory-images.ts";
import type { ImageStore, ImageTable } from "./image-store.ts";

/**
 * Opens the image store at a URL: `database:` for the API's own database, `file:///var/lib/fractals`
 * (or a plain path) for a directory.
 *
 * @throws {Error} when the URL names nothing known
 */
export async function openImages(url: string, table: ImageTable): Promise<ImageStore> {
  if (/^database:(\/\/)?$/.test(url)) return databaseImages(table);
  if (url.startsWith("file:")) return directoryImages(fileURLToPath(url));
  if (!/^[a-z][a-z0-9+.-]*:/i.test(url)) return directoryImages(url);
  throw new Error(`The image store must be database:, file:///a/directory or a path, not "${url}".`);
}
