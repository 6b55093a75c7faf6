import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, connect } from "node:net";
import type { AddressInfo } from "node:net";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { join } from "node:path";
import { after, suite } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { dockerDriver } from "./docker/docker.ts";
import { assertResult, checkWith, driverSuite } from "./driver-suite.ts";
import { digestOf } from "./oci/digest.ts";
import { openImages } from "./oci/images.ts";
import { ownPlatform } from "./oci/manifest.ts";
import { processSuite } from "./process-suite.ts";
import { allPids, sendSignal } from "./process-table.ts";
import { skipUnless } from "./testing/config.ts";
import { layerOf, libraryEntries, systemLayers } from "./testing/docker-image.ts";
import { dockerWithImage, imageDirectory } from "./testing/docker-subject.ts";
import { asShell } from "./testing/driver-bench.ts";
import { openTestRegistry, putImage } from "./testing/registry.ts";
import type { TestImage } from "./testing/registry.ts";
import { tarOf } from "./testing/tar.ts";
import { traces } from "./testing/traces.ts";
import { ownCgroupLayout } from "./tracking.ts";

const directory = imageDirectory();
const registry = await openTestRegistry({ breakAfter: 1_500_000, auth: { scheme: "bearer" } });
after(async () => {
  await registry.close();
  rmSync(directory, { recursive: true, force: true });
});

const fingerprint = await dockerDriver({ directory }).fingerprint();
const lacks = fingerprint.missing.map(({ what }) => what).join(", ");
const skip = skipUnless(fingerprint.isHealthy, `what docker needs (${lacks})`);
const layers = skip === false ? await systemLayers() : [];
if (skip === false) await loadSuiteImage();

/** The suites' image comes from an archive, so that its name needs no registry. */
async function loadSuiteImage(): Promise<void> {
  const config = {
    os: "linux",
    architecture: ownPlatform().architecture,
    config: {},
    rootfs: { diff_ids: layers.map(({ diffId }) => diffId) },
  };
  const names = layers.map((_, index) => `${index}.tar`);
  const manifest = [{ Config: "config.json", RepoTags: ["fractus.test/system:1"], Layers: names }];
  const entries = [
    { name: "manifest.json", text: JSON.stringify(manifest) },
    { name: "config.json", text: JSON.stringify(config) },
    ...layers.map(({ bytes }, index) => ({ name: names[index], text: bytes })),
  ];
  mkdirSync(directory, { recursive: true });
  const archive = join(directory, "suite.tar");
  writeFileSync(archive, await tarOf(entries));
  await openImages({ directory }).load(archive, "fractus.test/system:1");
}

const subject = {
  open: dockerWithImage,
  program: asShell,
  module: import.meta.resolve("./testing/docker-subject.ts"),
  factory: "dockerWithImage",
};

driverSuite("docker", subject, { skip });
processSuite("docker", subject, { skip });

