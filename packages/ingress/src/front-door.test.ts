import assert from "node:assert/strict";
import { test } from "node:test";
import { frontDoorsOf, placeOf } from "./front-door.ts";
import type { ServiceLike } from "./front-door.ts";
import { route } from "./route.ts";

/** `web a 8001 fractus.port=80`: name, id, port (`!` for an unhealthy one), tags. */
function service(line: string): ServiceLike {
  const [name, id, port, ...tags] = line.split(" ");
  const isHealthy = !port.endsWith("!");
  return { id, name, project: "p", tags, address: "127.0.0.1", port: Number.parseInt(port), isHealthy };
}

function check(lines: readonly string[], doors: readonly string[], faults: readonly RegExp[] = []): void {
  const found = frontDoorsOf(lines.map(service));
  const shown = found.doors.map(
    (door) =>
      `${door.name} ${door.mode} ${placeOf(door)}: ${door.backends.map(({ id, isHealthy }) => id + (isHealthy ? "" : "!")).join(" ")}`,
  );
  assert.deepEqual(shown, doors);
  assert.equal(found.faults.length, faults.length, found.faults.join("\n"));
  for (const [i, fault] of faults.entries()) assert.match(found.faults[i], fault);
}

test("front door: services without tags for it have none", () => check(["web a 8001 blue v1"], []));

test("front door: instances with the same ask stand behind one door", () =>
  check(["web b 8002! fractus.port=80", "web a 8001 x fractus.port=80"], ["p/web http port 80: a b!"]));

test("front door: a port, and beside it a host and path", () =>
  check(
    [
      "web a 1 fractus.port=80 fractus.host=Shop fractus.path=/api/",
      "tcp b 2 fractus.port=90 fractus.mode=tcp",
    ],
    ["p/tcp tcp port 90: b", "p/web http port 80: a", "p/web http shop/api: a"],
  ));

test("front door: while a version moves, each address has the instances that ask for it", () =>
  check(
    ["web a 1 fractus.port=80", "web b 2 fractus.port=81"],
    ["p/web http port 80: a", "p/web http port 81: b"],
  ));

test("front door: an address is given once, whatever the order of the services", () => {
  const lines = ["b x 1 fractus.port=80", "a y 2 fractus.port=80"];
  for (const order of [lines, lines.toReversed()]) {
    check(order, ["p/a http port 80: y"], [/port 80 belongs to p\/a: p\/b cannot/]);
  }
});

test("front door: what is not understood is said", () => {
  check(["web a 1 fractus.port=0"], [], [/needs a port from 1/]);
  check(["web a 1 fractus.port=99999"], [], [/needs a port from 1/]);
  check(["web a 1 fractus.hots=x"], [], [/"fractus.hots=x" is not known/]);
  check(["web a 1 fractus.host=a_b"], [], [/host name/]);
  check(["web a 1 fractus.path=api"], [], [/slash/]);
  check(["web a 1 fractus.mode=tcp"], [], [/needs fractus.port/]);
  check(["web a 0 fractus.port=80"], [], [/has no port/]);
});

function routed(asks: readonly string[], host: string, path: string): string | undefined {
  const doors = asks.map((ask) => {
    const at = ask.indexOf("/");
    return { host: at === 0 ? undefined : ask.slice(0, at), path: ask.slice(at), ask };
  });
  return route(doors, { host, path })?.ask;
}

test("route: a host before any host, then the longest path, at the border of a segment", () => {
  const asks = ["/", "/api", "/api/v2", "shop/", "shop/api", "a.example/"];
  assert.equal(routed(asks, "x:80", "/"), "/");
  assert.equal(routed(asks, "x", "/apix"), "/");
  assert.equal(routed(asks, "x", "/api?q"), "/api");
  assert.equal(routed(asks, "x", "/api/v2/y"), "/api/v2");
  assert.equal(routed(asks, "shop:8080", "/api/v2"), "shop/api");
  assert.equal(routed(asks, "SHOP.localhost.", "/"), "shop/");
  assert.equal(routed(asks, "a.example", "/api"), "a.example/");
  assert.equal(routed(["shop/"], "other", "/"), undefined);
});
