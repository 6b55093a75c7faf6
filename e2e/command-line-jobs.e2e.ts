/** The article's session on four named nodes, and what else a person does with jobs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { commandLineOf, id, rowsOf, time } from "./command-line-session.ts";
import { needs } from "./needs.ts";
import { eventually, startCloud, withCloudFolder } from "./start-cloud.ts";

/** The document's machines: three of half a gigabyte and less, one of more. */
const config = `
node "raspi-0" {
  zone   = "infrastructure_at_home"
  memory = 512
}
node "raspi-3-1" {
  zone   = "infrastructure_at_home"
  memory = 512
}
node "raspi-3-2" {
  zone   = "infrastructure_at_home"
  memory = 512
}
node "raspi-4-1" {
  zone   = "infrastructure_at_home"
  memory = 4096
  meta   = { model = "4" }
}
`;

interface Shown {
  readonly Job: { readonly ID: string; readonly Type: string };
  readonly Summary: { readonly JobID: string };
  readonly LatestDeployment: { readonly Status: string };
}

interface Example {
  readonly count?: number;
  readonly greeting?: string;
  /** Further lines of the group. */
  readonly group?: string;
}

/** The article's first job: a web server on a port that the scheduler finds, with a check of its health. */
const example = ({ count = 1, greeting = "hello", group = "" }: Example = {}) => `
job "example" {
  datacenters = ["infrastructure_at_home"]
  group "exec" {
    count = ${count}
    ${group}
    network {
      port "http" {}
    }
    service {
      name     = "example"
      port     = "http"
      provider = "nomad"
      check {
        type     = "http"
        path     = "/"
        interval = "1s"
        timeout  = "2s"
      }
    }
    task "http_serve" {
      driver       = "raw_exec"
      kill_timeout = "1s"
      config {
        command = "python3"
        args    = ["-u", "-m", "http.server", "\${NOMAD_PORT_http}", "--bind", "\${NOMAD_IP_http}"]
      }
      env {
        GREETING = "${greeting}"
      }
      resources {
        cpu    = 20
        memory = 30
      }
    }
  }
}
`;

const quick = `update {
      min_healthy_time = "100ms"
    }
    `;

const canary = `update {
      min_healthy_time = "100ms"
      canary           = 1
    }`;

const batch = (script: string, more = "") => `
job "batch" {
  type = "batch"
  ${more}
  group "g" {
    restart {
      attempts = 0
      mode     = "fail"
    }
    reschedule {
      attempts  = 0
      unlimited = false
    }
    task "t" {
      driver = "raw_exec"
      ${more.startsWith("parameterized") ? 'dispatch_payload {\n file = "payload.txt"\n }' : ""}
      config {
        command = "/bin/sh"
        args    = ["-c", ${JSON.stringify(script)}]
      }
      resources {
        cpu    = 10
        memory = 10
      }
    }
  }
}
`;

