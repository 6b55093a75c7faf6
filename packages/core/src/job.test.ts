import assert from "node:assert/strict";
import { test } from "node:test";
import { isTemplate, type Job } from "./job.ts";

const periodic = { enabled: true, specs: ["@daily"], timeZone: "UTC", prohibitOverlap: false };
const parameterized = { payload: "optional", metaRequired: [], metaOptional: [] } as const;

function check(name: string, job: Partial<Job>, expected: boolean): void {
  test(`job: ${name} ${expected ? "is" : "is not"} a template`, () =>
    assert.equal(isTemplate(job as Job), expected));
}

check("a plain one", {}, false);
check("a periodic one", { periodic }, true);
check("a parameterized one", { parameterized }, true);
check("one that was dispatched", { parameterized, dispatched: true }, false);
