import assert from "node:assert/strict";
import { test } from "node:test";
import { completeAt } from "./complete.ts";

/** The labels offered at `|`, at most five. */
function check(text: string, expected: readonly string[]): void {
  const offset = text.indexOf("|");
  const { items } = completeAt(text.replace("|", ""), offset);
  assert.deepEqual(items.map((item) => item.label).slice(0, 5), expected);
}

const inTask = (text: string) =>
  `job "j" {\n  group "g" {\n    task "t" {\n      driver = "docker"\n${text}\n    }\n  }\n}\n`;

test("complete: the top of a file", () => check("|", ["job", "variable", "variables", "locals"]));
test("complete: what begins with the word", () => check('job "j" {\n  pri|\n}', ["priority"]));
test("complete: in a job", () => check('job "j" {\n  m|', ["migrate", "meta", "multiregion"]));
test("complete: attributes that are there are not offered again", () => {
  check('job "j" {\n  priority = 3\n  p|\n  periodic {\n  }\n}', ["parameterized"]);
});
test("complete: in a nested block", () => check(inTask("resources {\n  mem|\n}"), ["memory", "memory_max"]));
test("complete: settings of the task's driver", () =>
  check(inTask("config {\n  dns_s|"), ["dns_servers", "dns_search_domains"]));
test("complete: listed values", () =>
  check('job "j" {\n  type = "|', ["service", "batch", "system", "sysbatch"]));
test("complete: values without a quote yet", () => check('job "j" {\n  type = sys|', ["system", "sysbatch"]));
test("complete: bools", () => check('job "j" {\n  all_at_once = |', ["true", "false"]));
test("complete: drivers", () => check('job "j" {\n  task "t" {\n    driver = "d|', ["docker"]));
test("complete: in the content of a dynamic block", () => {
  check(inTask('dynamic "artifact" {\n  for_each = []\n  content {\n    so|'), ["source"]);
});
test("complete: nothing in comments, in texts, after values and among the author's own names", () => {
  check('job "j" {\n  # pri|', []);
  check('job "j|" {', []);
  check('job "j" {\n  region = "x" |', []);
  check(inTask("env {\n  A|"), []);
  check('job "j" {\n  meta {\n    a = <<E\n pri|', []);
});
test("complete: blocks with their label, and documentation", () => {
  const { items, start } = completeAt('job "j" {\n  gro', 15);
  assert.equal(start, 12);
  assert.deepEqual(items, [
    {
      label: "group",
      kind: "block",
      insert: 'group "$0" {\n}',
      detail: 'group "group name" { … }',
      documentation: "Tasks that run together on one node; each copy of the group is one allocation.",
    },
  ]);
});
test("complete: an attribute says its type and unit", () => {
  const text = 'job "j" {\n group "g" {\n ephemeral_disk {\n  si';
  const [item] = completeAt(text, text.length).items;
  assert.equal(item.insert, "size = $0");
  assert.equal(item.detail, "whole number in MB");
});
