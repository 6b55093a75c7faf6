import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { capabilities, commandLine, containerUser, environment, usualCapabilities } from "./container.ts";
import { readSettings } from "./settings.ts";

const root = mkdtempSync(join(tmpdir(), "fractus-container-"));
after(() => rmSync(root, { recursive: true, force: true }));

test("docker settings: the document's example, with the port map of old (CL-244)", () => {
  for (const port_map of [{ http: 80 }, [{ http: 80 }], [{ http: "80" }]]) {
    const { image, portMap } = readSettings({ image: "nginx:1.17.9", port_map });
    assert.deepEqual([image, portMap], ["nginx:1.17.9", { http: 80 }]);
  }
});

test("docker settings: volumes and mounts", () => {
  const { volumes } = readSettings({
    image: "a",
    volumes: ["local/x:/x", "/srv:/srv:ro"],
    mount: [{ type: "bind", target: "/b", source: "local", readonly: true }],
    mounts: [{ type: "tmpfs", target: "/t", tmpfs_options: { size: 4096 } }],
  });
  assert.deepEqual(volumes, [
    { kind: "bind", source: "local/x", target: "/x", isReadOnly: false },
    { kind: "bind", source: "/srv", target: "/srv", isReadOnly: true },
    { kind: "bind", source: "local", target: "/b", isReadOnly: true },
    { kind: "tmpfs", target: "/t", sizeBytes: 4096, mode: 0o1777 },
  ]);
});

test("docker settings: what is not understood or not supported is refused by name", () => {
  const refused = (config: object, words: RegExp) =>
    assert.throws(
      () => readSettings({ image: "a", ...config }),
      { kind: "invalid", message: words },
      JSON.stringify(config),
    );
  refused({ image: undefined }, /no image/);
  refused({ colour: "red" }, /"colour"/);
  refused({ devices: [{}] }, /"devices"/);
  refused({ pid_mode: "host" }, /"pid_mode"/);
  refused({ tty: true }, /"tty"/);
  refused({ security_opt: ["seccomp=unconfined"] }, /"security_opt"/);
  refused({ network_mode: "container:other" }, /network_mode/);
  refused({ volumes: ["x"] }, /volume "x"/);
  refused({ volumes: ["a:b"] }, /volume/);
  refused({ volumes: ["a:/b:suid"] }, /volume/);
  refused({ mounts: [{ type: "volume", target: "/x", source: "v" }] }, /"volume"/);
  refused({ mounts: [{ type: "bind", target: "/x", source: "v", colour: 1 }] }, /"colour" in mount/);
  refused({ auth: { username: "x" } }, /password/);
  refused({ auth: { helper: "x" } }, /"helper" in auth/);
  refused({ port_map: { http: 70_000 } }, /port_map.http/);
  refused({ ulimit: { nofile: "many" } }, /ulimit nofile/);
  refused({ ulimit: { "nofile=1 /bin/x": "1" } }, /ulimit/);
  refused({ dns_servers: ["1.1.1.1\nnameserver 2"] }, /dns_servers/);
  refused({ extra_hosts: ["a b:1"] }, /extra host/);
  refused({ hostname: "-x" }, /hostname/);
  refused({ args: "x" }, /args/);
  refused({ privileged: "maybe" }, /privileged/);
});

test("docker settings: what happens anyway may be said, and labels are only words", () => {
  const config = {
    image: "a",
    init: true,
    tty: false,
    ipc_mode: "private",
    labels: { a: "b" },
    logging: { type: "json-file" },
  };
  assert.equal(readSettings(config).image, "a");
});

test("container: entrypoint and command of image and task", () => {
  const image = { entrypoint: ["/entry"], command: ["serve"] };
  assert.deepEqual(commandLine(image, {}), ["/entry", "serve"]);
  assert.deepEqual(commandLine(image, { command: "other", args: ["x"] }), ["/entry", "other", "x"]);
  assert.deepEqual(commandLine(image, { args: ["x"] }), ["/entry", "x"]);
  assert.deepEqual(commandLine(image, { args: [] }), ["/entry"]);
  assert.deepEqual(commandLine(image, { entrypoint: ["/own"] }), ["/own"]);
  assert.deepEqual(commandLine(image, { entrypoint: ["/own"], args: ["x"] }), ["/own", "x"]);
  assert.deepEqual(commandLine({ ...image, entrypoint: [] }, { entrypoint: [] }), ["serve"]);
  assert.throws(() => commandLine({ entrypoint: [], command: [] }, {}), { kind: "invalid" });
});

test("container: the task's variables go over the image's", () => {
  assert.deepEqual(environment(["PATH=/a", "X=a=b", "odd", "=x"], { PATH: "/b" }), { PATH: "/b", X: "a=b" });
});

test("container: users and groups are the image's", () => {
  const layer = join(root, "layer");
  mkdirSync(join(layer, "etc"), { recursive: true });
  writeFileSync(join(layer, "etc/passwd"), "root:x:0:0::/:\nweb:x:33:34::/:\nbroken\n");
  writeFileSync(join(layer, "etc/group"), "root:x:0:\nwww:x:34:\nlogs:x:50:web,root\n");
  const of = (wanted: string, more: string[] = []) => {
    const { uid, gid, groups } = containerUser(wanted, [layer], more);
    return [uid, gid, ...groups].join(" ");
  };
  assert.equal(of(""), "0 0 50");
  assert.equal(of("web"), "33 34 50");
  assert.equal(of("33"), "33 34 50");
  assert.equal(of("web:logs"), "33 50");
  assert.equal(of("1000"), "1000 0");
  assert.equal(of("1000:7"), "1000 7");
  assert.equal(of("1000", ["logs", "9"]), "1000 0 50 9");
  for (const bad of ["nobody-there", "web:none", "-1", "1e3"])
    assert.throws(() => containerUser(bad, [layer]), { kind: "invalid" }, bad);
});

test("container: capabilities", () => {
  const of = (capAdd: string[], capDrop: string[]) => capabilities({ capAdd, capDrop, isPrivileged: false });
  assert.deepEqual(of([], []), usualCapabilities);
  assert.deepEqual(of([], ["ALL"]), []);
  assert.deepEqual(of(["CAP_NET_RAW", "chown"], ["all"]), ["chown", "net_raw"]);
  assert.ok(!of([], ["mknod"]).includes("mknod"));
  for (const bad of ["sys_admin", "all", "no_such", "chown,+sys_admin"])
    assert.throws(() => of([bad], []), { kind: "invalid" }, bad);
  assert.ok(capabilities({ capAdd: ["sys_admin"], capDrop: [], isPrivileged: true }).includes("sys_admin"));
});
