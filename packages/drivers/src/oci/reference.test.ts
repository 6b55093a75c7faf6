import assert from "node:assert/strict";
import { test } from "node:test";
import { formatReference, parseReference } from "./reference.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

function check(text: string, full: string): void {
  assert.equal(formatReference(parseReference(text)), full);
  assert.equal(formatReference(parseReference(full)), full, "what is full stays as it is");
}

test("reference: what is left out is filled in (CL-244)", () => {
  check("nginx:1.17.9", "docker.io/library/nginx:1.17.9");
  check("nginx", "docker.io/library/nginx:latest");
  check("team/app", "docker.io/team/app:latest");
  check("docker.io/nginx", "docker.io/library/nginx:latest");
  check("index.docker.io/team/app:1", "docker.io/team/app:1");
  check("https://quay.io/a/b:1", "quay.io/a/b:1");
});

test("reference: a host is told from a user by its dot, port or case", () => {
  check("localhost/app", "localhost/app:latest");
  check("localhost:5000/app", "localhost:5000/app:latest");
  check("127.0.0.1:5000/a/b/c:x_Y.z-1", "127.0.0.1:5000/a/b/c:x_Y.z-1");
  check("[::1]:5000/app:1", "[::1]:5000/app:1");
  check("HOST/app", "HOST/app:latest");
});

test("reference: a digest stands for itself", () => {
  check(`nginx@${digest}`, `docker.io/library/nginx@${digest}`);
  check(`ghcr.io/a/b:1@${digest}`, `ghcr.io/a/b:1@${digest}`);
});

test("reference: hostile texts are refused", () => {
  for (const text of [
    "",
    ":",
    "@",
    "/",
    "nginx:",
    "nginx@",
    "Nginx",
    "../etc/passwd",
    "a/../b",
    "a//b",
    "a/./b",
    "a b",
    "a\nb",
    "a?x=1",
    "a#x",
    "a%2f",
    "host.example:port/a",
    "host.example/",
    "user:pass@host.example/a",
    "http://127.0.0.1/a",
    "file:///etc/passwd",
    `a@sha256:${"0".repeat(63)}`,
    `a@md5:${"0".repeat(32)}`,
    `a@${digest}@${digest}`,
    `a:${"x".repeat(129)}`,
    "a".repeat(256),
    "a/".repeat(600),
    "-a",
    "a-",
    "host.example:80/a:b/c",
  ])
    assert.throws(() => parseReference(text), { kind: "invalid" }, JSON.stringify(text));
});
