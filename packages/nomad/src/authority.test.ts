import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { allRoutes } from "./all-routes.ts";
import { authorities } from "./authority.ts";
import { nameOf, type Route } from "./route.ts";
import { type Json, smallJob, startWorld, type World } from "./testing/world.ts";

let world: World;
let root: string;
let nodeId: string;
const tokens: Record<string, string> = {};

before(async () => {
  world = await startWorld();
  nodeId = await world.join("node1");
  await world.post("/namespace", { Name: "theirs" });
  await world.run(smallJob("web", { Meta: { a: "1" } }));
  await world.run(
    smallJob("secret", { Namespace: "theirs" }, { Scaling: { Min: 1, Max: 2, Enabled: true } }),
  );
  await world.post("/var/shared/key", { Items: { a: "1" } });
  await world.post("/var/hidden/key", { Items: { a: "1" } });
  const bootstrap = await world.post("/acl/bootstrap");
  root = bootstrap.SecretID;
  await give("reader", 'namespace "default" { policy = "read" }');
  await give("writer", 'namespace "default" { policy = "write" }\nnode { policy = "read" }');
  await give(
    "keys",
    'namespace "default" {\n  variables {\n    path "shared/*" {\n      capabilities = ["read"]\n    }\n  }\n}',
  );
});
after(() => world.close());

async function give(name: string, rules: string): Promise<void> {
  await world.post(`/acl/policy/${name}`, { Name: name, Rules: rules }, root);
  const token = await world.post("/acl/token", { Name: name, Type: "client", Policies: [name] }, root);
  tokens[name] = token.SecretID;
}

/** The path of a route, with things of the other namespace in it. */
function pathTo(route: Route): string {
  const [allocation] = [...world.control.state.allocations.values()].filter(
    (one) => one.project === "theirs",
  );
  const { state } = world.control;
  const ids: readonly (readonly [string, string])[] = [
    ["/job/", "secret"],
    ["/node/", nodeId],
    ["/allocation/", allocation.id],
    ["/client/", allocation.id],
    ["/evaluation/", allocation.evaluationId],
    ["/deployment/", [...state.deployments.values()].find((one) => one.project === "theirs")!.id],
  ];
  const id = ids.find(([prefix]) => route.path.startsWith(prefix))?.[1] ?? "anything";
  return route.path.replace(":id", id).replace(/:\w+/, "anything").replace("*", "hidden/key");
}

const bodies: Readonly<Record<string, Json>> = {
  "POST /jobs": { Job: smallJob("secret", { Namespace: "theirs" }) },
  "POST /job/:id": { Job: smallJob("secret", { Namespace: "theirs" }) },
  "POST /job/:id/plan": { Job: smallJob("secret", { Namespace: "theirs" }) },
  "POST /validate/job": { Job: smallJob("secret", { Namespace: "theirs" }) },
};

/** Until the loops of the cloud, which rest for 50 ms between steps, have nothing left to write. */
async function untilQuiet(): Promise<number> {
  for (;;) {
    const { index } = world.control.state;
    await new Promise((resolve) => setTimeout(resolve, 150));
    if (world.control.state.index === index) return index;
  }
}

test("authority: of every guarded route, a stranger learns and changes nothing", async () => {
  const index = await untilQuiet();
  for (const route of allRoutes) {
    const { need } = authorities[nameOf(route)];
    if (need === "nothing" || need === "own") continue;
    const body = bodies[nameOf(route)] ?? (route.method === "GET" ? undefined : {});
    for (const token of [undefined, tokens.keys]) {
      const answer = await world.call(route.method, `${pathTo(route)}?namespace=theirs`, body, token);
      const isExec = route.path.endsWith("/exec");
      assert.ok(
        [403, 404].includes(answer.status) || isExec,
        `${nameOf(route)}: ${answer.status} ${answer.text}`,
      );
    }
  }
  assert.equal(world.control.state.index, index);
});

test("authority: of the routes that look for themselves, a stranger gets what is empty, or nothing", async () => {
  for (const path of ["/vars?namespace=*", "/namespaces", "/node/pools", "/acl/policies", "/acl/roles"])
    assert.deepEqual(await world.get(path), [], path);
  for (const path of [
    "/var/hidden/key",
    "/acl/token/someone",
    "/event/stream?topic=Node",
    "/event/stream?topic=Job",
  ])
    assert.equal((await world.call("GET", path)).status, 403, path);
  assert.equal((await world.call("GET", "/namespace/theirs")).status, 404);
  const search = await world.post("/search", { Prefix: "", Context: "all", Namespace: "*" });
  assert.deepEqual(search.Matches, {});
  const fuzzy = await world.post("/search/fuzzy", { Text: "se", Namespace: "*" });
  assert.deepEqual(fuzzy.Matches, {});
  assert.doesNotMatch((await world.call("GET", "/metrics")).text, /secret|node1/);
});

test("authority: what may be done is what the policy says", async () => {
  assert.equal((await world.get("/job/web", tokens.reader)).ID, "web");
  const job = { Job: smallJob("web", { Meta: { b: "1" } }) };
  assert.equal((await world.call("POST", "/jobs", job, tokens.reader)).status, 403);
  assert.equal((await world.call("GET", "/nodes", undefined, tokens.reader)).status, 403);
  assert.equal((await world.get("/nodes", tokens.writer)).length, 1);
  await world.post("/jobs", job, tokens.writer);
  assert.equal((await world.call("POST", `/node/${nodeId}/purge`, {}, tokens.writer)).status, 403);
  assert.equal((await world.call("GET", "/jobs", undefined, "nobody's")).status, 403);
});

