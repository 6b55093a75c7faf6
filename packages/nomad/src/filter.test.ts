import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "@fractus/core/refusal.ts";
import { filterOf } from "./filter.ts";

const job = {
  ID: "web",
  Status: "running",
  Priority: 50,
  Stop: false,
  Datacenters: ["dc1", "dc2"],
  Meta: { team: "blue", "fractus.after": "db" },
  Tasks: null,
  Drivers: { exec: { Healthy: true }, docker: { Healthy: false } },
};

function check(expression: string, expected: boolean) {
  assert.equal(filterOf(expression)(job), expected, expression);
}

test("filter: equality by the kind of the field", () => {
  check('Status == "running"', true);
  check("Status == running", true);
  check('Status != "running"', false);
  check("Priority == 50", true);
  check('Priority == "5e1"', true);
  check("Stop == false", true);
  check("Stop == true", false);
});

test("filter: in, contains, matches, emptiness, each with its negation", () => {
  check('"dc1" in Datacenters', true);
  check("dc1 not in Datacenters", false);
  check('Datacenters contains "dc3"', false);
  check("Datacenters not contains dc3", true);
  check('"team" in Meta', true);
  check('ID contains "e"', true);
  check('ID matches "^w.b$"', true);
  check('ID not matches "^x"', true);
  check("Tasks is empty", true);
  check("Meta is not empty", true);
});

test("filter: selectors reach into maps by name, key and pointer", () => {
  check("Meta.team == blue", true);
  check('Meta["team"] == "blue"', true);
  check('Meta["fractus.after"] == db', true);
  check("Meta.fractus.after == db", true);
  check('"/Meta/team" == blue', true);
  check("Meta.nobody == blue", false);
  check("Meta.nobody != blue", true);
  check("Drivers.exec.Healthy == true", true);
});

test("filter: not binds tighter than and, and tighter than or", () => {
  check("Stop == true and Stop == true or ID == web", true);
  check("not Stop == true and ID == web", true);
  check("not (Stop == true or ID == web)", false);
  check("not not ID == web", true);
});

test("filter: any and all go through lists and maps", () => {
  check('any Datacenters as d { d == "dc2" }', true);
  check('all Datacenters as d { d matches "^dc" }', true);
  check("any Drivers as name, driver { name == docker and driver.Healthy == true }", false);
  check("any Drivers as name { name == docker }", true);
  check("all Datacenters as i, d { i == 0 }", false);
});

function fails(expression: string, pattern: RegExp) {
  assert.throws(
    () => filterOf(expression)(job),
    (error) => error instanceof Refusal && error.kind === "invalid" && pattern.test(error.message),
    expression,
  );
}

test("filter: what is wrong is told with its place", () => {
  fails("Status = running", /character 8 /);
  fails("Status ==", /character 10 is the end/);
  fails('(Status == "a"', /character 15 is the end, expected \)/);
  fails('"a" == Status', /character 1 is a value/);
  fails('ID matches "("', /character 12 begins a pattern/);
  fails('Colour == "a"', /no field Colour/);
  fails('ID == "a" ID', /character 11/);
  fails("(".repeat(100) + "ID == web", /nested too deeply/);
  fails(`ID == "${"a".repeat(9000)}"`, /longer than/);
});

test("filter: a pattern that would backtrack for years takes no time", () => {
  const test = filterOf('ID matches "^(a+)+$"');
  assert.equal(test({ ID: `${"a".repeat(2000)}b` }), false);
});
