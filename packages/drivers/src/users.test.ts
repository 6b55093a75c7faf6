import assert from "node:assert/strict";
import { test } from "node:test";
import { findUser } from "./users.ts";

const passwd = "root:x:0:0:root:/root:/bin/sh\nweb:x:33:34::/:/bin/false\n";

function check(wanted: string, expected: object) {
  assert.deepEqual(findUser(wanted, passwd), expected);
}

test("users: by name, by number, by both numbers", () => {
  check("web", { uid: 33, gid: 34, name: "web" });
  check("33", { uid: 33, gid: 34, name: "web" });
  check("33:100", { uid: 33, gid: 100, name: "web" });
  check("5000", { uid: 5000, gid: 5000 });
});

test("users: one that is not there is refused by name", () => {
  for (const wanted of ["", "nobody else", "-1", "web:x"])
    assert.throws(() => findUser(wanted, passwd), {
      kind: "invalid",
      message: new RegExp(`no user "${wanted}"`),
    });
});
