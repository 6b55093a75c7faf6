import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { WebSocket } from "ws";
import type { LogFeed } from "./log-feed.ts";
import { type Json, smallJob, startWorld, type World } from "./testing/world.ts";

let world: World;
let address: string;
const listeners = new Set<Parameters<LogFeed["listen"]>[0]>();
const logFeed: LogFeed = {
  listen(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

before(async () => {
  world = await startWorld({ logFeed });
  await world.join("node1");
  address = await world.app.listen({ host: "127.0.0.1", port: 0 });
});
after(() => world.close());

/** Opens a stream, does something, and gives back the lines up to the one that is wanted. */
async function linesOf(
  path: string,
  isWanted: (line: Json) => boolean,
  act: () => Promise<unknown>,
): Promise<Json[]> {
  const end = new AbortController();
  const response = await fetch(`${address}/v1${path}`, { signal: end.signal });
  assert.equal(response.status, 200);
  const acting = act();
  const lines: Json[] = [];
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk, { stream: true });
    const whole = text.split("\n");
    text = whole.pop()!;
    lines.push(...whole.map((line) => JSON.parse(line)));
    if (lines.some(isWanted)) break;
  }
  end.abort();
  await acting;
  return lines;
}

const any = () => true;
const hasEvent = (name: string) => (line: Json) => types([line]).includes(name);

const types = (lines: Json[]) =>
  lines.flatMap((line) => (line.Events ?? []).map((event: Json) => `${event.Topic} ${event.Type}`));

test("events: what happens to a job is told in the order in which it happens", async () => {
  const topics = "topic=Job&topic=Evaluation&topic=Allocation";
  const lines = await linesOf(`/event/stream?${topics}`, hasEvent("Allocation AllocationUpdated"), () =>
    world.run(smallJob("told")),
  );
  const found = types(lines);
  assert.deepEqual(found.slice(0, 2).sort(), ["Evaluation EvaluationUpdated", "Job JobRegistered"]);
  assert.ok(found.includes("Allocation PlanResult"));
  const allocation = lines.flatMap((line) => line.Events).find((event: Json) => event.Topic === "Allocation");
  assert.equal(allocation.Payload.Allocation.JobID, "told");
  assert.equal(allocation.Index, allocation.Payload.Allocation.ModifyIndex);
  assert.ok(allocation.FilterKeys.includes("told"));
});

test("events: keys, past events, and none of what is held by variables", async () => {
  const keyed = await linesOf("/event/stream?topic=Job:second", any, async () => {
    await world.run(smallJob("first", {}, { Count: 0 }));
    await world.run(smallJob("second", {}, { Count: 0 }));
  });
  assert.equal(keyed[0].Events[0].Key, "second");
  const past = await linesOf("/event/stream?topic=Job:told&index=1", any, async () => {});
  assert.equal(past[0].Events[0].Key, "told");
  const [variable] = await linesOf("/event/stream?topic=Variable", any, () =>
    world.post("/var/a", { Items: { password: "hunter2" } }),
  );
  assert.doesNotMatch(JSON.stringify(variable), /hunter2/);
  const [node] = await linesOf("/event/stream?topic=Node", any, () => world.join("node2"));
  assert.equal(node.Events[0].Type, "NodeRegistration");
  assert.equal((await world.call("GET", "/event/stream?topic=Weather")).status, 400);
});

test("events: a listener that is gone is forgotten", async () => {
  await linesOf("/agent/monitor?log_level=warn", any, async () => {
    assert.equal(listeners.size, 1);
    for (const listener of listeners) listener({ level: "info", text: "quiet" });
    for (const listener of listeners) listener({ level: "error", text: "loud" });
  }).then(([frame]) => assert.equal(Buffer.from(frame.Data, "base64").toString(), "loud\n"));
  for (let round = 0; listeners.size > 0 && round < 200; round++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(listeners.size, 0);
});

test("logs: a followed log comes at once and ends when the client goes", async () => {
  const [{ ID }] = await world.get("/job/told/allocations");
  const frames = await linesOf(
    `/client/fs/logs/${ID}?task=t&follow=true`,
    (frame) => frame.Offset === 8,
    async () => {},
  );
  assert.equal(Buffer.from(frames[1].Data, "base64").toString(), "two\n");
});

/** Speaks to a command over a websocket: what it says, and how it ends. */
function exec(query: string, input: readonly Json[], headers: Record<string, string> = {}) {
  const [{ id }] = [...world.control.state.allocations.values()].filter((one) => one.jobId === "told");
  const url = `${address.replace("http", "ws")}/v1/client/allocation/${id}/exec?${query}`;
  return new Promise<{ frames: Json[]; code: number }>((resolve, reject) => {
    const socket = new WebSocket(url, { headers });
    const frames: Json[] = [];
    socket.on("open", () => input.forEach((frame) => socket.send(JSON.stringify(frame))));
    socket.on("message", (data: Buffer) => frames.push(JSON.parse(data.toString())));
    socket.on("close", (code) => resolve({ frames, code }));
    socket.on("error", reject);
  });
}

const stdoutOf = (frames: Json[]) =>
  Buffer.concat(frames.map((frame) => Buffer.from(frame.stdout?.data ?? "", "base64"))).toString();

test("exec: a command gets its input and says its output and exit code", async () => {
  const command = encodeURIComponent(JSON.stringify(["cat", "-"]));
  const { frames, code } = await exec(`command=${command}&task=t&tty=false`, [
    {},
    { tty_size: { height: 24, width: 80 } },
    { stdin: { data: Buffer.from("hello").toString("base64") } },
    { stdin: { close: true } },
  ]);
  assert.equal(stdoutOf(frames), "$ cat -\nhello");
  assert.deepEqual(frames.at(-1), { exited: true, result: { exit_code: 3 } });
  assert.equal(code, 1000);
});

test("exec: what cannot be run is refused in words", async () => {
  const page = await exec(`command=${encodeURIComponent('["ls"]')}&task=t`, [], {
    Origin: "https://evil.example",
  });
  assert.equal(page.code, 1008);
  const bad = await exec("command=ls&task=t", []);
  assert.equal(bad.code, 1008);
  const nobody = await exec(`command=${encodeURIComponent('["ls"]')}&task=nobody`, []);
  assert.match(Buffer.from(nobody.frames[0].stderr.data, "base64").toString(), /Task "nobody" not found/);
});

test("exec: once rights count, the token comes in a header or in the first message", async () => {
  const { SecretID } = await world.post("/acl/bootstrap");
  const query = `command=${encodeURIComponent('["ls"]')}&task=t`;
  assert.equal((await exec(query, [])).code, 1008);
  const withHeader = await exec(query, [{ stdin: { close: true } }], { "X-Nomad-Token": SecretID });
  assert.equal(withHeader.code, 1000);
  const shaken = await exec(`${query}&ws_handshake=true`, [
    { version: 1, auth_token: SecretID },
    { stdin: { close: true } },
  ]);
  assert.equal(shaken.code, 1000);
  const files = 'namespace "default" {\n  capabilities = ["read-job", "alloc-exec"]\n}';
  await world.post("/acl/policy/exec", { Rules: files }, SecretID);
  const token = await world.post("/acl/token", { Name: "x", Type: "client", Policies: ["exec"] }, SecretID);
  const onNode = await exec(query, [], { "X-Nomad-Token": token.SecretID });
  assert.equal(onNode.code, 1008, "raw_exec shares the node's files");
});
