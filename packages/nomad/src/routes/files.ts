/** Logs and files of allocations. After https://developer.hashicorp.com/nomad/api-docs/client#read-file. */
import type { FileChunk, FileEntry, FollowOptions } from "@fractus/agent/agent-access.ts";
import type { Json } from "@fractus/control/state/records.ts";
import type { Call } from "../call.ts";
import { Fault } from "../fault.ts";
import { ask, type Route } from "../route.ts";
import { answerStream, withBeat } from "../streaming.ts";
import { timeText } from "../units.ts";

export const fileRoutes: readonly Route[] = [
  ask("/client/fs/logs/:id", logs),
  ask("/client/fs/ls/:id", list),
  ask("/client/fs/stat/:id", stat),
  ask("/client/fs/cat/:id", (call) => bytes(call, {})),
  ask("/client/fs/readat/:id", readAt),
  ask("/client/fs/stream/:id", stream),
];

const beatMs = 10_000;

function logs(call: Call): Promise<unknown> {
  const allocation = call.allocation();
  const task = call.query("task");
  const type = call.query("type") ?? "stdout";
  if (!task) throw new Fault(400, "must provide task name");
  if (type !== "stdout" && type !== "stderr") throw new Fault(400, "log type must be stdout or stderr");
  const which = { task, stream: type, ...followOptions(call, false) } as const;
  return answerChunks(call, call.agentOf(allocation).logs(allocation.id, which));
}

function stream(call: Call): Promise<unknown> {
  const allocation = call.allocation();
  const path = pathOf(call);
  return answerChunks(call, call.agentOf(allocation).follow(allocation.id, path, followOptions(call, true)));
}

function followOptions(call: Call, usually: boolean): FollowOptions {
  const origin = call.query("origin") || "start";
  if (origin !== "start" && origin !== "end") throw new Fault(400, "origin must be start or end");
  return {
    follow: call.query("follow") === undefined ? usually : call.flag("follow"),
    origin,
    offset: call.number("offset") ?? 0,
    signal: call.signal,
  };
}

/** As frames of JSON, or with `plain` as the bytes alone. */
function answerChunks(call: Call, chunks: AsyncIterable<FileChunk>): Promise<unknown> {
  if (call.flag("plain")) return answerStream(call, dataOf(chunks), "text/plain; charset=utf-8");
  const frames = withBeat(framesOf(chunks), "{}\n", {
    clock: call.clock,
    everyMs: beatMs,
    signal: call.signal,
  });
  return answerStream(call, frames, "application/json");
}

async function* dataOf(chunks: AsyncIterable<FileChunk>): AsyncGenerator<Buffer> {
  for await (const { data } of chunks) if (data.length > 0) yield data;
}

async function* framesOf(chunks: AsyncIterable<FileChunk>): AsyncGenerator<string> {
  for await (const { path, offset, data, event } of chunks) {
    const frame = {
      File: path,
      Offset: offset,
      ...(data.length > 0 && { Data: data.toString("base64") }),
      ...(event && { FileEvent: event }),
    };
    yield `${JSON.stringify(frame)}\n`;
  }
}

function pathOf(call: Call): string {
  const path = call.query("path");
  if (!path) throw new Fault(400, "must provide path");
  return path;
}

async function list(call: Call): Promise<Json[]> {
  const allocation = call.allocation();
  const entries = await call.agentOf(allocation).list(allocation.id, call.query("path") || "/");
  return entries.map(entryShape);
}

async function stat(call: Call): Promise<Json> {
  const allocation = call.allocation();
  return entryShape(await call.agentOf(allocation).stat(allocation.id, pathOf(call)));
}

function entryShape(entry: FileEntry): Json {
  return {
    Name: entry.name,
    IsDir: entry.isDirectory,
    Size: entry.sizeBytes,
    FileMode: entry.mode,
    ModTime: timeText(entry.modifiedAtMs),
    ...(entry.contentType && { ContentType: entry.contentType }),
  };
}

function readAt(call: Call): Promise<unknown> {
  call.allocation();
  const limit = call.number("limit");
  const offset = call.number("offset");
  if (offset === undefined) throw new Fault(400, "must provide offset");
  return bytes(call, { offset, ...(limit && { limit }) });
}

async function bytes(
  call: Call,
  range: { readonly offset?: number; readonly limit?: number },
): Promise<unknown> {
  const allocation = call.allocation();
  const agent = call.agentOf(allocation);
  const entry = await agent.stat(allocation.id, pathOf(call));
  if (entry.isDirectory) throw new Fault(400, `${pathOf(call)} is a directory`);
  const readable = await agent.read(allocation.id, pathOf(call), range);
  return call.reply.type(entry.contentType ?? "application/octet-stream").send(readable);
}
