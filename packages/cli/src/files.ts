/** Files and standard input, as commands read and write them. */
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Surroundings } from "./context.ts";
import { Failure } from "./failure.ts";

export async function readBytes(directory: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(resolve(directory, path));
  } catch (error) {
    throw cannot("read", path, error);
  }
}

export async function readText(directory: string, path: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(directory, path));
}

/** `isNew` refuses to replace a file that is there. */
export async function write(
  directory: string,
  path: string,
  content: string | Uint8Array,
  options: { readonly isNew?: boolean } = {},
): Promise<void> {
  try {
    await writeFile(resolve(directory, path), content, { flag: options.isNew ? "wx" : "w" });
  } catch (error) {
    throw cannot("write", path, error);
  }
}

/** The file, or standard input for `-`. */
export async function readInput(
  { directory, stdin }: Pick<Surroundings, "directory" | "stdin">,
  path: string,
): Promise<Uint8Array> {
  if (path !== "-") return readBytes(directory, path);
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin ?? []) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function cannot(verb: string, path: string, error: unknown): Failure {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file",
    EACCES: "permission denied",
    EISDIR: "it is a directory",
    EEXIST: "it is there already",
  };
  return new Failure(`Error: cannot ${verb} ${path}: ${reasons[code] ?? code}.`);
}