suite("docker: containers", { skip }, () => {
  const check = checkWith("docker", subject, (root) => assert.deepEqual(traces(root), []));
  const sh = (script: string) => ({ command: "/bin/sh", args: ["-c", script] });
  const put = (image: Partial<TestImage> & { repository: string }) =>
    putImage(registry, { tag: "1", layers, ...image }, ownPlatform().architecture);

  check(
    "an image is pulled over broken transfers and with a token, and run as it says (CL-244)",
    async (on) => {
      const large = await layerOf([{ name: "usr/share/large", text: randomBytes(4_000_000) }]);
      put({
        repository: "team/app",
        layers: [...layers, large],
        config: {
          Entrypoint: ["/bin/sh", "-c"],
          Cmd: ["echo $GREETING $WHO; pwd; id -u; id -G"],
          Env: ["GREETING=hello", "WHO=image", "PATH=/bin"],
          WorkingDir: "/srv/app",
          User: "web",
        },
      });
      const { config: _, ...rest } = on.spec({ command: "" }, { env: { WHO: "task", BENCH: on.root } });
      const spec = { ...rest, config: { image: `${registry.host}/team/app:1` } };
      await on.driver.wait(on.adopt(await on.driver.start(spec)));
      assert.equal(on.log(), "hello task\n/srv/app\n1234\n1235 77\n");
      assert.ok(
        registry.requests.some((line) => line.includes("bytes=")),
        "a transfer went on where it broke",
      );
      const own = { ...spec, id: "other", config: { ...spec.config, command: "echo own" } };
      await on.driver.wait(on.adopt(await on.driver.start(own)));
      assert.match(on.log(), /own\n$/);
    },
  );

  check("what a layer removes is not there, and its directories keep owner and mode", async (on) => {
    const above = await layerOf([
      { name: "usr/share/.wh.common-licenses", text: "" },
      { name: "etc/.wh..wh..opq", text: "" },
      { name: "etc/new", text: "new" },
    ]);
    put({ repository: "above", layers: [...layers, above] });
    const config = {
      image: `${registry.host}/above:1`,
      ...sh("ls /usr/share; ls /etc; ls -ld /tmp | cut -c1-10"),
    };
    await on.driver.wait(await on.start(config));
    assert.equal(on.log(), "dict\nhostname\nhosts\nnew\nresolv.conf\ndrwxrwxrwt\n");
  });

  check("an image without a shell runs, and takes exec with a terminal", async (on) => {
    const bare = layers.slice(0, 1);
    const [cat] = bare;
    put({
      repository: "bare",
      layers: [
        cat,
        await layerOf([
          { name: "usr/bin/.wh.sh", text: "" },
          { name: "usr/bin/.wh.env", text: "" },
        ]),
      ],
    });
    const config = { image: `${registry.host}/bare:1`, command: "sleep", args: ["1000"] };
    const handle = await on.start(config, { env: { "odd.name": "x", PATH: "/usr/bin", BENCH: on.root } });
    const session = await on.driver.exec(handle, ["tty"], { tty: true });
    const seen: Buffer[] = [];
    for await (const part of session.stdout) seen.push(part as Buffer);
    assert.match(Buffer.concat(seen).toString(), /^\/dev\/pts\/\d+\r\n$/);
    assert.deepEqual(await session.exit, { exitCode: 0 });
  });

  check("root in a container has few rights, no more by cap_drop, and cannot leave", async (on) => {
    const script = [
      "grep -E '^(CapPrm|CapBnd|NoNewPrivs)' /proc/self/status",
      "mount -t tmpfs none /tmp 2>&1; umount /proc/sys 2>&1; mknod /tmp/sda b 8 0 2>/dev/null && head -c1 /tmp/sda 2>&1",
      "ls /.fractus/old; touch /.fractus/x 2>&1; ls /proc/1/root 2>&1; ls -l /proc/1/fd 2>&1; wc -c </proc/kallsyms",
      "chroot / ls / >/dev/null 2>&1 && echo may chroot",
    ].join("\n");
    await on.driver.wait(await on.start(sh(script)));
    const words = on.log();
    assert.match(words, /CapPrm:\t00000000a80405fb\nCapBnd:\t00000000a80405fb/);
    assert.match(words, /NoNewPrivs:\t1/);
    assert.match(words, /mount: .*(permission denied|must be superuser)/i);
    assert.match(words, /umount: .*(permission denied|must be superuser)/i);
    assert.match(words, /sda.*(denied|not permitted)/);
    assert.match(words, /\/\.fractus\/x.*Read-only/);
    assert.match(words, /\/proc\/1\/root.*denied/);
    assert.match(words, /\/proc\/1\/fd.*denied/);
    assert.match(words, /^0$/m);
    assert.match(words, /may chroot/);
    const dropped = await on.start(
      {
        ...sh("grep -E '^Cap(Prm|Bnd)' /proc/self/status; chroot / ls; chown web /etc/hosts"),
        cap_drop: ["all"],
      },
      { name: "dropped" },
    );
    await on.driver.wait(dropped);
    assert.equal(on.log("stdout", "dropped"), "CapPrm:\t0000000000000000\nCapBnd:\t0000000000000000\n");
    assert.match(on.log("stderr", "dropped"), /chroot: .*not permitted[^]*chown: .*not permitted/);
  });

  check("the machine is out of sight", async (on) => {
    writeFileSync(join(on.root, "secret"), "secret");
    await on.driver.wait(
      await on.start(sh(`ls /; cat /proc/mounts; cat ${on.root}/secret; hostname; cat /etc/hosts`), {}),
    );
    const seen = on.log();
    assert.doesNotMatch(seen, /lost\+found|^secret$|^work$/m);
    assert.match(seen, /^overlay \/ overlay/m);
    assert.match(seen, /^web-[0-9a-f]{12}$/m);
    assert.match(on.log("stderr"), /No such file/);
  });

  check("an image whose links lead outside changes nothing outside", async (on) => {
    const outside = join(on.root, "outside");
    mkdirSync(outside);
    for (const [name, linkname] of [
      ["alloc", outside],
      ["local", "../../../../../../../../.."],
      ["data", outside],
    ]) {
      const evil = await layerOf([{ name, type: "symlink", linkname }]);
      put({ repository: `evil-${name}`, layers: [...layers, evil] });
      const config = {
        image: `${registry.host}/evil-${name}:1`,
        volumes: ["local/v:/data/deep/v"],
        ...sh("echo x >/data/deep/v/seen"),
      };
      const spec = on.spec(config, { name: `evil-${name}` });
      await on.driver.start(spec).then(
        (handle) => on.driver.wait(on.adopt(handle)),
        () => undefined,
      );
      assert.deepEqual(readdirSync(outside), []);
    }
    const link = (name: string, linkname: string) => ({ name, type: "symlink" as const, linkname });
    for (const entry of [
      link("proc", "/tmp"),
      link("dev", "/tmp"),
      link("sys", "/tmp"),
      { name: "etc/ld.so.preload", text: "/x.so" },
      link("etc/ld.so.preload", "/local/x"),
      link("etc/hosts", "ld.so.preload"),
      link("etc", "/local"),
      link("local", "/etc"),
      link("secrets", "/"),
    ]) {
      put({ repository: "evil", layers: [...layers, await layerOf([entry])] });
      const config = { image: `${registry.host}/evil:1`, force_pull: true, ...sh("true") };
      const refusal = { kind: "invalid", message: /is not run/ };
      await assert.rejects(on.driver.start(on.spec(config)), refusal, entry.name);
    }
  });

  check("volumes, tmpfs, limits, hosts and names are as the job says", async (on) => {
    const spec = on.spec({
      ...sh(
        "cat /in/file; touch /in/x || echo closed; touch /scratch/y /up/z; cat /etc/hosts /etc/resolv.conf; hostname; ulimit -n; ls -d /alloc/data",
      ),
      volumes: ["local/in:/in:ro", "local/up:/up"],
      mounts: [{ type: "tmpfs", target: "/scratch" }],
      hostname: "box.example",
      extra_hosts: ["db:10.1.2.3"],
      dns_servers: ["10.0.0.53"],
      ulimit: { nofile: "512:1024" },
    });
    mkdirSync(join(spec.directory.local, "in"), { recursive: true });
    writeFileSync(join(spec.directory.local, "in", "file"), "from outside\n");
    await on.driver.wait(on.adopt(await on.driver.start(spec)));
    const seen = on.log();
    for (const words of [
      /^from outside$/m,
      /^closed$/m,
      /^10\.1\.2\.3 db$/m,
      /^nameserver 10\.0\.0\.53$/m,
      /^box\.example$/m,
      /^512$/m,
      /^\/alloc\/data$/m,
    ])
      assert.match(seen, words);
    assert.deepEqual(readdirSync(join(spec.directory.local, "up")), ["z"]);
  });

  check("a volume out of the task's reach is refused", async (on) => {
    const refused = (config: object, words: RegExp) =>
      assert.rejects(on.driver.start(on.spec({ ...sh("true"), ...config })), {
        kind: "invalid",
        message: words,
      });
    await refused({ volumes: ["/etc:/x"] }, /path of the machine/);
    await refused({ volumes: ["../web/private:/x"] }, /not below/);
    await refused({ volumes: ["private:/x"] }, /not below/);
    await refused({ volumes: ["local/../../..:/x"] }, /not below/);
    await refused({ volumes: ["local/a:/a", "local/b:/a/b"] }, /another volume/);
    await refused({ volumes: ["../alloc/data:/x"] }, /not below/);
    for (const target of ["/", "/proc/x", "/dev", "/.fractus", "/.fractus/lib", "/etc", "/x/../proc"])
      await refused({ volumes: [`local:${target}`] }, /Nothing can be mounted/);
    await refused({ privileged: true }, /privileged is not allowed/);
    const unknown = on.spec({ ...sh("true"), image: `${registry.host}/no/such:1` });
    await assert.rejects(on.driver.start(unknown), { kind: "not-found", message: /no such image/ });
    const spec = on.spec({ ...sh("ls /x"), volumes: ["local/out:/x"] }, { name: "linked" });
    mkdirSync(spec.directory.local, { recursive: true });
    symlinkSync("/etc", join(spec.directory.local, "out"));
    await on.driver.wait(on.adopt(await on.driver.start(spec)));
    assert.equal(on.log("stdout", "linked"), "", "a link in the task's directory leads nowhere else");
  });

  check("a port is mapped, for TCP and UDP, heals, and is free again afterwards", async (on) => {
    const hostPort = await freePort();
    put({ repository: "echo", layers: [...layers, await layerOf(libraryEntries(process.execPath))] });
    const config = {
      image: `${registry.host}/echo:1`,
      command: "/srv/node",
      args: ["-e", echoServer],
      port_map: { http: 80 },
    };
    const mounts = [{ source: process.execPath, destination: "/srv/node", readOnly: true }];
    const ports = [{ label: "http", hostAddress: "127.0.0.1", hostPort, containerPort: hostPort }];
    const handle = await on.start(config, {
      ports,
      mounts,
      resources: { cpuMhz: 500, memoryBytes: 512 * 1024 * 1024 },
    });
    await on.output("listening");
    assert.equal(await askTcp(hostPort, "hello"), "tcp hello");
    assert.equal(await askUdp(hostPort, "hello"), "udp hello");
    const big = "x".repeat(3_000_000);
    assert.equal(await askTcp(hostPort, big), `tcp ${big}`);
    await assert.rejects(on.driver.start(on.spec(config, { name: "second", ports, mounts })), {
      kind: "conflict",
      message: new RegExp(`Port ${hostPort} of 127.0.0.1`),
    });
    const [proxy] = readFileSync(join(handle.stateDirectory, "proxy"), "utf8").split(" ");
    sendSignal(Number(proxy), "SIGKILL");
    await sleep(50);
    assert.deepEqual(await on.open().recover(handle), { state: "running" });
    assert.equal(await askTcp(hostPort, "again"), "tcp again");
    const claim = (await on.driver.isolation(handle)).find(({ aspect }) => aspect === "network");
    assert.equal(claim?.holds, true);
    await on.driver.destroy(handle);
    await assert.rejects(askTcp(hostPort, "x"));
    const server = createServer().listen(hostPort, "127.0.0.1");
    await once(server, "listening");
    server.close();
  });

  check(
    "destroy leaves the machine as it was: mounts, interfaces, namespaces, control groups, ports",
    async (on) => {
      const before = machineTables();
      put({
        repository: "before",
        layers: [...layers, await layerOf([{ name: "usr/.wh.share", text: "" }])],
      });
      const hostPort = await freePort();
      const ports = [{ label: "p", hostAddress: "127.0.0.1", hostPort, containerPort: 80 }];
      const config = {
        image: `${registry.host}/before:1`,
        ports: ["p"],
        network_mode: "bridge",
        ...asShell({ runsOn: true }),
      };
      const handles = [
        await on.start(config, { ports }),
        await on.start({ runsOn: true }, { name: "plain" }),
      ];
      const session = await on.driver.exec(handles[0], ["sleep", "1000"]);
      assert.deepEqual(machineTables(), before, "they never see anything of it");
      const own = new Set(namespacesOf(process.pid));
      const theirs = handles
        .flatMap(({ process }) => namespacesOf(process?.pid ?? 0))
        .filter((name) => !own.has(name));
      assert.equal(theirs.length, 11, "six, and five for the one in the machine's network");
      for (const handle of handles) await on.driver.destroy(handle);
      await session.exit;
      assert.deepEqual(machineTables(), before);
      const left = allPids().filter((pid) => namespacesOf(pid).some((name) => theirs.includes(name)));
      assert.deepEqual(left, []);
      assert.deepEqual(readdirSync(join(on.root, "web", "private")), []);
      assert.deepEqual(traces(on.root), []);
      const server = createServer().listen(hostPort, "127.0.0.1");
      await once(server, "listening");
      server.close();
    },
  );

  check(
    "the same port inside and outside needs no mapping; a label that is not there is refused",
    async (on) => {
      const ports = [{ label: "http", hostAddress: "127.0.0.1", hostPort: 80, containerPort: 80 }];
      const handle = await on.start({ ...asShell({ runsOn: true }), ports: ["http"] }, { ports });
      const claim = (await on.driver.isolation(handle)).find(({ aspect }) => aspect === "network");
      assert.equal(claim?.holds, false);
      await assert.rejects(on.driver.start(on.spec({ ...sh("true"), ports: ["https"] }, { ports })), {
        kind: "invalid",
        message: /"https"/,
      });
    },
  );

  check("stop asks with the image's own signal", async (on) => {
    put({ repository: "stopping", config: { StopSignal: "SIGUSR2" } });
    const handle = await on.start({ image: `${registry.host}/stopping:1`, ...asShell({ runsOn: true }) });
    assertResult(await on.driver.stop(handle, { killTimeoutMs: 5000 }), { signal: "SIGUSR2" });
    const usual = await on.start({ runsOn: true });
    assertResult(await on.driver.stop(usual, { killTimeoutMs: 5000 }), { signal: "SIGTERM" });
  });

  check("containers of one image share its layers, and none sees what another writes", async (on) => {
    const before = readdirSync(join(directory, "layers")).length;
    await on.driver.wait(
      await on.start(sh("echo mine >/etc/mine; echo changed >/etc/passwd; cat /etc/mine"), { name: "one" }),
    );
    await on.driver.wait(await on.start(sh("cat /etc/mine; head -c4 /etc/passwd"), { name: "two" }));
    assert.equal(on.log("stdout", "two"), "root");
    assert.equal(readdirSync(join(directory, "layers")).length, before);
  });

  check("an image is loaded from an archive in the task's directory", async (on) => {
    const spec = on.spec({ ...sh("echo loaded"), image: "from/archive:2", load: "image.tar" });
    mkdirSync(spec.directory.local, { recursive: true });
    const config = {
      os: "linux",
      architecture: ownPlatform().architecture,
      config: {},
      rootfs: { diff_ids: layers.map(({ diffId }) => diffId) },
    };
    const text = JSON.stringify(config);
    const manifest = [{ Config: digestOf(text).slice(7), RepoTags: ["from/archive:2"], Layers: ["a", "b"] }];
    const entries = [
      ["manifest.json", JSON.stringify(manifest)],
      [digestOf(text).slice(7), text],
      ["a", layers[0].bytes],
      ["b", layers[1].bytes],
    ] as const;
    writeFileSync(
      join(spec.directory.local, "image.tar"),
      await tarOf(entries.map(([name, text]) => ({ name, text }))),
    );
    await on.driver.wait(on.adopt(await on.driver.start(spec)));
    assert.equal(on.log(), "loaded\n");
    await assert.rejects(on.driver.start(on.spec({ ...sh("x"), image: "a:1", load: "../private/x" })), {
      kind: "invalid",
    });
  });

  check("isolation is told as it is", async (on) => {
    const claims = await on.driver.isolation(await on.start({ runsOn: true }));
    const held = claims.filter(({ holds }) => holds).map(({ aspect }) => aspect);
    const limited = ownCgroupLayout().version === "none" ? [] : ["memory", "cpu"];
    assert.deepEqual(held, ["files", "processes", "privileges", ...limited]);
  });
});

