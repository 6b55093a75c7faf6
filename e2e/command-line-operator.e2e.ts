/** What those do who look after a cloud: variables, namespaces, evaluations, deployments, the scheduler, snapshots, and mistakes. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { commandLineOf, program, rowsOf } from "./command-line-session.ts";
import { eventually, startCloud, withCloudFolder } from "./start-cloud.ts";

const fast = 'update {\n min_healthy_time = "100ms"\n }';

const sleeper = ({ name = "sleeper", count = 1, memory = 10, group = "" } = {}) => `
job "${name}" {
  group "g" {
    count = ${count}
    ${group || fast}
    task "sleep" {
      driver       = "raw_exec"
      kill_timeout = "1s"
      config {
        command = "/bin/sh"
        args    = ["-c", "exec sleep 600"]
      }
      resources {
        cpu    = 10
        memory = ${memory}
      }
    }
  }
}
`;

test("a cloud is looked after on the command line", { timeout: 120_000 }, (t) =>
  withCloudFolder(async (dataDirectory) => {
    const cloud = await startCloud({ dataDirectory });
    const { says, refuses, withInput, file } = commandLineOf(cloud);

    await t.test("variables are put, read, listed and deleted", () => {
      assert.match(
        says("var put app/db user=me password=secret"),
        /\n\nItems\npassword = secret\nuser {5}= me\n$/,
      );
      assert.equal(says("var get -item password app/db"), "secret\n");
      assert.match(says("var put app/db user=you"), /password = secret\nuser {5}= you\n$/);
      const { Items } = JSON.parse(says("var get -json app/db")) as { Items: object };
      assert.deepEqual(Items, { user: "you", password: "secret" });
      withInput('{"from": "input"}', "var put app/input -");
      const key = file("key.pem", "a key\n");
      says(["var", "put", "-out", "none", "app/tls", `key=@${key}`]);
      assert.equal(says("var get -item key app/tls"), "a key\n\n");
      assert.deepEqual(
        rowsOf(says("var list app"), "Namespace").map((row) => row["Path"]),
        ["app/db", "app/input", "app/tls"],
      );
      assert.match(refuses("var put -check-index 0 app/db user=x"), /it is at index \d+ now/);
      assert.match(refuses("var get -item none app/db"), /has no item "none"/);
      assert.match(says("var purge app/db"), /Successfully purged/);
      assert.match(refuses("var get app/db"), /there is no variable "app\/db"/);
    });

    await t.test("a namespace from a file, with a quota that holds", () => {
      const path = file(
        "team.hcl",
        'name = "team"\ndescription = "ours"\nquota {\n memory = 64\n allocs = 2\n}\nmeta {\n owner = "me"\n}\n',
      );
      assert.equal(says(["namespace", "apply", path]), 'Successfully applied namespace "team"!\n');
      assert.equal(
        says("namespace status team"),
        "Name        = team\nDescription = ours\n\nQuota\nmemory = 64 MiB\nallocs = 2\n\nMetadata\nowner = me\n",
      );
      const job = (options: Parameters<typeof sleeper>[0]) => [
        "run",
        "-namespace",
        "team",
        file("t.nomad", sleeper(options)),
      ];
      assert.match(
        refuses(job({ count: 3 })),
        /Quota limit hit: namespace "team" may have 2 allocations, of which 2 .*are left; job "sleeper" asks for 3/,
      );
      assert.match(refuses(job({ memory: 65 })), /may have 64 MiB of memory/);
      says(["namespace", "apply", "-quota", "allocs=0", "-description", "wide", "team"]);
      assert.match(
        says("namespace status team"),
        /^Description = wide\n\nQuota\nmemory = 64 MiB\n\nMetadata/m,
      );
      assert.match(says(job({ count: 3 })), /finished with status "complete"/);
      assert.match(says("namespace list"), /^team +wide$/m);
      assert.match(says("job status -namespace *"), /^sleeper .* running /m);
      assert.equal(says("job status"), "No running jobs\n");
      assert.match(refuses("namespace delete team"), /non-terminal|runs|jobs/);
      says("job stop -purge -namespace team sleeper");
      assert.match(says("namespace delete team"), /Successfully deleted/);
      assert.match(refuses("namespace status team"), /not found/);
      assert.match(
        refuses(["namespace", "apply", file("bad.hcl", 'name = "x"\nquoat {\n}\n')]),
        /bad\.hcl:2:1/,
      );
    });

    await t.test("a deployment is paused, resumed and failed", async () => {
      says([
        "run",
        file("s.nomad", sleeper({ group: 'update {\n canary = 1\n min_healthy_time = "100ms"\n }' })),
      ]);
      says([
        "run",
        "-detach",
        file(
          "s.nomad",
          sleeper({ memory: 11, group: 'update {\n canary = 1\n min_healthy_time = "100ms"\n }' }),
        ),
      ]);
      await eventually("it waits for its promotion", () => /manual promotion/.test(says("deployment list")));
      const [{ ID: deployment, Status }] = rowsOf(says("deployment list"), "ID");
      assert.equal(Status, "running");
      assert.match(says(`deployment pause ${deployment}`), /^Deployment "\w{8}" is paused\n/);
      assert.match(says(`deployment status ${deployment}`), /^Status {6}= paused$/m);
      assert.match(says(`deployment resume -detach ${deployment}`), /goes on/);
      assert.match(says(`deployment fail ${deployment}`), /^Deployment "\w{8}" is marked as failed\n/);
      assert.match(says(`deployment status ${deployment}`), /^Status {6}= failed$/m);
      assert.match(refuses(`deployment fail ${deployment}`), /terminal deployment/);
      assert.match(says("job deployments sleeper"), /failed +Deployment marked as failed/);
    });

    await t.test("evaluations are listed, shown, deleted and swept up", () => {
      const all = rowsOf(says("eval list"), "ID").map((row) => row["ID"]);
      const pages = says("eval list -per-page 2");
      assert.deepEqual(
        rowsOf(pages, "ID").map((row) => row["ID"]),
        all.slice(0, 2),
        "the newest first",
      );
      const [, token] = /-page-token (\S+)/.exec(pages) ?? [];
      assert.equal(rowsOf(says(`eval list -per-page 2 -page-token ${token}`), "ID")[0]["ID"], all[2]);
      assert.match(says(`eval status ${all[0]}`), /^Job ID +=/m);
      assert.match(says(["eval", "list", "-json", "-filter", 'JobID == "sleeper"']), /^\[\n/);
      assert.match(says(`eval delete ${all[0]}`), /Successfully deleted 1 evaluation/);
      assert.match(refuses(`eval status ${all[0]}`), /there is no evaluation/);
      says("job stop sleeper");
      assert.equal(says("system gc"), "");
      assert.match(refuses("job status sleeper"), /there is no job/);
    });

    await t.test("the scheduler is set", () => {
      says("operator scheduler set-config -scheduler-algorithm spread");
      assert.match(says("operator scheduler get-config"), /^Scheduler Algorithm +=.* spread$/m);
      assert.match(refuses("operator scheduler set-config -scheduler-algorithm best"), /binpack or spread/);
      assert.match(says("operator metrics"), /"Gauges"/);
      assert.match(says("server members"), / alive +true /);
    });

    await t.test("a snapshot is saved, looked at and brought back", async () => {
      says(["run", file("s.nomad", sleeper())]);
      const path = join(dataDirectory, "..", "state.snap");
      assert.match(says(["operator", "snapshot", "save", path]), /^State file written to /);
      assert.match(says(["operator", "snapshot", "inspect", path]), /^jobs +1$/m);
      says("job stop -purge sleeper");
      assert.equal(says(["operator", "snapshot", "restore", path]), "Snapshot Restored\n");
      await eventually("it runs again", () => /^g +0 +0 +1 /m.test(says("status sleeper")));
      const wrong = file("wrong.snap", "no snapshot");
      assert.match(refuses(["operator", "snapshot", "inspect", wrong]), /is no snapshot/);
      assert.match(refuses(["operator", "snapshot", "restore", wrong]), /This is no snapshot/);
    });

    await t.test("monitor listens until it is interrupted", async () => {
      const listening = spawn(process.execPath, [program, "monitor", "-log-level", "trace"], {
        env: { ...process.env, FRACTUS_ADDR: cloud.url },
        stdio: ["ignore", "ignore", "pipe"],
      });
      let errors = "";
      listening.stderr.on("data", (chunk) => (errors += String(chunk)));
      const closed = new Promise((resolve) => listening.once("close", resolve));
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      assert.equal(listening.exitCode, null, errors);
      listening.kill("SIGINT");
      assert.ok([0, 130].includes(Number(await closed)), errors);
      assert.match(refuses("monitor -log-level loud"), /log_level is one of/);
    });

    await t.test("mistakes are answered with what was meant", () => {
      assert.match(refuses("jbo run x"), /no command `jbo`. Did you mean `job`\?/);
      assert.match(refuses("job rnu x"), /Did you mean `job run`\?/);
      assert.match(refuses("scale web 2"), /Did you mean `job scale`\?/);
      assert.match(refuses("node statsu"), /Did you mean `node status`\?/);
      assert.match(refuses("job run -detahc x"), /unknown flag -detahc. Did you mean -detach\?/);
      assert.match(refuses("job run"), /too few arguments.\nUsage: fractus job run \[flags\] <job file>/);
      assert.match(says("job run -help"), /^Usage: fractus job run[^]*Examples:[^]*-check-index <index>/);
      assert.match(refuses("operator api /v1/nothing"), /not found: There is no GET \/v1\/nothing here/);
      assert.match(refuses("ui nothing"), /nothing has an ID/);
    });

    await t.test("a shell completes every command there is", () => {
      const script = says("completion bash");
      const completed = (typed: string) =>
        spawnSync(
          "bash",
          [
            "-c",
            `${script}\nCOMP_WORDS=(fractus ${typed}); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _fractus; echo "\${COMPREPLY[@]}"`,
          ],
          { encoding: "utf8" },
        ).stdout.trim();
      assert.equal(completed("ver"), "version");
      assert.equal(completed("job di"), "dispatch");
      assert.equal(completed("doc"), "doctor");
      assert.equal(completed("operator scheduler get"), "get-config");
      assert.match(says("completion zsh"), /compdef _fractus fractus/);
    });

    await t.test("a server that is away is said so, with what to do", async () => {
      await cloud.stop();
      for (const line of ["status", `alloc exec ${"0".repeat(8)} true`, "monitor"])
        assert.match(
          refuses(line),
          /^Error: no answer from http:\/\/\S+ \(connect ECONNREFUSED .*\n.*npm start.*\n.*FRACTUS_ADDR/,
        );
    });
  }),
);
