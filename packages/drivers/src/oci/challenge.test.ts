import assert from "node:assert/strict";
import { test } from "node:test";
import { parseChallenge } from "./challenge.ts";

test("challenge: bearer with realm, service and scope, blanks, cases and escapes as they come", () => {
  assert.deepEqual(
    parseChallenge(
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull"',
    ),
    {
      scheme: "bearer",
      realm: "https://auth.docker.io/token",
      service: "registry.docker.io",
      scope: "repository:library/nginx:pull",
    },
  );
  assert.deepEqual(parseChallenge('BEARER Realm = "https://a/t?x=\\"1\\"" , service=plain'), {
    scheme: "bearer",
    realm: 'https://a/t?x="1"',
    service: "plain",
  });
});

test("challenge: of several, bearer wins; one without a realm is none", () => {
  assert.equal(parseChallenge('Basic realm="x", Bearer realm="https://a/t"')?.scheme, "bearer");
  assert.deepEqual(parseChallenge('Basic realm="Registry"'), { scheme: "basic" });
  for (const header of ["", "Bearer", 'Bearer service="x"', "Negotiate", '"', "=", ",,,"])
    assert.equal(parseChallenge(header), undefined, header);
});

test("challenge: a long header takes no long time", () => {
  const startedMs = performance.now();
  parseChallenge(`Bearer realm="${"\\".repeat(1_000_000)}`);
  parseChallenge("a ".repeat(1_000_000));
  assert.ok(performance.now() - startedMs < 500);
});