test("authority: what is in another namespace is not found, and not in lists", async () => {
  const [theirs] = await world.get("/allocations?namespace=theirs", root);
  for (const path of [
    `/allocation/${theirs.ID}`,
    `/evaluation/${theirs.EvalID}`,
    `/client/fs/ls/${theirs.ID}`,
  ]) {
    const answer = await world.call("GET", path, undefined, tokens.reader);
    assert.equal(answer.status, 404, path);
    assert.match(answer.text, /not found/);
  }
  const jobs = await world.get("/jobs?namespace=*", tokens.reader);
  assert.deepEqual(
    jobs.map((job: Json) => job.ID),
    ["web"],
  );
  assert.equal((await world.get("/jobs?namespace=*", root)).length, 2);
  assert.deepEqual(
    (await world.get("/namespaces", tokens.reader)).map((one: Json) => one.Name),
    ["default"],
  );
  const onNode = await world.get(`/node/${nodeId}/allocations`, tokens.writer);
  assert.ok(onNode.length > 0 && onNode.every((one: Json) => one.Namespace === "default"));
});

test("authority: a job counts for the namespace that it names, not for that of the query", async () => {
  const job = { Job: smallJob("secret", { Namespace: "theirs" }) };
  for (const path of ["/jobs", "/job/secret", "/job/secret/plan"])
    assert.equal(
      (await world.call("POST", `${path}?namespace=default`, job, tokens.writer)).status,
      403,
      path,
    );
});

test("authority: variables by their paths", async () => {
  const listed = await world.get("/vars", tokens.keys);
  assert.deepEqual(
    listed.map((one: Json) => one.Path),
    ["shared/key"],
  );
  assert.deepEqual((await world.get("/var/shared/key", tokens.keys)).Items, { a: "1" });
  assert.equal((await world.call("PUT", "/var/shared/key", { Items: { a: "2" } }, tokens.keys)).status, 403);
  assert.equal((await world.call("GET", "/var/hidden/key", undefined, tokens.keys)).status, 403);
});

test("authority: tokens are told once, and everybody sees their own", async () => {
  const again = await world.call("POST", "/acl/bootstrap");
  assert.equal(again.status, 409);
  const all = await world.get("/acl/tokens", root);
  assert.ok(all.every((one: Json) => one.SecretID === undefined));
  assert.equal((await world.get("/acl/token/self", tokens.reader)).Name, "reader");
  assert.equal((await world.get("/acl/token/self")).AccessorID, "anonymous");
  assert.deepEqual(
    (await world.get("/acl/policies", tokens.reader)).map((one: Json) => one.Name),
    ["reader"],
  );
  assert.equal((await world.call("GET", "/acl/policy/writer", undefined, tokens.reader)).status, 404);
  const { OneTimeToken } = await world.post("/acl/token/onetime", {}, tokens.reader);
  const exchange = { OneTimeSecretID: OneTimeToken.OneTimeSecretID };
  const { Token } = await world.post("/acl/token/onetime/exchange", exchange);
  assert.equal(Token.SecretID, tokens.reader);
  assert.equal((await world.call("POST", "/acl/token/onetime/exchange", exchange)).status, 403);
});

test("authority: a token may come as a bearer, roles count, and what is deleted is over", async () => {
  const role = await world.post("/acl/role", { Name: "ops", Policies: [{ Name: "writer" }] }, root);
  const made = await world.post(
    "/acl/token",
    { Name: "ops", Type: "client", Roles: [{ Name: "ops" }] },
    root,
  );
  const answer = await world.app.inject({
    url: "/v1/nodes",
    headers: { authorization: `Bearer ${made.SecretID}` },
  });
  assert.equal(answer.statusCode, 200);
  assert.equal((await world.get(`/acl/role/name/ops`, root)).ID, role.ID);
  await world.post(
    `/acl/token/${made.AccessorID}`,
    { Name: "less", Type: "client", Policies: ["reader"] },
    root,
  );
  assert.equal((await world.call("GET", "/nodes", undefined, made.SecretID)).status, 403);
  await world.call("DELETE", `/acl/token/${made.AccessorID}`, undefined, root);
  assert.equal((await world.call("GET", "/jobs", undefined, made.SecretID)).status, 403);
});

test("authority: a policy that cannot be read is refused with the place", async () => {
  const answer = await world.call(
    "POST",
    "/acl/policy/bad",
    { Rules: 'namespace "x" {\n  policy = "all"\n}' },
    root,
  );
  assert.equal(answer.status, 400);
  assert.match(answer.text, /"all" is no policy of a namespace at 1:1/);
});

test("authority: who may not is turned away before the body is read", async () => {
  const body = Buffer.alloc(20 * 1024 * 1024);
  const answer = await world.app.inject({
    method: "PUT",
    url: "/v1/operator/scheduler/configuration",
    payload: body,
  });
  assert.equal(answer.statusCode, 403);
});
