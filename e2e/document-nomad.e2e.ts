/**
 * The article on Nomad runs as it stands: its job files are copied letter by letter, commas and all. Only what it
 * downloads from the network is served by this machine: `ran`, a small static web server in a zip, and nginx.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { isAllowed, needs } from "./needs.ts";
import { eventually, startCloud, withCloudFolder, type RunningCloud } from "./start-cloud.ts";
import { serveNginx } from "./nginx-image.ts";

const zone = "infrastructure_at_home";

/** The first job of the article. */
const example = `job "example" {
  datacenters = ["infrastructure_at_home"],
  group "exec" {
    task "http_serve" {
      driver = "exec"
      artifact {
        source = "https://github.com/m3ng9i/ran/releases/download/v0.1.4/ran_linux_arm64.zip"
      }
      config {
        command = "ran_linux_arm64"
        args = [
          "-l",
          "--debug",
          "-p",
          "\${NOMAD_PORT_http}"
        ]
      }
      resources {
        cpu = 200
        memory = 200
        network {
          port "http" {}
        }
      }
    }
  }
}
`;

/** The second one. */
const example2 = `job "example2" {
  datacenters = ["infrastructure_at_home"],
  group "webserver" {
    count = 3,
    task "nginx" {  
      driver = "docker",
      config {
        image = "nginx:1.17.9"

        port_map {
          http = 80
        }
      }
      resources {
        cpu = 200,
        memory = 200,
        network {
          port "http" {
            static = 80
           }
        }
      }
    }
  }
}
`;

/** Does what the article says of \`ran\`: serves the local directory, on the port after \`-p\`. */
const ran = `#!/usr/bin/python3
import http.server, sys
port = int(sys.argv[sys.argv.index("-p") + 1])
http.server.ThreadingHTTPServer(("127.0.0.1", port), http.server.SimpleHTTPRequestHandler).serve_forever()
`;

const downloaded = "https://github.com/m3ng9i/ran/releases/download/v0.1.4/ran_linux_arm64.zip";

