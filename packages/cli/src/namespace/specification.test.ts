import assert from "node:assert/strict";
import { test } from "node:test";
import { readSpecification } from "./specification.ts";

const hcl = `
name        = "web"
description = "our web sites"
quota {
  cpu    = 2000
  allocs = 20
}
capabilities {
  disabled_task_drivers = ["raw_exec"]
}
meta {
  owner = "me"
  floor = 3
}
`;

const json = {
  name: "web",
  description: "our web sites",
  quota: { cpu: 2000, allocs: 20 },
  capabilities: { disabled_task_drivers: ["raw_exec"] },
  meta: { owner: "me", floor: 3 },
};

test("the file of a namespace: HCL and JSON say the same", () => {
  const expected = {
    Name: "web",
    Description: "our web sites",
    Limits: { CPU: 2000, MemoryBytes: 0, Allocs: 20 },
    Capabilities: { EnabledTaskDrivers: [], DisabledTaskDrivers: ["raw_exec"] },
    Meta: { owner: "me", floor: "3" },
  };
  assert.deepEqual(readSpecification("web.hcl", hcl), expected);
  assert.deepEqual(readSpecification("web.json", JSON.stringify(json)), expected);
});

test("the file of a namespace: what it does not say is left open", () => {
  assert.deepEqual(readSpecification("web.hcl", 'name = "web"'), { Name: "web" });
});

test("the file of a namespace: what is not understood is an error with its place", () => {
  const check = (text: string, expected: RegExp) =>
    assert.throws(() => readSpecification("web.hcl", text), { name: "Failure", message: expected });
  check('name = "web"\nquoat {}', /web\.hcl:2:1[^]*did you mean "quota"/);
  check('description = "x"', /web\.hcl: it needs a name/);
  check('name = "web"\nquota = "small"', /"quota" is a block/);
  check('name = "web"\nquota {\n  memroy = 5\n}', /Did you mean "memory"/);
  check('name = "web"\nquota {\n  memory = "much"\n}', /memory is a whole number, not "much"/);
  check('name = "web"\ncapabilities {\n  enabled_task_drivers = "exec"\n}', /takes a list of drivers/);
  check('{"name": "web", "x": 1}', /there is no "x"/);
  check('{"name": ', /it is not JSON/);
  check("name = ", /web\.hcl:1/);
});
