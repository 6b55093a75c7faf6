import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readSettings, settingsHelp, settingsTable } from "./config.ts";
import { readConfigFile } from "./read-file.ts";

function check(argv: string, expected: object, env: Record<string, string> = {}) {
  assert.partialDeepStrictEqual(readSettings(argv.split(" ").filter(Boolean), env), expected);
}

function inFile(text: string, run: (path: string) => void) {
  const directory = mkdtempSync(join(tmpdir(), "config-"));
  try {
    writeFileSync(join(directory, "fractus.hcl"), text);
    run(join(directory, "fractus.hcl"));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test("config: defaults", () => {
  check("", { port: 8080, httpPort: 4646, amqpPort: 5672, host: "127.0.0.1", demo: true, nodes: 1 });
});

test("config: flags before environment before file before defaults, each with its origin", () => {
  inFile("port = 1\nhttp_port = 2\n\namqp_port = 3\n", (path) => {
    const settings = readSettings(["--config", path, "--port", "10"], { FRACTUS_HTTP_PORT: "20" });
    assert.partialDeepStrictEqual(settings, { port: 10, httpPort: 20, amqpPort: 3, dnsPort: 8600 });
    const lines = settingsTable(settings).join("\n");
    assert.match(lines, /^port +=? *= 10 +# --port$/m);
    assert.match(lines, /^http_port +=? *= 20 +# FRACTUS_HTTP_PORT$/m);
    assert.match(lines, /^amqp_port +=? *= 3 +# .*fractus.hcl:4$/m);
    assert.match(lines, /^dns_port +=? *= 8600 +# default$/m);
  });
});

test("config: what is given", () => {
  check("--port 0 --workers 3 --no-demo --data /tmp/x", {
    port: 0,
    workers: 3,
    demo: false,
    dataDirectory: "/tmp/x",
  });
  check("", { workers: 5, acl: true }, { FRACTUS_WORKERS: "5", FRACTUS_ACL: "yes" });
});

test("config: what makes no sense is refused by name, with the nearest that does", () => {
  assert.throws(
    () => readSettings(["--workers", "many"], {}),
    /--workers takes a whole number from 0 to 256, not "many"/,
  );
  assert.throws(() => readSettings(["--prot", "1"], {}), /'--prot'.*Did you mean --port\?/);
  assert.throws(
    () => readSettings([], { FRACTUS_PROT: "1" }),
    /FRACTUS_PROT means nothing here. Did you mean FRACTUS_PORT\?/,
  );
  assert.throws(
    () => readSettings([], { FRACTUS_DEMO: "maybe" }),
    /FRACTUS_DEMO takes true or false, not "maybe"/,
  );
  assert.throws(
    () => readSettings(["--nodes", "0"], {}),
    /--nodes takes a whole number of nodes, at least 1/,
  );
});

test("config: a line that is not understood is an error with file and line (CL-218)", () => {
  const fails = (text: string, message: RegExp) =>
    assert.throws(() => readConfigFile("fractus.hcl", text), message);
  fails(
    'data = "/x"\nprot = 1\n',
    /Unknown setting\n +--> fractus.hcl:2:1[^]*prot = 1[^]*Did you mean "port"\?/,
  );
  fails('nod "a" {}\n', /Unknown block\n +--> fractus.hcl:1:1/);
  fails("node {}\n", /A node block has one name/);
  fails('node "a" {\n  memory = "much"\n}\n', /"memory" takes a whole number above 0/);
  fails('host_volume "v" { path = "relative" }\n', /absolute path/);
  fails("port = \n", /fractus.hcl:1/);
});

test("config: nodes and host volumes", () => {
  inFile(
    `node "raspi-0" {
       zone = "infrastructure_at_home"
       memory = 1024
       meta = { rack = "r1" }
     }
     node "raspi-1" {}
     host_volume "data" {
       path = "/srv"
       read_only = true
     }`,
    (path) => {
      const { nodes, hostVolumes } = readSettings(["--config", path], {});
      assert.deepEqual(nodes, [
        { name: "raspi-0", zone: "infrastructure_at_home", memoryBytes: 1024 ** 3, meta: { rack: "r1" } },
        { name: "raspi-1", meta: {} },
      ]);
      assert.deepEqual(hostVolumes, [{ name: "data", path: "/srv", isReadOnly: true }]);
    },
  );
});

test("config: the help names every setting", () => {
  assert.match(settingsHelp(), /--no-demo +request some fractals/);
  assert.match(settingsHelp(), /--http-port N +where the cloud answers/);
});
