import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalizeJob } from "./canonicalize.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import { objects } from "./normalise.ts";
import { parseJob } from "./parse-job.ts";
import { testCapabilities } from "./testing/capabilities.ts";
import { jobAround, readCases } from "./testing/cases.ts";
import { toHcl } from "./to-hcl.ts";

function parse(text: string) {
  return parseJob(text, { fileName: "test.nomad", capabilities: testCapabilities, driverConfig: "ignore" });
}

function jobOf(text: string): JsonObject {
  const { job, diagnostics } = parse(text);
  assert.ok(job, JSON.stringify(diagnostics, undefined, 1));
  return job;
}

/** What the JSON of the innermost block has beyond that of a file with nothing in it. */
function addedAt(place: string, job: JsonObject): JsonObject {
  if (place === "job") {
    const { ID, Name, TaskGroups, ...rest } = job;
    return { ...(ID === "j" && Name === "j" ? {} : { ID, Name }), ...rest, TaskGroups };
  }
  const [group] = objects(job, "TaskGroups");
  if (place === "group") {
    const { Name: _name, ...rest } = group;
    return rest;
  }
  const { Name: _name, Driver: _driver, ...rest } = objects(group, "Tasks")[0];
  return rest;
}

const untouchedTask = { Name: "t", Driver: "exec" };
const untouched: Readonly<Record<string, JsonObject>> = {
  job: { TaskGroups: [{ Name: "g", Tasks: [untouchedTask] }] },
  group: { Tasks: [untouchedTask] },
  task: {},
};

for (const { place, title, text, expected } of readCases("blocks.txt")) {
  test(`decode: ${place}: ${title}`, () => {
    const job = jobOf(jobAround(place, text));
    assert.deepEqual(addedAt(place, job), { ...untouched[place], ...JSON.parse(expected) });
  });

  test(`to-hcl: ${place}: ${title}`, () => {
    const job = jobOf(jobAround(place, text));
    assert.deepEqual(jobOf(toHcl(job)), job);
    const canonical = canonicalizeJob(job);
    assert.deepEqual(canonicalizeJob(canonical), canonical, "canonicalizing twice changes nothing");
    assert.deepEqual(canonicalizeJob(jobOf(toHcl(canonical, { omitDefaults: true }))), canonical);
    assert.ok(isJsonObject(canonical));
  });
}
