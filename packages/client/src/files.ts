/**
 * Logs and files of allocations, as the nodes serve them.
 *
 * After https://developer.hashicorp.com/nomad/api-docs/client.
 */
import { segment, type Http, type Query } from "./http.ts";
import { jsonValues } from "./ndjson.ts";
import type { FileInfo } from "./types/allocation.ts";

export interface Frame {
  readonly data: Uint8Array;
  readonly file: string;
  /** Behind the last byte of the data, in the file. */
  readonly offset: number;
  /** `file deleted` or `file truncated`, when that happened while following. */
  readonly event?: string;
}

export interface LogsQuery {
  readonly task: string;
  readonly type?: "stdout" | "stderr";
  readonly follow?: boolean;
  readonly origin?: "start" | "end";
  /** Bytes from the origin. */
  readonly offset?: number;
}

export type Files = ReturnType<typeof files>;

/** `/v1/client/fs`. */
export const files = (http: Http) => ({
  list: (allocation: string, path = "/", query?: Query) =>
    http.get<readonly FileInfo[]>(`/client/fs/ls/${segment(allocation)}`, query, { path }),
  stat: (allocation: string, path: string, query?: Query) =>
    http.get<FileInfo>(`/client/fs/stat/${segment(allocation)}`, query, { path }),

  /** The bytes of a file. */
  read: async (allocation: string, path: string, query: Query = {}) => {
    const response = await http.send("GET", `/client/fs/cat/${segment(allocation)}`, {
      ...query,
      parameters: { path },
    });
    return new Uint8Array(await response.arrayBuffer());
  },

  /** A file as it grows; ends only with the signal, or with the file unless it is followed. */
  stream: (
    allocation: string,
    options: {
      readonly path: string;
      readonly follow?: boolean;
      readonly origin?: "start" | "end";
      readonly offset?: number;
    },
    query: Query = {},
  ) =>
    frames(http, `/client/fs/stream/${segment(allocation)}`, query, {
      path: options.path,
      follow: options.follow ?? true,
      origin: options.origin,
      offset: options.offset,
    }),

  /** What a task wrote, its rotated files one after the other. */
  logs: (allocation: string, options: LogsQuery, query: Query = {}) =>
    frames(http, `/client/fs/logs/${segment(allocation)}`, query, {
      task: options.task,
      type: options.type ?? "stdout",
      follow: options.follow ?? false,
      origin: options.origin ?? "start",
      offset: options.offset ?? 0,
    }),
});

async function* frames(
  http: Http,
  path: string,
  query: Query,
  parameters: Readonly<Record<string, string | number | boolean | undefined>>,
): AsyncGenerator<Frame> {
  const response = await http.send("GET", path, { ...query, parameters });
  if (!response.body) return;
  for await (const value of jsonValues(response.body)) {
    const frame = value as { File?: string; Offset?: number; Data?: string; FileEvent?: string };
    if (!frame.Data && !frame.FileEvent) continue; // a heartbeat
    yield {
      data: bytesOf(frame.Data ?? ""),
      file: frame.File ?? "",
      offset: frame.Offset ?? 0,
      ...(frame.FileEvent && { event: frame.FileEvent }),
    };
  }
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
