import assert from "node:assert/strict";
import { test } from "node:test";
import { allocationAddress, formatRoute, jobAddress, parseRoute, type Route } from "./route.ts";

function check(address: string, expected: Route): void {
  const route = parseRoute(address);
  assert.deepEqual(route, expected);
  if (route.page !== "unknown") assert.deepEqual(parseRoute(formatRoute(route).replace("./", "")), expected);
}

test("route: a page is read from its address and written again", () => {
  check("", { page: "overview" });
  check("nodes", { page: "nodes" });
  check("node?id=n1", { page: "node", id: "n1" });
  check("allocation?id=a1", { page: "allocation", id: "a1" });
  check("jobs?text=web&status=running", { page: "jobs", text: "web", status: "running" });
  check("run?from=web", { page: "run", from: "web", namespace: "default" });
  check("job", { page: "unknown", path: "job" });
  check("some/where", { page: "unknown", path: "some/where" });
});

test("route: names with slashes and other namespaces survive", () => {
  check("job?id=backup%2Fperiodic-1&namespace=prod", {
    page: "job",
    id: "backup/periodic-1",
    namespace: "prod",
  });
  assert.equal(jobAddress("a b&c", "default"), "job?id=a+b%26c");
});

test("route: every address is one level deep, so that relative addresses hold", () => {
  for (const address of [jobAddress("a/b", "x"), allocationAddress("a"), formatRoute({ page: "nodes" })])
    assert.ok(!address.split("?")[0].includes("/"), address);
});
