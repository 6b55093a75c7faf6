import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { allRoutes } from "./all-routes.ts";
import { authorities } from "./authority.ts";
import { nameOf } from "./route.ts";
import { smallJob, startWorld, type World } from "./testing/world.ts";

let world: World;
before(async () => {
  world = await startWorld();
  await world.join("node1");
});
after(() => world.close());

test("door: every route stands in the table of authorities, and nothing else does", () => {
  const names = allRoutes.map(nameOf);
  assert.equal(new Set(names).size, names.length, "a route is registered twice");
  assert.deepEqual(
    names.filter((name) => !(name in authorities)),
    [],
  );
  assert.deepEqual(
    Object.keys(authorities).filter((name) => !names.includes(name)),
    [],
  );
});

test("door: a call that is not there says so by name", async () => {
  const none = await world.call("GET", "/nonsense");
  assert.deepEqual([none.status, none.text], [404, "There is no GET /v1/nonsense here."]);
  const method = await world.call("DELETE", "/jobs");
  assert.equal(method.status, 405);
  assert.match(method.text, /this path takes GET, POST, PUT/);
  const left = await world.app.inject({ url: "/v1/quotas" });
  assert.equal(left.statusCode, 501);
  assert.match(left.body, /limits are set on the namespace/);
});

test("door: a body that cannot be used is named", async () => {
  const broken = await world.app.inject({ method: "PUT", url: "/v1/jobs/parse", payload: "{" });
  assert.equal(broken.statusCode, 400);
  assert.match(broken.body, /^The body is no JSON: /);
  const list = await world.call("POST", "/search", []);
  assert.equal(list.text, "The body is to be a JSON object.");
  const large = await world.app.inject({
    method: "POST",
    url: "/v1/jobs",
    payload: Buffer.alloc(17 * 1024 * 1024),
  });
  assert.equal(large.statusCode, 413);
  assert.match(large.body, /larger than this call takes/);
  const empty = await world.call("POST", "/jobs");
  assert.deepEqual([empty.status, empty.text], [400, "Job must be specified"]);
});

test("door: answers carry the index and may be written for people", async () => {
  const answer = await world.call("GET", "/status/leader?pretty");
  assert.equal(answer.headers["x-nomad-knownleader"], "true");
  assert.equal(answer.headers["x-nomad-lastcontact"], "0");
  assert.match(String(answer.headers["x-nomad-index"]), /^[1-9]/);
  assert.equal(answer.text, '"127.0.0.1:4647"');
  assert.match((await world.call("GET", "/agent/health?pretty")).text, /\n {4}"server"/);
});

test("door: a waiting question is answered when its own object changes, not another's", async () => {
  await world.run(smallJob("awaited", {}, { Count: 0 }));
  await world.run(smallJob("other", {}, { Count: 0 }));
  const first = await world.call("GET", "/job/awaited");
  const index = String(first.headers["x-nomad-index"]);
  let isAnswered = false;
  const waiting = world
    .call("GET", `/job/awaited?index=${index}&wait=30s`)
    .finally(() => (isAnswered = true));
  await world.run(smallJob("other", { Meta: { a: "1" } }, { Count: 0 }));
  assert.equal(isAnswered, false);
  await world.post("/jobs", { Job: smallJob("awaited", { Meta: { a: "1" } }, { Count: 0 }) });
  const answer = await waiting;
  assert.equal(answer.json.Version, 1);
  assert.ok(Number(answer.headers["x-nomad-index"]) > Number(index));
});

test("door: a question waits no longer than it says", async () => {
  const index = world.control.state.index + 1000;
  const startedMs = performance.now();
  const answer = await world.call("GET", `/nodes?index=${index}&wait=30ms`);
  assert.equal(answer.status, 200);
  assert.ok(performance.now() - startedMs >= 29);
  const wrong = await world.call("GET", `/nodes?index=1000000&wait=soon`);
  assert.deepEqual([wrong.status, wrong.text], [400, 'Invalid wait: "soon"']);
  assert.equal((await world.call("GET", "/nodes?index=x")).status, 400);
});

test("door: one may wait for a job that is not there yet", async () => {
  const { headers } = await world.call("GET", "/jobs");
  const waiting = world.call("GET", `/job/unborn?index=${String(headers["x-nomad-index"])}&wait=30s`);
  await world.post("/jobs", { Job: smallJob("unborn", {}, { Count: 0 }) });
  assert.equal((await waiting).json.ID, "unborn");
});
