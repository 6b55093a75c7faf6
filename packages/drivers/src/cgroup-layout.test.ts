import assert from "node:assert/strict";
import { test } from "node:test";
import { cgroupLayout } from "./cgroup-layout.ts";

const mount = (path: string, type: string, options: string, root = "/") =>
  `31 23 0:28 ${root} ${path} rw,relatime shared:9 - ${type} cgroup rw,${options}`;

test("cgroups: v2 alone", () => {
  const layout = cgroupLayout(
    mount("/sys/fs/cgroup", "cgroup2", "nsdelegate"),
    "0::/system.slice/a.service\n",
  );
  assert.deepEqual(layout, {
    version: "v2",
    v1: {},
    v2: { mount: "/sys/fs/cgroup", own: "/sys/fs/cgroup/system.slice/a.service" },
  });
});

test("cgroups: both at once, with controllers that share a mount", () => {
  const layout = cgroupLayout(
    [
      mount("/sys/fs/cgroup/cpu,cpuacct", "cgroup", "cpu,cpuacct"),
      mount("/sys/fs/cgroup/memory", "cgroup", "memory"),
      mount("/sys/fs/cgroup/systemd", "cgroup", "xattr,name=systemd"),
      mount("/sys/fs/cgroup/unified", "cgroup2", ""),
    ].join("\n"),
    "5:name=systemd:/x\n4:memory:/m:n\n3:cpu,cpuacct:/\n0::/\n",
  );
  assert.equal(layout.version, "hybrid");
  assert.deepEqual(layout.v1.memory, { mount: "/sys/fs/cgroup/memory", own: "/sys/fs/cgroup/memory/m:n" });
  assert.equal(layout.v1.cpu.own, "/sys/fs/cgroup/cpu,cpuacct");
  assert.deepEqual(layout.v1.cpuacct, layout.v1.cpu);
  assert.equal(layout.v2?.own, "/sys/fs/cgroup/unified");
});

test("cgroups: v1 alone, seen from a container", () => {
  const layout = cgroupLayout(
    mount("/sys/fs/cgroup/memory", "cgroup", "memory", "/docker/7"),
    "4:memory:/docker/7/a\n",
  );
  assert.deepEqual([layout.version, layout.v1.memory.own], ["v1", "/sys/fs/cgroup/memory/a"]);
  const outside = cgroupLayout(mount("/c", "cgroup", "memory", "/docker/7"), "4:memory:/elsewhere\n");
  assert.equal(outside.v1.memory.own, "/c");
});

test("cgroups: none", () => {
  assert.deepEqual(cgroupLayout("22 27 0:21 / /proc rw - proc proc rw\n", "0::/\n"), {
    version: "none",
    v1: {},
  });
});
