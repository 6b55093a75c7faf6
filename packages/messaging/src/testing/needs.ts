import { accessSync } from "node:fs";
import { isAllRequired } from "./config.ts";

/**
 * For a test that needs a program this machine may lack: the reason to skip it, or false. Where
 * `FRACTUS_REQUIRE_ALL=1` is set nothing may be skipped, so the lack is an error.
 */
export function skipWithout(paths: readonly string[], what: string): string | false {
  const isMissing = paths.some((path) => {
    try {
      accessSync(path);
      return false;
    } catch {
      return true;
    }
  });
  if (!isMissing) return false;
  if (isAllRequired()) throw new Error(`${what} is required and not installed`);
  return `${what} is not installed`;
}
