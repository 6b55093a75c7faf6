import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { assertKey, type ImageStore } from "./image-store.ts";

/**
 * Pictures as files: `DIRECTORY/15/154c7b41-….png`, in folders by the first two digits.
 * A picture is written beside its place, flushed, and renamed into it, so it is there whole or not at all.
 */
export async function directoryImages(directory: string): Promise<ImageStore> {
  await mkdir(directory, { recursive: true });
  const pathOf = (key: string) => {
    assertKey(key);
    return join(directory, key.slice(0, 2), `${key}.png`);
  };
  return {
    description: `directory ${directory}`,
    async put(key, bytes) {
      const path = pathOf(key);
      await mkdir(dirname(path), { recursive: true });
      const unfinished = `${path}.${randomUUID()}.part`;
      await writeDurably(unfinished, bytes);
      await rename(unfinished, path);
      await flushDirectory(dirname(path));
    },
    async get(key) {
      try {
        return await readFile(pathOf(key));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    async delete(key) {
      await rm(pathOf(key), { force: true });
    },
    async keys() {
      const entries = await readdir(directory, { recursive: true });
      return entries
        .filter((entry) => entry.endsWith(".png"))
        .map((entry) => entry.slice(entry.lastIndexOf("/") + 1, -".png".length))
        .sort();
    },
  };
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function flushDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
