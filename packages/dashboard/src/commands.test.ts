import assert from "node:assert/strict";
import { test } from "node:test";
import { commands } from "./commands.ts";

const web = { id: "web", namespace: "default" };

test("commands: a button's line for a terminal", () => {
  assert.equal(commands.scaleJob(web, "api", 3), "fractus job scale web api 3");
  assert.equal(commands.stopAllocation("21d08737-aaaa"), "fractus alloc stop 21d08737");
  assert.equal(commands.logs("21d08737-aaaa", "t", true), "fractus alloc logs -f -stderr 21d08737 t");
});

test("commands: another namespace is named, and what a shell would read is quoted", () => {
  assert.equal(
    commands.stopJob({ id: "it's", namespace: "prod" }),
    "fractus job stop -namespace=prod 'it'\\''s'",
  );
  assert.equal(commands.dispatch(web, { size: "a b" }, true), "fractus job dispatch -meta 'size=a b' web -");
});
