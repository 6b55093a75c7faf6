import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "./client.ts";
import { jsonValues } from "./ndjson.ts";

function streamOf(parts: readonly (string | Uint8Array)[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(new Uint8Array(Buffer.from(part)));
      controller.close();
    },
  });
}

async function valuesOf(parts: readonly (string | Uint8Array)[]): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const value of jsonValues(streamOf(parts))) values.push(value);
  return values;
}

test("streams: values are found however the chunks are cut, in the middle of a letter too", async () => {
  const expected = [{ a: 'b}"\\' }, {}, { ü: [1, { c: 2 }] }];
  const bytes = Buffer.from(expected.map((value) => JSON.stringify(value)).join("\n"));
  for (let cut = 0; cut <= bytes.length; cut++)
    assert.deepEqual(await valuesOf([bytes.subarray(0, cut), bytes.subarray(cut)]), expected);
  assert.deepEqual(await valuesOf(["{}{}\n\n{}"]), [{}, {}, {}]);
});

function clientOf(parts: readonly string[]) {
  const asked: string[] = [];
  const fetch: typeof globalThis.fetch = (input) => {
    const { pathname, search } = new URL(new Request(input).url);
    asked.push(`${pathname}${search}`);
    return Promise.resolve(new Response(streamOf(parts)));
  };
  return { client: new Client({ address: "http://there", fetch }), asked };
}

test("events: several topics, and heartbeats left out", async () => {
  const line = { Index: 7, Events: [{ Topic: "Job", Type: "JobRegistered", Key: "example" }] };
  const { client, asked } = clientOf(["{}\n", `${JSON.stringify(line)}\n{}\n`]);
  const seen = [];
  for await (const events of client.events({ topics: ["Job", "Allocation:a"], index: 3 })) seen.push(events);
  assert.deepEqual(seen, [line]);
  assert.deepEqual(asked, ["/v1/event/stream?index=3&topic=Job&topic=Allocation%3Aa"]);
});

test("files: frames of a log, bytes as they were, and what happened to the file", async () => {
  const frames = [
    {},
    { File: "alloc/logs/t.stdout.0", Offset: 3, Data: Buffer.from([0, 255, 10]).toString("base64") },
    { File: "alloc/logs/t.stdout.0", FileEvent: "file deleted" },
  ];
  const { client, asked } = clientOf([frames.map((frame) => JSON.stringify(frame)).join("")]);
  const seen = [];
  for await (const frame of client.files.logs("a1", { task: "t", follow: true })) seen.push(frame);
  assert.deepEqual(seen, [
    { data: new Uint8Array([0, 255, 10]), file: "alloc/logs/t.stdout.0", offset: 3 },
    { data: new Uint8Array(), file: "alloc/logs/t.stdout.0", offset: 0, event: "file deleted" },
  ]);
  assert.deepEqual(asked, ["/v1/client/fs/logs/a1?task=t&type=stdout&follow=true&origin=start&offset=0"]);
});

test("streams: leaving the loop cancels the request", async () => {
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => controller.enqueue(new Uint8Array(Buffer.from("{}"))),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const _value of jsonValues(stream)) break;
  assert.ok(cancelled);
});
