import assert from "node:assert/strict";
import { test } from "node:test";
import { fstabLine, locateInRoot } from "./root-file-system.ts";
import { taskDirectory } from "./task-directory.ts";

test("root file system: no name can add a word or a line to the table of mounts", () => {
  const line = fstabLine({ source: "/a b\tc\nd\\e#", target: "/x", type: "none", options: "bind" });
  assert.equal(line, "/a\\040b\\011c\\012d\\134e\\043 /x none bind 0 0\n");
});

test("root file system: a path of the task is found on the machine, or nowhere", () => {
  const directory = taskDirectory("/data/i1", "web");
  const mounts = [{ source: "/srv/v", destination: "/data/v", readOnly: true }];
  const locate = (path: string) => locateInRoot(directory, mounts, path);
  assert.deepEqual(
    ["/local/a", "/alloc/x", "/data/v/y", "/usr/bin/env", "/etc/shadow", "/localx"].map(locate),
    ["/data/i1/web/local/a", "/data/i1/alloc/x", "/srv/v/y", "/usr/bin/env", undefined, undefined],
  );
});
