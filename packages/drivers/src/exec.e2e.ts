import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { MEBIBYTE } from "@fractus/core/resources.ts";
import { assertResult, checkWith, driverSuite } from "./driver-suite.ts";
import { execDriver } from "./exec.ts";
import { processSuite } from "./process-suite.ts";
import { skipUnless } from "./testing/config.ts";
import { asShell } from "./testing/driver-bench.ts";
import { traces } from "./testing/traces.ts";
import { ownCgroupLayout } from "./tracking.ts";

const fingerprint = await execDriver().fingerprint();
const lacks = fingerprint.missing.map(({ what }) => what).join(", ");
const skip = skipUnless(fingerprint.isHealthy, `what exec needs (${lacks})`);

const subject = {
  open: () => execDriver(),
  program: asShell,
  module: import.meta.resolve("./exec.ts"),
  factory: "execDriver",
};

driverSuite("exec", subject, { skip });
processSuite("exec", subject, { skip });

suite("exec: isolation", { skip }, () => {
  const check = checkWith("exec", subject, (root) => assert.deepEqual(traces(root), []));
  const sh = (script: string) => ({ command: "/bin/sh", args: ["-c", script] });

  check("the task sees a root of its own, and nothing of the machine but programs (CL-225)", async (on) => {
    const script =
      "ls /; cat /etc/passwd; ls /etc/ssh /etc/shadow /root /etc/ssl/private 2>&1; ls /home; cat /proc/mounts; hostname";
    await on.driver.wait(await on.start(sh(script)));
    const seen = on.log();
    for (const secret of ["/work", "lost+found", on.root.split("/").at(-1) ?? "?"]) {
      const lines = seen.split("\n").filter((line) => line.includes(secret) && !line.includes(" ext4 "));
      assert.deepEqual(lines, [], secret);
    }
    assert.match(seen, /cannot access '\/etc\/shadow'/);
    assert.match(seen, /cannot access '\/etc\/ssh'/);
    assert.match(seen, /^web-[0-9a-f]{12}$/m);
  });

  check("the task is nobody, without capabilities, and stays so", async (on) => {
    await on.driver.wait(await on.start(sh("id -u; id -G; grep -E '^(Cap|NoNewPrivs)' /proc/self/status")));
    const [uid, groups, ...rights] = on.log().trim().split("\n");
    assert.deepEqual([uid, groups], ["65534", "65534"]);
    for (const line of rights) assert.match(line, /^(Cap...:\t0000000000000000|NoNewPrivs:\t1)$/);
  });

  check("root in a task has few rights and cannot leave", async (on) => {
    const script = [
      "touch /usr/x /etc/ssl/x /proc/sys/kernel/hostname 2>&1",
      "mount -t tmpfs none /tmp 2>&1; umount /proc/sys 2>&1; mknod /tmp/sda b 8 0 2>&1",
      "ls /proc/1/root/ 2>&1; ls -l /proc/1/fd 2>&1; cat /proc/kallsyms | wc -c; dmesg 2>&1 | tail -1; chown nobody /tmp && echo chowned",
      "echo 1 >/proc/sysrq-trigger; kill -9 1 && echo killed",
    ].join("\n");
    const handle = await on.start(sh(script), { user: "root" });
    await on.driver.wait(handle);
    const words = on.log();
    assert.match(words, /\/usr\/x.*Read-only/);
    assert.match(words, /\/etc\/ssl\/x.*Read-only/);
    assert.match(words, /mount: .*permission denied/);
    assert.match(words, /umount: .*(permission denied|must be superuser)/);
    assert.match(words, /mknod: .*not permitted/);
    assert.match(words, /\/proc\/1\/root\/'?: Permission denied/);
    assert.match(words, /\/proc\/1\/fd.*Permission denied/);
    assert.match(words, /^0$/m);
    assert.match(words, /chowned/);
  });

  check("the task sees only its own processes", async (on) => {
    await on.driver.wait(await on.start(sh("ls /proc | grep -c '^[0-9]'; readlink /proc/self/ns/ipc")));
    assert.ok(Number(on.log().split("\n")[0]) <= 5, on.log());
  });

  check("the task has its directories, and writes to them only", async (on) => {
    const script =
      "for d in /alloc/data /local /secrets /tmp /dev/shm; do touch $d/x && echo $d; done; touch /x /usr/x /etc/x /var/x /alloc/logs/x 2>/dev/null || echo no";
    const spec = on.spec(sh(script));
    await on.driver.wait(on.adopt(await on.driver.start(spec)));
    assert.equal(on.log(), "/alloc/data\n/local\n/secrets\n/tmp\n/dev/shm\nno\n");
  });

  check("volumes are mounted, read-only where asked, under any name", async (on) => {
    const volumes = ["plain", "with blank", "back\\slash"].map((name) => join(on.root, name));
    for (const path of volumes) {
      mkdirSync(path);
      writeFileSync(join(path, "file"), path, { mode: 0o666 });
    }
    const mounts = [
      { source: volumes[0], destination: "/data/one", readOnly: true },
      { source: volumes[1], destination: "/data/two words", readOnly: false },
      { source: join(volumes[2], "file"), destination: "/srv/file", readOnly: false },
    ];
    const script =
      "cat '/data/one/file' '/data/two words/file' /srv/file; touch /data/one/x 2>/dev/null || echo ' closed'";
    await on.driver.wait(await on.start(sh(script), { mounts }));
    assert.equal(on.log(), `${volumes.join("")} closed\n`);
    for (const destination of ["/", "/usr/x", "/proc", "/a/../etc"])
      await assert.rejects(
        on.driver.start(on.spec(sh("true"), { mounts: [{ source: on.root, destination, readOnly: true }] })),
        { kind: "invalid", message: /Nothing can be mounted/ },
      );
  });

  const noMemory = skipUnless(!lacks.includes("memory"), "control of memory");
  check("a task that takes too much memory is ended, and that is said", async (on) => {
    if (noMemory) return;
    const hungry = sh("x=$(head -c 200000000 /dev/zero | tr '\\0' x)");
    const handle = await on.start(hungry, { resources: { cpuMhz: 100, memoryBytes: 32 * MEBIBYTE } });
    assertResult(await on.driver.wait(handle), { isOutOfMemory: true });
    const modest = await on.start(hungry, {
      resources: { cpuMhz: 100, memoryBytes: 32 * MEBIBYTE, memoryMaxBytes: 700 * MEBIBYTE },
    });
    assertResult(await on.driver.wait(modest), { exitCode: 0, isOutOfMemory: false });
  });

  check("a hard limit on the processor holds", async (on) => {
    if (skipUnless(!lacks.includes("cpu"), "control of the processor")) return;
    const resources = { cpuMhz: 100, cpuLimitMillis: 100, memoryBytes: 64 * MEBIBYTE };
    const handle = await on.start(sh("while :; do :; done"), { resources });
    const first = await on.driver.stats(handle);
    await sleep(1000);
    const second = await on.driver.stats(handle);
    const share = (second.cpuMs - first.cpuMs) / (second.measuredAtMs - first.measuredAtMs);
    assert.ok(share < 0.2, `${share} of a core`);
  });

  check("the number of processes is limited", async (on) => {
    const resources = { cpuMhz: 100, memoryBytes: 64 * MEBIBYTE, maxProcesses: 20 };
    const handle = await on.start(sh("for i in $(seq 100); do sleep 100 & done; wait"), { resources });
    await sleep(500);
    if (await on.driver.recover(handle).then(({ state }) => state === "running"))
      assert.ok((await on.driver.stats(handle)).processes <= 20);
    assert.match(on.log("stderr"), /[Cc]annot fork/);
  });

  check("isolation is told as it is", async (on) => {
    const claims = await on.driver.isolation(await on.start({ runsOn: true }));
    const held = claims.filter(({ holds }) => holds).map(({ aspect }) => aspect);
    const limited = ownCgroupLayout().version === "none" ? [] : ["memory", "cpu"];
    assert.deepEqual(held, ["files", "processes", "privileges", ...limited]);
  });
});
