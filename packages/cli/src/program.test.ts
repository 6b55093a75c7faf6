import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLine } from "./arguments.ts";
import { Refusal } from "@fractus/core/refusal.ts";
import type { Command, Entry } from "./command.ts";
import { commonFlags } from "./context.ts";
import { findCommand } from "./find-command.ts";
import { entries } from "./registry.ts";
import { jobStub } from "./testing/objects.ts";
import { Answer, session } from "./testing/session.ts";

test("program: a misspelt command is refused, with the one that is meant", async () => {
  for (const [line, meant] of [
    ["jbo run x", "job"],
    ["job rnu x", "job run"],
    ["acl tokn list", "acl token"],
    ["node drian -enable x", "node drain"],
    ["scale web 2", "job scale"],
  ]) {
    const { code, stderr } = await session(line);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`Did you mean \`${meant}\``));
  }
  assert.match((await session("operator xyzzy")).stderr, /There are: operator api, operator metrics/);
});

test("program: every command has help with examples, and the examples are lawful", async () => {
  for (const entry of entries) {
    const command = await entry.load();
    const { code, stdout } = await session(`${entry.names[0]} -help`);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^Usage: fractus ${entry.names[0]} \\[flags\\]`));
    assert.ok(command.examples.length > 0, `${entry.names[0]} has an example`);
    for (const { line } of command.examples) {
      assert.ok(stdout.includes(line), line);
      checkExample(entry, command, line);
    }
  }
});

function checkExample(entry: Entry, command: Command, line: string): void {
  const words = (line.split(" > ")[0].match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ""));
  const found = findCommand(entries, words);
  assert.ok(found.kind === "command" && found.entry === entry, `${line} calls ${entry.names[0]}`);
  const flags = [...(command.flags ?? []), ...commonFlags];
  const parsed = parseLine(found.rest, flags, { isWrapper: command.isWrapper ?? false });
  const [least, most] = command.takes;
  assert.ok(parsed.arguments.length >= least && parsed.arguments.length <= most, line);
}

test("program: no two commands have one name, and no two flags of a command", async () => {
  const names = entries.flatMap((entry) => entry.names);
  assert.equal(new Set(names).size, names.length);
  for (const entry of entries) {
    const flags = [...((await entry.load()).flags ?? []), ...commonFlags].map((flag) => flag.name);
    assert.equal(new Set(flags).size, flags.length, entry.names[0]);
  }
});

test("program: it goes by the name it was called by", async () => {
  const { stdout } = await session("job plan -help", {}, { name: "nomad" });
  assert.match(stdout, /^Usage: nomad job plan /);
  assert.match((await session("job", {}, { name: "nomad" })).stdout, /^Usage: nomad job <command>/);
});

test("program: groups list what they hold; asking for help succeeds", async () => {
  const all = await session("-help");
  assert.equal(all.code, 0);
  assert.match(all.stdout, /^ {2}acl +bootstrap, token, policy$/m);
  const group = await session("help acl token");
  assert.match(group.stdout, /^ {2}create +Make a token$/m);
  assert.equal((await session("help job run")).code, 0);
  assert.equal((await session("acl")).code, 1);
});

test("program: further commands can be registered, and take the place of others", async () => {
  const command: Command = {
    arguments: "",
    takes: [0, 0],
    words: "Starts the cloud.",
    examples: [],
    run: async ({ context }) => {
      context.print("up");
      return 7;
    },
  };
  const extra: readonly Entry[] = [
    { names: ["up", "version"], summary: "Start the cloud", load: () => Promise.resolve(command) },
  ];
  for (const line of ["up", "version"]) {
    const { code, stdout } = await session(line, {}, { extra });
    assert.deepEqual([code, stdout], [7, "up\n"]);
  }
  assert.match((await session("-help", {}, { extra })).stdout, /^ {2}up +Start the cloud$/m);
});

test("program: a command may read its own flags, help among them", async () => {
  const command: Command = {
    arguments: "[settings]",
    takes: [0, 1000],
    words: "Starts the cloud.",
    readsFlags: true,
    examples: [],
    run: async ({ context, arguments: given }) => {
      if (given.includes("refused")) throw new Refusal("conflict", "it runs already");
      context.print(given.join(" "));
    },
  };
  const extra = [{ names: ["up"], summary: "", load: () => Promise.resolve(command) }];
  assert.equal((await session("up --data x -d -help", {}, { extra })).stdout, "--data x -d -help\n");
  const refused = await session("up refused", {}, { extra });
  assert.deepEqual([refused.code, refused.stderr], [1, "Error: it runs already\n"]);
});

test("program: too few and too many arguments are refused with the usage", async () => {
  assert.match(
    (await session("job run")).stderr,
    /too few arguments.\nUsage: fractus job run \[flags\] <job file>/,
  );
  assert.match((await session("version now")).stderr, /too many arguments/);
});

test("program: address, token and namespace come from flags before the environment", async () => {
  const env = { NOMAD_ADDR: "http://there:1", NOMAD_TOKEN: "t1", NOMAD_NAMESPACE: "web", NOMAD_REGION: "eu" };
  const answers = { "GET /v1/jobs": [jobStub] };
  const [asked] = (await session("job status", answers, { env })).asked;
  assert.equal(asked.token, "t1");
  assert.deepEqual([asked.search.get("namespace"), asked.search.get("region")], ["web", "eu"]);
  const [other] = (await session("job status -token t2 -namespace=default", answers, { env })).asked;
  assert.deepEqual([other.token, other.search.get("namespace")], ["t2", "default"]);
});

test("program: a server that does not answer is named, with how to start it", async () => {
  const fetch = () =>
    Promise.reject(new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") }));
  const env = { FRACTUS_ADDR: "there:4646", NOMAD_ADDR: "http://elsewhere" };
  const { code, stderr } = await session("node status", {}, { fetch, env });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /no answer from http:\/\/there:4646 \(connect ECONNREFUSED\)[^]*`npm start`[^]*`fractus up`/,
  );
});

test("program: refusals are told in the server's words, with what to do", async () => {
  const refusing = (status: number, words: string) =>
    session("node status", { "GET /v1/nodes": new Answer(status, words) });
  assert.match(
    (await refusing(403, "Permission denied")).stderr,
    /Permission denied[^]*-token or NOMAD_TOKEN/,
  );
  assert.match((await refusing(404, "")).stderr, /not found/);
  assert.equal((await refusing(500, "disk full")).stderr, "Error: disk full (GET /v1/nodes answered 500).\n");
});

test("program: completion lists the words of commands", async () => {
  for (const shell of ["bash", "zsh"]) {
    const { code, stdout } = await session(`completion ${shell}`);
    assert.equal(code, 0);
    assert.match(stdout, /"acl token"\) words="create delete info list self update" ;;/);
  }
  assert.equal((await session("completion fish")).code, 1);
});
