/** A rolling update of a real job behind its front door, under a thousand requests a second: none fails. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startLoad } from "../packages/ingress/src/testing/load.ts";
import { eventually, startCloud, withCloudFolder, type RunningCloud } from "./start-cloud.ts";

const perSecond = 1000;

/** Answers with its version; asked to end, it finishes what it has begun. */
const server = `
  const server = require("http").createServer((request, response) => { request.resume(); response.end(process.env.VERSION); });
  server.listen(process.env.NOMAD_PORT_http, "127.0.0.1");
  process.on("SIGTERM", () => { server.close(); server.closeIdleConnections(); });
  process.on("SIGINT", () => { server.close(); server.closeIdleConnections(); });
`;

const job = (version: string, port: number) => `
job "shop" {
  group "front" {
    count = 3
    network {
      port "http" {}
    }
    update {
      max_parallel     = 1
      min_healthy_time = "1s"
      healthy_deadline = "60s"
    }
    service {
      name     = "shop"
      port     = "http"
      provider = "nomad"
      tags     = ["fractus.port=${port}"]
      check {
        type     = "http"
        path     = "/"
        interval = "1s"
        timeout  = "1s"
      }
    }
    task "serve" {
      driver         = "raw_exec"
      shutdown_delay = "500ms"
      config {
        command = "${process.execPath}"
        args    = ["-e", ${JSON.stringify(server.replaceAll("\n", " "))}]
      }
      env {
        VERSION = "${version}"
      }
      resources {
        cpu    = 50
        memory = 100
      }
    }
  }
}`;

async function frontDoor(cloud: RunningCloud): Promise<string> {
  const doors =
    await cloud.get<{ Name: string; Url: string; Backends: { Healthy: boolean }[] }[]>("/v1/fractus/doors");
  const door = doors.find(
    ({ Name, Backends }) => Name === "default/shop" && Backends.filter((one) => one.Healthy).length === 3,
  );
  return door?.Url ?? "";
}

test(
  "rolling update: a thousand requests a second through the front door, 0 failed (CL-216, CL-253)",
  { timeout: 180_000 },
  () =>
    withCloudFolder(async (dataDirectory) => {
      const cloud = await startCloud({ dataDirectory });
      const file = join(dataDirectory, "shop.nomad.hcl");
      const port = 21_000 + (process.pid % 10_000);
      writeFileSync(file, job("one", port));
      const first = await cloud.run("job", "run", "-detach", file);
      assert.equal(first.code, 0, first.stderr);
      await eventually("three stand behind the door", async () => (await frontDoor(cloud)) !== "", 60_000);
      const load = startLoad(await frontDoor(cloud), perSecond, () => "GET");
      await new Promise((resolve) => setTimeout(resolve, 2000));
      writeFileSync(file, job("two", port));
      const second = await cloud.run("job", "run", file);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await load.stop();
      assert.equal(second.code, 0, `${second.stdout}${second.stderr}`);
      assert.match(second.stdout, /ended with status "successful"|Deployment completed successfully/);
      assert.deepEqual(load.failed.slice(0, 3), []);
      assert.ok(
        (load.answers.get("one") ?? 0) > 0 && (load.answers.get("two") ?? 0) > 0,
        "both versions have answered",
      );
      assert.equal((load.answers.get("one") ?? 0) + (load.answers.get("two") ?? 0), load.sent());
      await cloud.stop();
    }),
);
