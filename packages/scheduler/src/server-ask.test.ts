import assert from "node:assert/strict";
import { test } from "node:test";
import { Cluster } from "./cluster.ts";
import { place } from "./place.ts";
import { serverAsk, type ServerWish } from "./server-ask.ts";
import { nodeWith } from "./testing/build.ts";

const small = { vcpus: 1, memoryMib: 512, diskGib: 1 };

/** Where a server comes to lie on hosts a and c of zone nova and b of zone west, c being the fullest. */
function check(wish: Partial<ServerWish>, expected: string | undefined): void {
  const cluster = new Cluster();
  const drivers = { container: { isDetected: true, isHealthy: true } };
  for (const id of ["a", "b", "c"])
    cluster.setNode(nodeWith({ id, zone: id === "b" ? "west" : "nova", drivers }));
  const other = serverAsk({ id: "other", name: "other", flavor: small, driver: "container" });
  cluster.instances.name(cluster.settle(cluster.nodes.numberOf("c"), other, 0), "other");
  const ask = serverAsk({ id: "vm", name: "vm", flavor: small, driver: "container", ...wish });
  const { placed } = place(cluster, ask, 1);
  assert.equal(placed.length > 0 ? placed.nodeId(0) : undefined, expected);
}

test("server-ask: without a wish the fullest host is taken", () => {
  check({}, "c");
});

test("server-ask: an availability zone, a host in it, or a host alone", () => {
  check({ availabilityZone: "west" }, "b");
  check({ availabilityZone: "nova:a" }, "a");
  check({ availabilityZone: ":a" }, "a");
  check({ availabilityZone: "west:a" }, undefined);
});

test("server-ask: hints about other servers and hosts", () => {
  check({ hints: { otherNodeThan: ["other"] } }, "a");
  check({ availabilityZone: "nova", hints: { sameNodeAs: ["other"] } }, "c");
  check({ hints: { except: ["a", "c"] } }, "b");
});

test("server-ask: a flavor that is too large, and a driver that is not there", () => {
  check({ flavor: { ...small, memoryMib: 4000 } }, "a");
  check({ flavor: { ...small, vcpus: 5 } }, undefined);
  check({ driver: "docker" }, undefined);
});
