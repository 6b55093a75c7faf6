import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "@fractus/core/refusal.ts";
import { aclOf, fits } from "./acl.ts";
import { parsePolicyRules } from "./policy-rules.ts";

const acl = (...texts: string[]) => aclOf(texts.map(parsePolicyRules));

test("acl: the words read, write, scale and deny stand for capabilities", () => {
  const read = acl('namespace "default" { policy = "read" }');
  assert.ok(read.allows("default", "read-job"));
  assert.ok(!read.allows("default", "submit-job"));
  assert.ok(!read.allows("default", "read-logs"));
  const write = acl('namespace "default" { policy = "write" }');
  assert.ok(write.allows("default", "register-job"));
  assert.ok(write.allows("default", "alloc-exec"));
  assert.ok(!write.allows("default", "alloc-node-exec"));
  const scale = acl('namespace "default" { policy = "scale" }');
  assert.ok(scale.allows("default", "scale-job"));
  assert.ok(!scale.allows("default", "read-job"));
});

test("acl: submit-job includes registering and deregistering", () => {
  const one = acl('namespace "default" { capabilities = ["submit-job"] }');
  assert.ok(one.allows("default", "register-job"));
  assert.ok(one.allows("default", "deregister-job"));
});

test("acl: of several patterns that fit the longest counts, and an exact name before all", () => {
  const one = acl(
    'namespace "*" { policy = "read" }\nnamespace "web-*" { policy = "write" }\nnamespace "web-secret" { policy = "deny" }',
  );
  assert.ok(one.allows("db", "read-job"));
  assert.ok(!one.allows("db", "submit-job"));
  assert.ok(one.allows("web-shop", "submit-job"));
  assert.ok(!one.allows("web-secret", "read-job"));
  assert.ok(!one.sees("web-secret"));
});

test("acl: policies add up, and deny beats all", () => {
  const both = acl(
    'namespace "default" { capabilities = ["read-job"] }',
    'namespace "default" { capabilities = ["read-logs"] }',
  );
  assert.ok(both.allows("default", "read-job") && both.allows("default", "read-logs"));
  const denied = acl('namespace "default" { policy = "write" }', 'namespace "default" { policy = "deny" }');
  assert.ok(!denied.allows("default", "read-job"));
  assert.ok(!denied.allowsSomewhere("read-job"));
});

test("acl: variables by path, the longest pattern first, and reading includes listing", () => {
  const one = acl(`namespace "default" {
  policy = "read"
  variables {
    path "*" {
      capabilities = ["list"]
    }
    path "nomad/jobs/*" {
      capabilities = ["read"]
    }
    path "nomad/jobs/secret" {
      capabilities = ["deny"]
    }
  }
}`);
  assert.ok(one.allowsVariable("default", "any", "list"));
  assert.ok(!one.allowsVariable("default", "any", "read"));
  assert.ok(one.allowsVariable("default", "nomad/jobs/web", "read"));
  assert.ok(one.allowsVariable("default", "nomad/jobs/web", "list"));
  assert.ok(!one.allowsVariable("default", "nomad/jobs/web", "write"));
  assert.ok(!one.allowsVariable("default", "nomad/jobs/secret", "list"));
  assert.ok(!one.allowsVariable("other", "any", "list"));
});

test("acl: nodes, agents, operators, pools and volumes have levels of their own", () => {
  const one = acl(`node { policy = "read" }
agent { policy = "write" }
operator { policy = "deny" }
node_pool "gpu-*" { policy = "write" }
host_volume "certs" { policy = "read" }`);
  assert.ok(one.allowsAt("node", "read") && !one.allowsAt("node", "write"));
  assert.ok(one.allowsAt("agent", "write"));
  assert.ok(!one.allowsAt("operator", "read"));
  assert.ok(!one.allowsAt("plugin", "read"));
  assert.ok(one.allowsPool("gpu-1", "write") && !one.allowsPool("default", "read"));
  assert.ok(one.allowsVolume("certs", "mount-readonly") && !one.allowsVolume("certs", "mount-readwrite"));
});

test("acl: nobody's rights are none", () => {
  const nobody = aclOf([]);
  assert.ok(
    !nobody.allows("default", "list-jobs") && !nobody.sees("default") && !nobody.allowsAt("node", "read"),
  );
});

test("acl: a policy may be written in JSON", () => {
  const one = acl('{"namespace": {"default": {"policy": "read"}}, "node": {"policy": "write"}}');
  assert.ok(one.allows("default", "read-job") && one.allowsAt("node", "write"));
});

test("acl: rules that cannot be used are refused with their place", () => {
  const check = (text: string, pattern: RegExp) =>
    assert.throws(
      () => parsePolicyRules(text),
      (error) => error instanceof Refusal && error.kind === "invalid" && pattern.test(error.message),
      text,
    );
  check("", /say nothing/);
  check('namespace "a" { policy = "rad" }', /"rad" is no policy of a namespace at 1:1/);
  check('namespace "a" { capabilities = ["fly"] }', /no capability "fly"/);
  check('\nspace "a" { }', /no block "space" in a policy at 2:1/);
  check('node { policy = "scale" }', /"node" takes/);
  check('namespace "a" { colour = "red" }', /knows no "colour"/);
  check('namespace "a" {', /cannot be used/);
  check("{", /cannot be used/);
  check('namespace "a" { policy = file("/etc/passwd") }', /cannot be used/);
});

test("acl: an asterisk stands for any text, also none, at any place", () => {
  assert.ok(fits("*", "") && fits("a*c", "ac") && fits("a*c", "abbc") && fits("*b*", "abc"));
  assert.ok(!fits("a*b", "a") && !fits("ab*ba", "aba") && !fits("a", "ab"));
});
