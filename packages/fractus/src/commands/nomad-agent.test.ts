import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { settingsOfAgent } from "./nomad-agent.ts";

function inFile(text: string, run: (path: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "nomad-agent-"));
  try {
    writeFileSync(join(folder, "nomad.conf.json"), text);
    run(join(folder, "nomad.conf.json"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("nomad agent: a configuration file is given explicitly, in JSON or HCL (CL-218, CL-219)", () => {
  const json = `{"datacenter": "infrastructure_at_home", "data_dir": "/srv/nomad", "server": {"enabled": true, "bootstrap_expect": 1}, "ports": {"http": 4646}}`;
  const hcl = `datacenter = "infrastructure_at_home"\ndata_dir = "/srv/nomad"\nserver {\n  enabled = true\n}\nports {\n  http = 4646\n}\n`;
  for (const text of [json, hcl]) {
    inFile(text, (path) =>
      assert.deepEqual(settingsOfAgent(["-server", "-config", path]), [
        "--no-fractals",
        "--zone",
        "infrastructure_at_home",
        "--data",
        "/srv/nomad",
        "--http-port",
        "4646",
      ]),
    );
  }
});

test("nomad agent: flags of the command line", () => {
  assert.deepEqual(settingsOfAgent(["-dev", "-dc=dc2", "-node", "raspi-0"]), [
    "--no-fractals",
    "--zone",
    "dc2",
    "--name",
    "raspi-0",
  ]);
});

test("nomad agent: what means nothing here is an error that names it", () => {
  assert.throws(
    () => settingsOfAgent(["-consul-address=x"]),
    /-consul-address of the agent means nothing here/,
  );
  inFile(`{"consul": {"address": "x"}}`, (path) =>
    assert.throws(() => settingsOfAgent(["-config", path]), /"consul.address" means nothing here/),
  );
  inFile(`{"server": {"bootstrap_expect": 3}}`, (path) =>
    assert.throws(() => settingsOfAgent(["-config", path]), /there is one server here/),
  );
  inFile("{", (path) => assert.throws(() => settingsOfAgent(["-config", path]), /is no JSON/));
  assert.throws(() => settingsOfAgent(["-config", "/nowhere/x"]), /cannot be read/);
});
