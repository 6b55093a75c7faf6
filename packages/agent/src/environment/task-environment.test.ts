import assert from "node:assert/strict";
import { test } from "node:test";
import type { Allocation } from "@fractus/core/allocation.ts";
import type { Group, Job, Task } from "@fractus/core/job.ts";
import { taskDirectory } from "@fractus/drivers/task-directory.ts";
import type { NodeFacts } from "../control-link.ts";
import type { TaskEnvironmentInput } from "./task-environment.ts";
import { taskEnvironment } from "./task-environment.ts";

const mebibyte = 1024 * 1024;

const input = {
  node: {
    id: "n1",
    name: "node",
    zone: "dc1",
    attributes: { "kernel.name": "linux" },
    meta: {},
  } as unknown as NodeFacts,
  job: {
    id: "web",
    name: "Web",
    project: "default",
    parentId: "parent",
    meta: { owner: "job", "the-key": "1" },
  } as unknown as Job,
  allocation: {
    id: "0a1b2c3d-0000-0000-0000-000000000000",
    name: "web.front[3]",
    grant: {
      ports: [
        { label: "http", port: 25000, to: 8080, hostNetwork: "default", address: "10.0.0.1" },
        { label: "db-admin", port: 25001, to: 0, hostNetwork: "default", address: "fd00::1" },
      ],
      tasks: {
        server: {
          cpuMhz: 500,
          memoryBytes: 256 * mebibyte,
          memoryMaxBytes: 512 * mebibyte,
          cores: [5, 0, 1, 2],
        },
      },
    },
  } as unknown as Allocation,
  group: { name: "front", meta: { owner: "group" }, tasks: [] as Task[] } as unknown as Group,
  task: {
    name: "server",
    meta: { owner: "task", kernel: "${attr.kernel.name}" },
    env: { LISTEN: "${NOMAD_ADDR_http}", TWICE: "${LISTEN}${LISTEN}", "a.b-c": "x" },
  } as unknown as Task,
  directory: taskDirectory("/data/a", "server"),
} satisfies TaskEnvironmentInput;

function check(expected: Record<string, string | undefined>, more: Partial<TaskEnvironmentInput> = {}): void {
  const env = taskEnvironment({ ...input, ...more });
  for (const [name, value] of Object.entries(expected)) assert.equal(env[name], value, name);
}

test("environment: directories are the host's, or as the task sees them", () => {
  check({
    NOMAD_ALLOC_DIR: "/data/a/alloc",
    NOMAD_TASK_DIR: "/data/a/server/local",
    NOMAD_SECRETS_DIR: "/data/a/server/secrets",
  });
  const paths = { alloc: "/alloc", local: "/local", secrets: "/secrets" };
  check({ NOMAD_ALLOC_DIR: "/alloc", NOMAD_TASK_DIR: "/local", NOMAD_SECRETS_DIR: "/secrets" }, { paths });
});

test("environment: limits in MHz and MiB, cores as a cpuset", () => {
  check({
    NOMAD_CPU_LIMIT: "500",
    NOMAD_CPU_CORES: "0-2,5",
    NOMAD_MEMORY_LIMIT: "256",
    NOMAD_MEMORY_MAX_LIMIT: "512",
    NOMAD_PARENT_CGROUP: undefined,
    NOMAD_UNIX_ADDR: undefined,
  });
  check(
    { NOMAD_PARENT_CGROUP: "/f", NOMAD_UNIX_ADDR: "unix:///s" },
    { parentCgroup: "/f", unixAddress: "unix:///s" },
  );
});

test("environment: who it is", () => {
  check({
    NOMAD_ALLOC_ID: input.allocation.id,
    NOMAD_SHORT_ALLOC_ID: "0a1b2c3d",
    NOMAD_ALLOC_NAME: "web.front[3]",
    NOMAD_ALLOC_INDEX: "3",
    NOMAD_TASK_NAME: "server",
    NOMAD_GROUP_NAME: "front",
    NOMAD_JOB_ID: "web",
    NOMAD_JOB_NAME: "Web",
    NOMAD_JOB_PARENT_ID: "parent",
    NOMAD_DC: "dc1",
    NOMAD_REGION: "global",
    NOMAD_NAMESPACE: "default",
  });
});

test("environment: ports by label, the inner one to bind", () => {
  check({
    NOMAD_IP_http: "10.0.0.1",
    NOMAD_PORT_http: "8080",
    NOMAD_HOST_PORT_http: "25000",
    NOMAD_ADDR_http: "10.0.0.1:25000",
    NOMAD_PORT_db_admin: "25001",
    NOMAD_ADDR_db_admin: "[fd00::1]:25001",
    NOMAD_ALLOC_IP_http: undefined,
  });
  check(
    {
      NOMAD_ALLOC_INTERFACE_http: "eth0",
      NOMAD_ALLOC_IP_http: "172.26.0.2",
      NOMAD_ALLOC_ADDR_http: "172.26.0.2:8080",
    },
    { ownNetwork: { interface: "eth0", address: "172.26.0.2" } },
  );
});

test("environment: ports that a task asked for by itself also carry its name", () => {
  const task = {
    ...input.task,
    name: "db",
    resources: { networks: [{ ports: [{ label: "http" }] }] },
  } as unknown as Task;
  check({ NOMAD_ADDR_db_http: "10.0.0.1:25000" }, { group: { ...input.group, tasks: [task] } });
});

test("environment: meta as it is and in capitals, the nearest to the task wins", () => {
  check({
    NOMAD_META_owner: "task",
    NOMAD_META_OWNER: "task",
    NOMAD_META_the_key: "1",
    NOMAD_META_THE_KEY: "1",
    NOMAD_META_kernel: "linux",
  });
});

test("environment: the task's own may refer to NOMAD_* and to entries above", () => {
  check({ LISTEN: "10.0.0.1:25000", TWICE: "10.0.0.1:2500010.0.0.1:25000", "a.b_c": "x" });
});