/** Serves the zip; resolves with its address. */
async function serveZip(folder: string): Promise<{ url: string; close(): void }> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "ran_linux_arm64"), ran);
  chmodSync(join(folder, "ran_linux_arm64"), 0o755);
  execFileSync("python3", ["-m", "zipfile", "-c", "ran_linux_arm64.zip", "ran_linux_arm64"], { cwd: folder });
  const zip = readFileSync(join(folder, "ran_linux_arm64.zip"));
  const server = createServer((_, response) => response.end(zip));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ran_linux_arm64.zip`,
    close: () => server.close(),
  };
}

function nodes(memory: Readonly<Record<string, number>>): string {
  const blocks = Object.entries(memory).map(
    ([name, megabytes]) =>
      `node "${name}" {\n  zone = "${zone}"\n  memory = ${megabytes}\n  cpu = 2000\n  disk = 5000\n}\n`,
  );
  return blocks.join("\n");
}

const raspis = nodes({ "raspi-0": 2048, "raspi-4-1": 2048, "raspi-3-2": 1024, "raspi-3-1": 1024 });

interface Stub {
  readonly ID: string;
  readonly NodeName: string;
  readonly ClientStatus: string;
  readonly DesiredStatus: string;
}

async function copies(cloud: RunningCloud, job: string): Promise<Stub[]> {
  const all = await cloud.get<Stub[]>(`/v1/job/${job}/allocations`);
  return all.filter((one) => one.DesiredStatus === "run");
}

async function untilRunning(cloud: RunningCloud, job: string, count: number): Promise<Stub[]> {
  await eventually(
    `${count} of ${job} run`,
    async () => {
      const all = await copies(cloud, job);
      return all.length === count && all.every((one) => one.ClientStatus === "running");
    },
    60_000,
  );
  return copies(cloud, job);
}

function matches(text: string, lines: readonly RegExp[]): void {
  for (const line of lines) assert.match(text, line);
}

const skip = isAllowed("exec") || needs("python3");

test(
  "document: the first job, a binary, from plan to the page that it serves (CL-203, CL-204, CL-225, CL-226, CL-251)",
  { skip, timeout: 120_000 },
  () =>
    withCloudFolder(async (dataDirectory) => {
      const zip = await serveZip(join(dataDirectory, "served"));
      const cloud = await startCloud({ dataDirectory, config: raspis, args: ["--local-artifacts"] });
      const file = join(dataDirectory, "example.nomad");
      writeFileSync(file, example.replace(downloaded, zip.url));

      await eventually(
        "all nodes are ready",
        async () => (await cloud.get<unknown[]>("/v1/nodes")).length === 4,
      );
      const table = cloud.fractus("node", "status");
      assert.match(table.stdout, /^ID +DC +Name +Class +Drain +Eligibility +Status$/m, "CL-220");
      for (const name of ["raspi-0", "raspi-4-1", "raspi-3-2", "raspi-3-1"]) {
        assert.match(
          table.stdout,
          new RegExp(`^[0-9a-f]{8} +${zone} +${name} +\\S+ +false +eligible +ready$`, "m"),
          "CL-221",
        );
      }

      const plan = cloud.fractus("job", "plan", file);
      matches(plan.stdout, [
        /^\+ Job: "example"$/m,
        /^\+ Task Group: "exec" \(1 create\)$/m,
        /^ {2}\+ Task: "http_serve"/m,
        /^Scheduler dry-run:$/m,
        /^- All tasks successfully allocated\.$/m,
      ]);
      assert.equal(plan.code, 1, "CL-234: there is something to do");

      const run = await cloud.run("job", "run", join(dataDirectory, "example."));
      matches(run.stdout, [
        /^==> Monitoring evaluation "[0-9a-f]{8}"$/m,
        /^ {4}Evaluation triggered by job "example"$/m,
        /^ {4}Evaluation within deployment: "[0-9a-f]{8}"$/m,
        /^ {4}Evaluation status changed: "pending" -> "complete"$/m,
        /^==> Evaluation "[0-9a-f]{8}" finished with status "complete"$/m,
      ]);
      assert.equal(run.code, 0, `CL-236: ${run.stderr}`);

      const again = cloud.fractus("job", "plan", file);
      matches(again.stdout, [
        /^ {0,2}Job: "example"$/m,
        /^ {0,2}Task Group: "exec" \(1 ignore\)$/m,
        /^ {2,4}Task: "http_serve"$/m,
      ]);
      assert.equal(again.code, 0, "CL-235");

      const [copy] = await untilRunning(cloud, "example", 1);
      const status = cloud.fractus("status", "example");
      matches(status.stdout, [
        /^ID +=? *= example$/m,
        /^Type +=? *= service$/m,
        /^Priority +=? *= 50$/m,
        /^Datacenters +=? *= infrastructure_at_home$/m,
        /^Namespace +=? *= default$/m,
        /^Status +=? *= running$/m,
        /^Periodic +=? *= false$/m,
        /^Parameterized +=? *= false$/m,
        /^Task Group +Queued +Starting +Running +Failed +Complete +Lost$/m,
        /^exec +0 +0 +1 +0 +0 +0$/m,
        /^Latest Deployment$/m,
        /^Description +=? *= Deployment completed successfully$/m,
        /^Task Group +Desired +Placed +Healthy +Unhealthy +Progress Deadline$/m,
        /^exec +1 +1 +1 +0 +\d{4}-\d\d-\d\dT/m,
        /^ID +Node ID +Task Group +Version +Desired +Status +Created +Modified$/m,
        /^[0-9a-f]{8} +[0-9a-f]{8} +exec +0 +run +running +\S+ ago +\S+ ago$/m,
      ]);

      const { AllocatedResources } = await cloud.get<{
        AllocatedResources: { Shared: { Ports: { Value: number }[] } };
      }>(`/v1/allocation/${copy.ID}`);
      const page = await fetch(`http://127.0.0.1:${AllocatedResources.Shared.Ports[0].Value}/`);
      assert.match(
        await page.text(),
        /Directory listing for/,
        "CL-228, CL-243: the page shows the local directory",
      );
      zip.close();
      await cloud.stop();
    }),
);

const canRunImages = isAllowed("docker");

