import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { canonicalJob } from "./api.ts";
import type { BlockSchema } from "./schema/block.ts";
import { artifact, dispatchPayload, logs, template } from "./schema/files.ts";
import { group } from "./schema/group.ts";
import { job } from "./schema/job.ts";
import { disconnect, migrate, reschedule, restart, update } from "./schema/lifetime.ts";
import { affinity, constraint, spread } from "./schema/placement.ts";
import { ephemeralDisk, network, resources, volumeMount } from "./schema/resources.ts";
import { check, service } from "./schema/service.ts";
import { task } from "./schema/task.ts";

const typed: Readonly<Record<string, BlockSchema>> = {
  Job: job,
  TaskGroup: group,
  Task: task,
  Constraint: constraint,
  Spread: spread,
  RestartPolicy: restart,
  ReschedulePolicy: reschedule,
  DisconnectStrategy: disconnect,
  UpdateStrategy: update,
  MigrateStrategy: migrate,
  Resources: resources,
  NetworkResource: network,
  VolumeMount: volumeMount,
  EphemeralDisk: ephemeralDisk,
  TaskArtifact: artifact,
  Template: template,
  LogConfig: logs,
  DispatchPayloadConfig: dispatchPayload,
  Service: service,
  ServiceCheck: check,
};

function fieldsOf(block: BlockSchema): string[] {
  const names = Object.values(block.fields).flatMap((field) => {
    if (field.kind === "attribute") return field.operator === undefined ? [field.json] : [];
    if (field.folded) return [];
    return field.elsewhere ? [field.json, field.elsewhere.json] : [field.json];
  });
  return [...new Set([...(block.label ? [block.label.json] : []), ...names])].sort();
}

test("api: the types have exactly the fields of the schema", () => {
  const source = readFileSync(new URL("./api.ts", import.meta.url), "utf8");
  for (const [name, block] of Object.entries(typed)) {
    const [, body] = new RegExp(`export interface ${name} \\{\\n([^]*?)\\n\\}`).exec(source) ?? [];
    const fields = [...body.matchAll(/^ {2}readonly (\w+):/gm)].map((match) => match[1]).sort();
    assert.deepEqual(fields, fieldsOf(block), name);
  }
  assert.deepEqual(fieldsOf(affinity), [...fieldsOf(constraint), "Weight"].sort());
});

test("api: a job with all its defaults", () => {
  const { TaskGroups } = canonicalJob({ ID: "j", TaskGroups: [{ Name: "g", Tasks: [{ Name: "t" }] }] });
  assert.equal(TaskGroups?.[0].Tasks?.[0].Resources.MemoryMB, 300);
});