/** The machine's own tables, and who stands in which namespace. */
function machineTables(): object {
  return {
    mounts: readFileSync("/proc/self/mountinfo", "utf8"),
    interfaces: readFileSync("/proc/net/dev", "utf8")
      .split("\n")
      .map((line) => line.split(":")[0]),
    routes: readFileSync("/proc/net/route", "utf8"),
  };
}

function namespacesOf(pid: number): string[] {
  try {
    return ["net", "mnt", "pid", "ipc", "uts", "cgroup"].map((name) =>
      readlinkSync(`/proc/${pid}/ns/${name}`),
    );
  } catch {
    return [];
  }
}

const echoServer = `
const net = require("node:net"), dgram = require("node:dgram");
const udp = dgram.createSocket("udp4").on("message", (text, from) => udp.send("udp " + text, from.port, from.address));
net.createServer({ allowHalfOpen: true }, (socket) => { socket.write("tcp "); socket.pipe(socket); })
  .listen(80, () => udp.bind(80, () => console.log("listening")));`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function askTcp(port: number, text: string): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  await once(socket, "connect");
  socket.end(text);
  const parts: Buffer[] = [];
  for await (const part of socket) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

async function askUdp(port: number, text: string): Promise<string> {
  const socket = createSocket("udp4");
  try {
    socket.send(text, port, "127.0.0.1");
    const [answer] = (await once(socket, "message", { signal: AbortSignal.timeout(5000) })) as [Buffer];
    return answer.toString();
  } finally {
    socket.close();
  }
}