test(
  "document: nginx on port 80 three times needs three nodes, and the plan says so (CL-203, CL-204, CL-244, CL-245)",
  { skip: canRunImages, timeout: 180_000 },
  () =>
    withCloudFolder(async (dataDirectory) => {
      const image = await serveNginx();
      const file = join(dataDirectory, "example2.nomad");
      const one = await startCloud({ dataDirectory, args: ["--zone", zone] });
      writeFileSync(file, example2.replace("nginx:1.17.9", image.reference));
      const plan = one.fractus("job", "plan", file);
      matches(plan.stdout, [
        /Task Group: "webserver" \(3 create\)/,
        /WARNING: Failed to place all allocations/,
        /port 80/,
        /needs? 3 nodes|Add 2 nodes/,
      ]);
      await one.stop();

      const three = await startCloud({
        dataDirectory,
        args: ["--zone", zone, "--nodes", "3", "--name", "raspi"],
      });
      await eventually("three nodes are ready", async () => {
        const all = await three.get<{ Status: string }[]>("/v1/nodes");
        return all.filter((node) => node.Status === "ready").length === 3;
      });
      const run = await three.run("job", "run", "-detach", file);
      assert.equal(run.code, 0, run.stderr);
      const placed = await untilRunning(three, "example2", 3);
      assert.equal(new Set(placed.map((copy) => copy.NodeName)).size, 3, "CL-245");
      for (const address of ["127.0.0.1", "127.0.0.2", "127.0.0.3"]) {
        await eventually(`nginx answers at ${address}`, () =>
          fetch(`http://${address}:80/`)
            .then((answer) => answer.ok)
            .catch(() => false),
        );
      }
      await three.stop();
      await image.close();
    }),
);

const shop = (change: string, count = 3) => `job "shop" {
  datacenters = ["${zone}"]
  group "webserver" {
    count = ${count}
    ${change}
    task "serve" {
      driver = "raw_exec"
      config {
        command = "/bin/sleep"
        args    = ["1000"]
      }
      resources {
        cpu    = 100
        memory = 100
      }
    }
  }
}`;

test(
  "document: copies go anywhere they fit; an affinity moves one to the bigger node and the plan says so; spread separates (CL-205, CL-206, CL-246 to CL-250)",
  { timeout: 120_000 },
  () =>
    withCloudFolder(async (dataDirectory) => {
      const config = nodes({ "raspi-3-1": 1024, "raspi-4-2": 4096, "raspi-0": 900 });
      const cloud = await startCloud({ dataDirectory, config });
      const file = join(dataDirectory, "shop.nomad");
      await eventually(
        "all nodes are ready",
        async () => (await cloud.get<unknown[]>("/v1/nodes")).length === 3,
      );
      const submit = async (text: string) => {
        writeFileSync(file, text);
        const plan = cloud.fractus("job", "plan", file);
        const run = await cloud.run("job", "run", "-detach", file);
        assert.equal(run.code, 0, run.stderr);
        return plan.stdout;
      };

      const small = `constraint {\n      attribute = "\${node.unique.name}"\n      operator  = "!="\n      value     = "raspi-4-2"\n    }`;
      await submit(shop(small, 1));
      const [first] = await untilRunning(cloud, "shop", 1);
      assert.notEqual(first.NodeName, "raspi-4-2");

      const affinity = `affinity {\n      attribute = "\${attr.memory.totalbytes}"\n      operator  = ">"\n      value     = "1073741824"\n      weight    = 100\n    }`;
      const plan = await submit(shop(affinity, 1));
      assert.match(plan, /1 create\/destroy update/, "CL-249: one is destroyed and placed elsewhere");
      assert.match(plan, /raspi-4-2/, "CL-249");
      await eventually(
        "it has moved",
        async () => (await untilRunning(cloud, "shop", 1))[0].NodeName === "raspi-4-2",
        60_000,
      );

      const spread = `spread {\n      attribute = "\${node.unique.name}"\n    }`;
      writeFileSync(file, shop(spread).replace('"shop"', '"wide"'));
      await cloud.run("job", "run", "-detach", file);
      const wide = await untilRunning(cloud, "wide", 3);
      assert.equal(new Set(wide.map((copy) => copy.NodeName)).size, 3, "CL-250");
      await cloud.stop();
    }),
);