test("jobs on the command line", { skip: needs("python3"), timeout: 120_000 }, (t) =>
  withCloudFolder(async (dataDirectory) => {
    const cloud = await startCloud({ dataDirectory, config });
    const { says, refuses, file } = commandLineOf(cloud);
    let path = file("example.nomad", example({ group: quick }));
    await eventually("four nodes are ready", () => says("node status").split(" ready").length === 5);

    await t.test("node status prints the document's table (CL-220, CL-221)", () => {
      const text = says("node status");
      const shape =
        "^ID        DC                      Name       Class   Drain  Eligibility  Status\\n" +
        `(?:${id}  infrastructure_at_home  raspi-[034](?:-[12]|  )  <none>  false  eligible     ready\\n){4}$`;
      assert.match(text, new RegExp(shape));
      const names = rowsOf(text, "ID").map((row) => row["Name"]);
      assert.deepEqual(names.sort(), ["raspi-0", "raspi-3-1", "raspi-3-2", "raspi-4-1"]);
      assert.deepEqual(
        (JSON.parse(says("node status -json")) as { Name: string }[]).map(({ Name }) => Name).sort(),
        names,
      );
    });

    await t.test("job plan says beforehand what would be done, and changes nothing (CL-223, CL-234)", () => {
      assert.equal(says(["job", "validate", path]), "Job validation successful\n");
      const text = says(["job", "plan", path], 1);
      assert.match(text, /^\+ Job: "example"\n\+ Task Group: "exec" \(1 create\)\n {2}\+ Task: "http_serve"/);
      assert.match(text, /\nScheduler dry-run:\n- All tasks successfully allocated\.\n/);
      assert.match(text, /\nJob Modify Index: 0\n[^]*job run -check-index 0 /);
      assert.equal(says("job status"), "No running jobs\n");
    });

    await t.test("job run follows the evaluation and the deployment (CL-236)", () => {
      const text = says(["job", "run", "example."]);
      const lines = [
        `^==> Monitoring evaluation "${id}"`,
        '    Evaluation triggered by job "example"',
        `    Evaluation within deployment: "${id}"`,
        `    Allocation "${id}" created: node "${id}", group "exec"`,
        '    Evaluation status changed: "pending" -> "complete"',
        `==> Evaluation "${id}" finished with status "complete"`,
      ];
      for (const line of lines) assert.match(text, new RegExp(line, "m"));
      assert.match(text, new RegExp(`==> Deployment "${id}" ended with status "successful"\\n$`));
    });

    await t.test("job plan of what runs already (CL-235)", () => {
      const text = says(["job", "plan", path], 0);
      assert.ok(
        text.startsWith(
          'Job: "example"\nTask Group: "exec" (1 ignore)\n  Task: "http_serve"\n\n' +
            "Scheduler dry-run:\n- All tasks successfully allocated.\n",
        ),
        text,
      );
    });

    await t.test("status prints the document's tables (CL-237, CL-238, CL-239, CL-240, CL-241)", () => {
      const text = says("status example");
      const facts = [
        "ID            = example",
        "Name          = example",
        `Submit Date   = ${time}`,
        "Type          = service",
        "Priority      = 50",
        "Datacenters   = infrastructure_at_home",
        "Namespace     = default",
        "Status        = running",
        "Periodic      = false",
        "Parameterized = false",
      ];
      const shape = [
        ...facts,
        "",
        "Summary",
        "Task Group  Queued  Starting  Running  Failed  Complete  Lost",
        "exec        0       0         1        0       0         0",
        "",
        "Latest Deployment",
        `ID          = ${id}`,
        "Status      = successful",
        "Description = Deployment completed successfully",
        "",
        "Deployed",
        "Task Group  Desired  Placed  Healthy  Unhealthy  Progress Deadline",
        `exec        1        1       1        0          ${time}`,
        "",
        "Allocations",
        "ID        Node ID   Task Group  Version  Desired  Status   Created +Modified",
        `${id}  ${id}  exec        0        run      running  \\d+s ago +\\d+s ago`,
      ];
      assert.match(text, new RegExp(`^${shape.join("\\n")}\\n$`));
      assert.match(says("job status exam"), /^ID {12}= example$/m, "the beginning of a name will do");
    });

    await t.test("the same job as JSON is the same job (CL-224)", () => {
      const json = file("example.json", says("job inspect example"));
      assert.match(says(["job", "plan", "-json", json], 0), /^Job: "example"\n/);
      assert.match(says("job inspect -hcl example"), /job "example" \{/);
      const [{ Job, Summary, LatestDeployment }] = JSON.parse(says("job status -json example")) as Shown[];
      assert.deepEqual(
        [Job.ID, Summary.JobID, LatestDeployment.Status, Job.Type],
        ["example", "example", "successful", "service"],
      );
    });

    await t.test("command line, HTTP API and dashboard show one cloud (CL-215)", async () => {
      const { ID, Status } = await cloud.get<{ ID: string; Status: string }>("/v1/job/example");
      assert.deepEqual([ID, Status], ["example", "running"]);
      assert.match(says("operator api /v1/job/example"), /"ID":"example"/);
      assert.equal(says("ui example"), `${cloud.url}/ui/jobs/example\n`);
    });

    await t.test("an affinity prefers a node, and says so beforehand (CL-248)", () => {
      const affinity = `affinity {
        attribute = "\${attr.memory.totalbytes}"
        operator  = ">"
        value     = "${1024 ** 3}"
        weight    = 100
      }`;
      const plan = says(["job", "plan", file("affine.nomad", example({ group: quick + affinity }))], 1);
      const [placed] = rowsOf(plan, "Allocation");
      assert.deepEqual([placed["Allocation"], placed["Node"]], ["example.exec[0]", "raspi-4-1"]);
      assert.match(plan, /example\.exec\[0\] is on raspi-4-1: score .*node-affinity 1/);
    });

    await t.test("spread puts tasks on different machines (CL-250)", () => {
      const spread = `spread {
        attribute = "\${node.unique.name}"
      }`;
      path = file("example.nomad", example({ count: 3, group: quick + spread }));
      assert.match(says(["job", "run", path]), /ended with status "successful"\n$/);
      const running = rowsOf(says("job allocs example"), "ID").filter((row) => row["Status"] === "running");
      assert.equal(new Set(running.map((row) => row["Node ID"])).size, 3);
      assert.match(says("why example"), /example\.exec\[2\] is on raspi-\S+: score .*allocation-spread/);
      assert.match(says("rebalance -plan"), /\S/);
    });

    await t.test("a canary is promoted; versions are kept, and one is gone back to", async () => {
      assert.match(says(["run", file("two.nomad", example({ count: 2, group: quick }))]), /successful/);
      const next = file("next.nomad", example({ count: 2, greeting: "welcome", group: canary }));
      assert.match(says(["job", "run", "-detach", next]), new RegExp(`Evaluation ID: ${id}`));
      await eventually("the canary is healthy", () =>
        /manual promotion[^]* 1 +1 +1 +0 +/.test(says("job status example")),
      );
      assert.match(says("job promote example"), /ended with status "successful"\n$/);
      const versions = says("job history -p example").split("Version     = ");
      assert.match(versions[1], /Stable {6}= true[^]*Env\[GREETING\]: "hello" => "welcome"/);
      const before = /^\d+/.exec(versions[2])?.[0] ?? "";
      assert.match(says(["job", "revert", "example", before]), /status "successful"\n$/);
      assert.match(says("job inspect example"), /"GREETING": "hello"/);
    });

    await t.test("jobs are restarted, stopped and started again", () => {
      assert.match(says("job restart example"), /Job restarted: 2 of 2 allocations\.\n$/);
      const stopped = says("job stop example");
      assert.match(stopped, /finished with status "complete"\n$/);
      assert.match(says("job status example"), /^Status {8}= dead \(stopped\)$/m);
      assert.match(says("job start example"), /ended with status "successful"\n$/);
      assert.match(says("job stop -purge example"), /finished/);
      assert.match(refuses("job status example"), /^Error: there is no job .*"example"/);
    });

    await t.test("run -wait ends as the batch does; its logs stay", () => {
      const failing = file("failing.nomad", batch("echo first; echo second >&2; exit 7"));
      const text = says(["job", "run", "-wait", failing], 7);
      assert.match(text, /==> Job "batch" has ended with exit code 7\n$/);
      assert.match(says("logs batch"), new RegExp(`^(?=[^]*${id}/t  first\\n)(?=[^]*${id}/t  second\\n)`));
      assert.match(says("logs -stderr batch"), new RegExp(`^${id}/t  second\\n$`));
      assert.match(says(["run", "-wait", file("well.nomad", batch("exit 0"))], 0), /exit code 0\n$/);
      says("job stop -purge batch");
    });

    await t.test("a parameterized job is dispatched, a periodic one forced", async () => {
      const parameterized = 'parameterized {\n meta_required = ["who"]\n payload = "optional"\n }';
      const script = "echo hello $NOMAD_META_who; cat local/payload.txt";
      assert.match(
        says(["run", file("p.nomad", batch(script, parameterized))]),
        /^Job registration successful: parameterized job "batch"/,
      );
      const input = file("input.txt", "the payload\n");
      const text = says(["job", "dispatch", "-meta", "who=you", "batch", input]);
      const [, child] = /^Dispatched Job ID = (\S+)$/m.exec(text) ?? [];
      assert.match(child, /^batch\/dispatch-\d+-[0-9a-f]{8}$/);
      await eventually("its logs are there", () => /the payload/.test(says(["logs", "-all", child])));
      assert.match(says(["logs", child]), new RegExp(`^${id}/t  hello you\\n${id}/t  the payload\\n$`));
      assert.match(refuses("job dispatch batch"), /does not provide required meta: who/);
      assert.match(says("job status batch"), new RegExp(`^Dispatched Jobs\\nID .*\\n${child}  dead`, "m"));
      says("job stop -purge batch");

      const periodic = 'periodic {\n crons = ["0 0 1 1 *"]\n }';
      const cron = file("c.nomad", batch("echo ticked", periodic));
      assert.match(says(["plan", cron]), /next periodic launch would be at \d{4}-01-01T00:00:00Z/);
      assert.match(says(["run", cron]), /periodic job "batch"/);
      assert.match(says("job periodic force batch"), /Allocation "\w{8}" created/);
      assert.match(says("job status batch"), /^Previously Launched Jobs\nID [^]*\nbatch\/periodic-\d+ /m);
    });

    await t.test("what cannot be placed is said, with exit code 2", () => {
      const huge = example().replace("memory = 30", "memory = 9000");
      const text = says(["job", "run", file("huge.nomad", huge)], 2);
      assert.match(text, /finished with status "complete" but failed to place all allocations:/);
      assert.match(text, /Dimension "memory" exhausted on 4 nodes/);
      assert.match(text, new RegExp(`Evaluation "${id}" waiting for additional capacity`));
      assert.match(
        refuses(["job", "run", "missing.nomad"]),
        /cannot read missing\.nomad: there is no such file/,
      );
      const wrong = file("wrong.nomad", example().replace("driver ", "drivr "));
      assert.match(refuses(["job", "plan", wrong], 255), /wrong\.nomad:\d+:\d+[^]*Did you mean driver\?/);
    });

    await cloud.stop();
  }),
);
