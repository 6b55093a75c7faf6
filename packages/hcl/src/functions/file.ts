/**
 * Functions on files. The language opens nothing itself: without a `FileCapabilities` they fail with
 * "filesystem function disabled", as they must where the job comes from a client.
 */
import { FunctionFault, type HclFunction } from "../function.ts";
import { boolValue, setValue, stringType, stringValue } from "../value.ts";
import { aString, define, textOf } from "./arguments.ts";
import { encodeBase64 } from "./encoding.ts";

/** Paths are relative to the folder of the job file. Each may throw; the message goes to the author. */
export interface FileCapabilities {
  readonly read: (path: string) => Uint8Array;
  readonly exists: (path: string) => boolean;
  /** Paths below a folder that match a glob pattern, relative to it. */
  readonly glob: (folder: string, pattern: string) => readonly string[];
  readonly absolute: (path: string) => string;
  /** The home folder of the user, for a leading `~`. */
  readonly home: () => string;
}

export function fileFunctions(files: FileCapabilities | undefined): HclFunction[] {
  const guarded = <Result>(action: (files: FileCapabilities) => Result): Result => {
    if (!files) throw new FunctionFault("filesystem function disabled");
    try {
      return action(files);
    } catch (error) {
      if (error instanceof FunctionFault || !(error instanceof Error)) throw error;
      throw new FunctionFault(error.message, 0);
    }
  };
  const onPath = (name: string, change: (path: string, files: FileCapabilities) => string) =>
    define(name, [aString("path")], (path) => stringValue(guarded((given) => change(textOf(path), given))));
  return [
    onPath("file", (path, given) => decode(path, given.read(path))),
    onPath("filebase64", (path, given) => encodeBase64(given.read(path))),
    onPath("abspath", (path, given) => given.absolute(path)),
    onPath("basename", (path) => baseName(path)),
    onPath("dirname", (path) => folderName(path)),
    onPath("pathexpand", (path, given) => (/^~(?:\/|$)/.test(path) ? given.home() + path.slice(1) : path)),
    define("fileexists", [aString("path")], (path) =>
      boolValue(guarded((given) => given.exists(textOf(path)))),
    ),
    define("fileset", [aString("path"), aString("pattern")], (path, pattern) =>
      setValue(stringType, guarded((given) => given.glob(textOf(path), textOf(pattern))).map(stringValue)),
    ),
  ];
}

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FunctionFault(`contents of ${path} are not valid UTF-8; use filebase64 for binary files`, 0);
  }
}

function baseName(path: string): string {
  if (path === "") return ".";
  return path.replace(/\/+$/, "").split("/").at(-1) || "/";
}

function folderName(path: string): string {
  const slash = path.lastIndexOf("/");
  if (slash < 0) return ".";
  const parts: string[] = [];
  for (const part of path.slice(0, slash).split("/")) {
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part === ".." ? !path.startsWith("/") : part !== "" && part !== ".") parts.push(part);
  }
  return path.startsWith("/") ? `/${parts.join("/")}` : parts.join("/") || ".";
}
