/** A cloud that asks who is there: the first token, policies, tokens of people, and what these may not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { commandLineOf, rowsOf } from "./command-line-session.ts";
import { eventually, startCloud, withCloudFolder } from "./start-cloud.ts";

const reader = `
namespace "default" {
  policy = "read"
}
`;

const job = `
job "sleeper" {
  group "g" {
    task "sleep" {
      driver = "raw_exec"
      config {
        command = "/bin/sleep"
        args    = ["600"]
      }
      resources {
        cpu    = 10
        memory = 10
      }
    }
  }
}
`;

const valueOf = (text: string, key: string) => new RegExp(`^${key} += (.*)$`, "m").exec(text)?.[1] ?? "";

test("tokens and policies on the command line", { timeout: 60_000 }, (t) =>
  withCloudFolder(async (dataDirectory) => {
    const cloud = await startCloud({ dataDirectory, args: ["--acl"] });
    const { says, refuses, file } = commandLineOf(cloud);
    const words = (line: string | readonly string[]) => (typeof line === "string" ? line.split(" ") : line);
    const as = (secret: string, line: string | readonly string[]) => [...words(line), "-token", secret];
    const denied =
      /^Error: Permission denied \(\w+ \/v1\/\S+\)\.\nThis needs a token that allows it: give one with -token/;
    let first = "";
    let bob = { accessor: "", secret: "" };

    await t.test("without a token nothing is told", () => {
      for (const line of ["status", "node status", "eval list", "acl token list"])
        assert.match(`${line}: ${refuses(line)}`, /: Error: Permission denied/);
      assert.match(refuses("status -token nonsense"), /ACL token not found/);
    });

    await t.test("the first token is made once", () => {
      const text = says("acl bootstrap");
      first = valueOf(text, "Secret ID");
      assert.equal(valueOf(text, "Type"), "management");
      assert.match(refuses("acl bootstrap"), /ACL bootstrap already done/);
      assert.match(says(as(first, "node status")), /^ID +DC /);
    });

    await t.test("a policy and a token of it", () => {
      const policy = [
        "acl",
        "policy",
        "apply",
        "-description",
        "only look",
        "reader",
        file("reader.hcl", reader),
      ];
      assert.equal(says(as(first, policy)), 'Successfully wrote "reader" ACL policy!\n');
      const wrong = file("wrong.hcl", reader.replace("read", "look"));
      assert.match(
        refuses(as(first, ["acl", "policy", "apply", "wrong", wrong])),
        /"look" is no policy of a namespace/,
      );
      assert.equal(says(as(first, "acl policy list")), "Name    Description\nreader  only look\n");
      assert.ok(says(as(first, "acl policy info reader")).includes(reader.trim()));
      const text = says(as(first, "acl token create -name bob -policy reader -type client"));
      bob = { accessor: valueOf(text, "Accessor ID"), secret: valueOf(text, "Secret ID") };
      assert.equal(valueOf(says(as(bob.secret, "acl token self")), "Policies"), "[reader]");
      assert.deepEqual(
        rowsOf(says(as(first, "acl token list")), "Name")
          .map((row) => row["Name"])
          .sort(),
        ["Bootstrap Token", "bob"],
      );
    });

    await t.test("what the policy does not allow is denied", async () => {
      const path = file("sleeper.nomad", job);
      says(as(first, ["run", "-detach", path]));
      await eventually("it runs", () => /running/.test(says(as(first, "job allocs sleeper"))));
      assert.match(says(as(bob.secret, "status sleeper")), /^ID +/);
      const [{ ID: alloc }] = rowsOf(says(as(bob.secret, "job allocs sleeper")), "ID");
      for (const line of [
        ["run", path],
        ["job", "stop", "sleeper"],
        ["node", "status"],
        ["acl", "token", "list"],
        ["system", "gc"],
        ["operator", "snapshot", "save", "x.snap"],
      ])
        assert.match(refuses(as(bob.secret, line)), denied, line.join(" "));
      assert.match(
        refuses(as(bob.secret, ["alloc", "stop", alloc])),
        /^Error: (Permission denied|not found: alloc)/,
      );
      const exec = ["exec", "-token", bob.secret, alloc, "true"];
      assert.match(refuses(exec), /^(Error: )?(not found: |Permission denied|alloc not found)/);
      assert.equal(says(["exec", "-token", first, alloc, "/bin/echo", "in"]), "in\n");
    });

    await t.test("a token that is changed and deleted", () => {
      assert.equal(
        valueOf(says(as(first, `acl token update -name robert ${bob.accessor}`)), "Name"),
        "robert",
      );
      assert.match(says(as(first, `acl token delete ${bob.accessor}`)), /successfully deleted/);
      assert.match(refuses(as(bob.secret, "status")), /ACL token not found/);
      assert.match(says(as(first, "acl policy delete reader")), /Successfully deleted/);
    });

    await cloud.stop();
  }),
);
