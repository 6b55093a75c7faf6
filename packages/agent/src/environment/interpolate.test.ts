import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeFacts } from "../control-link.ts";
import { interpolate, interpolateAll } from "./interpolate.ts";

const node = {
  id: "n-1",
  name: "raspi-4-1",
  zone: "dc1",
  pool: "default",
  class: "large",
  attributes: { "kernel.name": "linux", "unique.hostname": "raspi" },
  meta: { rack: "r1", "a.b": "dotted" },
} as unknown as NodeFacts;

const env = { NOMAD_PORT_http: "8080", "odd-name": "odd", OTHER: "${NOMAD_PORT_http}" };

function check(text: string, expected: string): void {
  assert.equal(interpolate(text, { env, node }), expected);
}

test("interpolate: references to the environment", () => {
  check("-p ${NOMAD_PORT_http}", "-p 8080");
  check('${env.NOMAD_PORT_http} ${env["odd-name"]}', "8080 odd");
  check("${ NOMAD_PORT_http }", "8080");
});

test("interpolate: references to the node", () => {
  check(
    "${node.unique.id} ${node.unique.name} ${node.datacenter} ${node.class} ${node.pool}",
    "n-1 raspi-4-1 dc1 large default",
  );
  check("${attr.kernel.name} ${attr.unique.hostname} ${meta.rack} ${meta.a.b}", "linux raspi r1 dotted");
});

test("interpolate: what names nothing stays, $${ is a literal ${", () => {
  check(
    "${NOPE} ${attr.none} ${env.toString} ${node.constructor} ${} $x {y}",
    "${NOPE} ${attr.none} ${env.toString} ${node.constructor} ${} $x {y}",
  );
  check("$${NOMAD_PORT_http} $${", "${NOMAD_PORT_http} ${");
});

test("interpolate: it is one pass: what comes out is not looked at again", () =>
  check("${OTHER}", "${NOMAD_PORT_http}"));

test("interpolate: all texts of a JSON value", () => {
  const value = { args: ["-p", "${NOMAD_PORT_http}"], n: 1, deep: { "${x}": "${meta.rack}", none: null } };
  assert.deepEqual(interpolateAll(value, { env, node }), {
    args: ["-p", "8080"],
    n: 1,
    deep: { "${x}": "r1", none: null },
  });
});
