/** What runs, seen from the command line: logs, files, commands within, signals, services, nodes that are emptied. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { test } from "node:test";
import { commandLineOf, id, program, rowsOf, time } from "./command-line-session.ts";
import { needs } from "./needs.ts";
import { eventually, startCloud, withCloudFolder } from "./start-cloud.ts";

const talker = `
job "talker" {
  group "talk" {
    count = 2
    network {
      port "web" {}
    }
    service {
      name     = "talker"
      port     = "web"
      provider = "nomad"
      tags     = ["loud"]
      check {
        name     = "page"
        type     = "http"
        path     = "/"
        interval = "1s"
        timeout  = "2s"
      }
    }
    update {
      min_healthy_time = "100ms"
    }
    migrate {
      min_healthy_time = "100ms"
    }
    restart {
      delay = "1s"
    }
    task "main" {
      driver       = "raw_exec"
      kill_timeout = "1s"
      config {
        command = "python3"
        args    = ["-u", "\${NOMAD_TASK_DIR}/talk.py"]
      }
      template {
        destination = "local/talk.py"
        data        = <<-END
          import http.server, os, signal, sys
          class Quiet(http.server.SimpleHTTPRequestHandler):
              def log_message(self, *_): pass
          def heard(number, _): print("signal", number)
          signal.signal(signal.SIGUSR1, heard)
          for n in range(1, 21): print("line", n)
          print("to standard error", file=sys.stderr)
          address = (os.environ["NOMAD_IP_web"], int(os.environ["NOMAD_PORT_web"]))
          http.server.HTTPServer(address, Quiet).serve_forever()
        END
      }
      resources {
        cpu    = 20
        memory = 40
      }
    }
  }
}
`;

/** A terminal of 31 lines and 97 columns, at which somebody types. */
const atTerminal = `
import fcntl, os, pty, select, struct, sys, termios, time
pid, fd = pty.fork()
if pid == 0:
    time.sleep(0.1)
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 31, 97, 0, 0))
seen, begun = b"", time.time()
steps = [(b" ", b"stty size; tty\\n"), (b"/dev/", b"echo a$((1+1))b\\n"), (b"a2b", b"exit 9\\n")]
while time.time() - begun < 20:
    if select.select([fd], [], [], 0.2)[0]:
        try: chunk = os.read(fd, 4096)
        except OSError: break
        if not chunk: break
        seen += chunk
    if steps and steps[0][0] in seen:
        time.sleep(0.1)
        os.write(fd, steps.pop(0)[1])
print(seen.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

test("tasks and nodes on the command line", { skip: needs("python3"), timeout: 120_000 }, (t) =>
  withCloudFolder(async (dataDirectory) => {
    const cloud = await startCloud({ dataDirectory, args: ["--nodes", "2"] });
    const { says, refuses, withInput, file } = commandLineOf(cloud);
    assert.match(says(["run", file("talker.nomad", talker)]), /ended with status "successful"\n$/);
    const allocations = () =>
      rowsOf(says("job allocs talker"), "ID").filter(
        ({ Status, Desired }) => Status + Desired === "runningrun",
      );
    const [{ ID: alloc }] = allocations();

    await t.test("logs of one allocation, and of all", () => {
      const all = Array.from({ length: 20 }, (_, n) => `line ${n + 1}\n`);
      assert.equal(says(`alloc logs ${alloc}`), all.join(""));
      assert.equal(says(`alloc logs -n 3 ${alloc}`), all.slice(-3).join(""));
      assert.equal(says(`alloc logs -tail ${alloc} main`), all.slice(-10).join(""));
      assert.equal(says(`alloc logs -stderr ${alloc}`), "to standard error\n");
      assert.equal(says(`alloc logs -job -c 8 talker`), "line 20\n");
      const merged = says("logs -stdout -n 1 talker");
      assert.match(merged, new RegExp(`^(?:${id}/main  line 20\\n){2}$`));
      assert.match(says("logs -stderr talker"), new RegExp(`^(?:${id}/main  to standard error\\n){2}$`));
      assert.match(refuses(`alloc logs ${alloc} other`), /has no task "other"; it has main/);
      assert.match(refuses("alloc logs 00000000"), /there is no allocation whose ID is or begins with/);
    });

    await t.test("logs -f goes on until it is interrupted", async () => {
      const following = spawn(process.execPath, [program, "logs", "-f", "-n", "1", "-stdout", "talker"], {
        env: { ...process.env, FRACTUS_ADDR: cloud.url },
        stdio: ["ignore", "pipe", "inherit"],
      });
      let seen = "";
      following.stdout.on("data", (chunk) => (seen += String(chunk)));
      const closed = new Promise((resolve) => following.once("close", resolve));
      try {
        await eventually("the last lines", () => seen.split("line 20").length === 3);
        assert.match(says(`alloc signal -s SIGUSR1 ${alloc}`), /^SIGUSR1 sent to allocation/);
        await eventually("what is written later", () => seen.includes(`${alloc}/main  signal 10\n`));
      } finally {
        following.kill("SIGINT");
      }
      assert.equal(await closed, 0);
    });

    await t.test("files are listed, described and read, and no others", () => {
      assert.match(
        says(`alloc fs ${alloc}`),
        new RegExp(`^Mode .*\\n(?:.*\\n)*drwx\\S+ .* ${time}  alloc/\\n`),
      );
      assert.match(says(`alloc fs ${alloc} main/local`), /-rw\S+ .* talk\.py\n/);
      assert.match(says(`alloc fs -stat ${alloc} main/local/talk.py`), /talk\.py\n$/);
      assert.match(says(`alloc fs ${alloc} main/local/talk.py`), /^import http\.server/);
      assert.equal(says(`alloc fs -tail -n 1 ${alloc} alloc/logs/main.stderr.0`), "to standard error\n");
      assert.equal(says(`alloc fs ${alloc} ../../..`), says(`alloc fs ${alloc}`), "there is nothing above");
      for (const path of ["../../../etc/passwd", "/etc/passwd", "main/nothing"])
        assert.match(refuses(`alloc fs ${alloc} ${path}`), /^Error: /);
    });

    await t.test("exec passes input, output and the exit code on", () => {
      assert.equal(says(["exec", alloc, "/bin/sh", "-c", "echo out; echo err >&2; exit 5"], 5), "out\n");
      assert.equal(refuses(["alloc", "exec", alloc, "/bin/sh", "-c", "echo err >&2; exit 1"]), "err\n");
      assert.equal(withInput("some\ninput\n", `alloc exec -i ${alloc} cat`), "some\ninput\n");
      assert.equal(withInput("input", `alloc exec -i=false ${alloc} cat`), "");
      assert.equal(says("alloc exec -job talker /bin/echo -n --flag"), "--flag");
      const why = refuses(`alloc exec ${alloc} no-such-command`);
      assert.match(why, /^The command "no-such-command" was not found/);
      assert.doesNotMatch(why, /no answer/);
      assert.match(refuses(`exec -task other ${alloc} true`), /has no task "other"/);
    });

    await t.test("exec -i -t is a terminal of the right size", () => {
      const line = [program, "alloc", "exec", "-i", "-t", alloc, "/bin/sh"];
      const ran = spawnSync("python3", ["-c", atTerminal, process.execPath, ...line], {
        env: { ...process.env, FRACTUS_ADDR: cloud.url },
        encoding: "utf8",
        timeout: 30_000,
      });
      assert.equal(ran.status, 9, ran.stdout + ran.stderr);
      assert.match(ran.stdout, /31 97\r+\n\/dev\/pts\/\d+\r+\n/);
      assert.match(ran.stdout, /\na2b\r+\n/);
    });

    await t.test("alloc status, checks and services say how it is", async () => {
      const text = says(`alloc status ${alloc}`);
      assert.match(text, new RegExp(`^ID {18}= ${alloc}-`));
      assert.match(text, /^Client Status {7}= running$/m);
      assert.match(text, /^Label {2}Address +To\nweb +127\.\d+\.\d+\.\d+:\d+ +<none>$/m);
      assert.match(text, /^Task "main" is "running"$/m);
      assert.match(text, new RegExp(`^${time}  Started +Task started by the node$`, "m"));
      assert.match(says(`alloc checks ${alloc}`), /^talker +\S+ +page +healthiness +success/m);
      assert.equal((JSON.parse(says(`alloc status -json ${alloc}`)) as { ID: string }).ID.slice(0, 8), alloc);
      assert.equal(says("service list"), "Service Name  Tags\ntalker        [loud]\n");
      const rows = rowsOf(says("service info talker"), "Job ID");
      assert.deepEqual(
        rows.map((row) => row["Alloc ID"]).sort(),
        allocations()
          .map((row) => row["ID"])
          .sort(),
      );
      const page = await fetch(`http://${rows[0]["Address"]}/`);
      assert.equal(page.status, 200);
      const [{ ID }] = JSON.parse(says("service info -json talker")) as { ID: string }[];
      assert.match(says(`service delete talker ${ID}`), /^Successfully deleted/);
      assert.match(refuses("service delete talker nothing"), /not found/);
    });

    await t.test("status finds whatever an ID begins", () => {
      const deployment = rowsOf(says("deployment list"), "ID")[0]["ID"];
      const [{ ID: node }] = rowsOf(says("node status"), "ID");
      const evaluation = rowsOf(says("eval list"), "ID")[0]["ID"];
      assert.match(says(`status ${alloc.slice(0, 7)}`), /^Client Status/m);
      assert.match(says(`status ${node}`), /^Eligibility/m);
      assert.match(says(`status ${evaluation}`), /^TriggeredBy/m);
      assert.match(says(`status ${deployment}`), /^Deployed$/m);
      assert.match(refuses("status nothing"), /nothing has an ID that is or begins with "nothing"/);
    });

    await t.test("an allocation is restarted, and another one comes for one that is stopped", async () => {
      assert.match(says(`alloc restart ${alloc}`), /restarted/);
      await eventually("it runs again", () => /^Total Restarts = 1$/m.test(says(`alloc status ${alloc}`)));
      assert.match(refuses(`alloc signal -s NOPE ${alloc}`), /There is no signal "SIGNOPE"/);
      assert.match(says(`alloc stop ${alloc}`), new RegExp(`Allocation "${id}" created`));
      await eventually(
        "another one runs",
        () => allocations().every(({ ID }) => ID !== alloc) && allocations().length === 2,
      );
      assert.match(says(`alloc status ${alloc}`), new RegExp(`^Replacement Alloc ID = ${id}$`, "m"));
    });

    await t.test("meta of a node is set while it runs", () => {
      const [{ Name: node }] = rowsOf(says("node status"), "ID");
      assert.equal(says(`node meta apply ${node} rack=r1 place=attic`), "Meta is set\n");
      assert.match(says(`node meta read ${node}`), /^place = attic\nrack {2}= r1$/m);
      assert.equal(says(`node meta apply -node-id ${node} -unset place`), "Meta is set\n");
      const { Meta } = JSON.parse(says(`node meta read -json ${node}`)) as { Meta: object };
      assert.deepEqual(Object.entries(Meta), [["rack", "r1"]]);
      assert.match(refuses("node meta read nobody"), /there is no node/);
    });

    await t.test("a node is emptied and comes back (CL-216)", async () => {
      const busy = allocations()[0]["Node ID"];
      const drained = says(`node drain -enable -deadline 20s ${busy}`);
      const line = (words: string) => `${time}: ${words}\\n`;
      const shape =
        line(`Node "${busy}" is being drained`) +
        `(?:${line(`Alloc "${id}" status running -> complete`)})+` +
        line(`Drain complete for node "${busy}"`);
      assert.match(drained, new RegExp(`^${shape}$`));
      assert.ok(allocations().every((row) => row["Node ID"] !== busy));
      assert.match(says("node status"), new RegExp(`^${busy} .* false +ineligible +ready$`, "m"));
      assert.match(says(`node drain -monitor ${busy}`), /Drain complete/);
      assert.match(says(`node drain -disable ${busy}`), /is no longer drained/);
      assert.match(says(`node eligibility -disable ${busy}`), /: ineligible for scheduling\n$/);
      assert.match(says(`node eligibility -enable ${busy}`), /: eligible for scheduling\n$/);
      await eventually("it counts again", () => says("node status").split(" eligible ").length === 3);
    });

    await cloud.stop();
  }),
);
