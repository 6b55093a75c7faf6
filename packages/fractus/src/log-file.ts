import { appendFile, mkdir, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes a line of the log: what happened, and what goes with it. */
export type Log = (line: string, fields?: Readonly<Record<string, unknown>>) => void;

const mostBytes = 10 * 1024 * 1024;

/**
 * Lines for people and programs: time, what happened, and its fields as JSON. A file that has grown large makes
 * way; one older file is kept. A disk that is full loses lines of the log, and nothing else.
 */
export function logTo(path: string): { readonly log: Log; flush(): Promise<void> } {
  let pending: string[] = [];
  let writing: Promise<void> | undefined;
  const write = async () => {
    await mkdir(dirname(path), { recursive: true });
    while (pending.length > 0) {
      const text = pending.join("");
      pending = [];
      const size = (await stat(path).catch(() => undefined))?.size ?? 0;
      if (size > mostBytes) await rename(path, `${path}.1`);
      await appendFile(path, text);
    }
  };
  return {
    log(line, fields) {
      const rest = fields && Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : "";
      pending.push(`${new Date().toISOString()} ${line}${rest}\n`);
      writing ??= write()
        .catch(() => {})
        .finally(() => (writing = undefined));
    },
    async flush() {
      await writing;
    },
  };
}
