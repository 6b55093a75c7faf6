import assert from "node:assert/strict";
import { test } from "node:test";
import { launch, nextLaunchMs } from "./periodic.ts";
import { sampleJob } from "./testing/samples.ts";

/** `check("cron @ zone", "after", "first, second …")`: times in ISO, UTC. */
function check(rule: string, after: string, expected: string): void {
  test(`periodic: ${rule} after ${after}`, () => {
    const [spec, timeZone = "UTC"] = rule.split(" @ ");
    const periodic = { enabled: true, specs: spec.split(" | "), timeZone, prohibitOverlap: false };
    let atMs: number | undefined = Date.parse(after);
    for (const wanted of expected.split(", ")) {
      atMs = nextLaunchMs(periodic, atMs);
      const found = atMs === undefined ? "never" : new Date(atMs).toISOString().replace(".000", "");
      assert.equal(found, wanted);
      if (atMs === undefined) return;
    }
  });
}

check("*/15 * * * *", "2026-01-01T00:07:30Z", "2026-01-01T00:15:00Z, 2026-01-01T00:30:00Z");
check("* * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z");
check("0 0 * * * 2027", "2026-06-01T00:00:00Z", "2027-01-01T00:00:00Z, 2027-01-02T00:00:00Z");
check("*/10 * * * * * *", "2026-01-01T00:00:05Z", "2026-01-01T00:00:10Z, 2026-01-01T00:00:20Z");
check("@daily", "2026-02-28T12:00:00Z", "2026-03-01T00:00:00Z");
check("@weekly", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z");
check("@yearly", "2026-11-21T00:00:00Z", "2027-01-01T00:00:00Z");
check("0 12 * * MON-FRI", "2026-11-20T12:00:00Z", "2026-11-23T12:00:00Z");
check("0 12 13 * FRI", "2026-02-01T00:00:00Z", "2026-02-06T12:00:00Z, 2026-02-13T12:00:00Z");
check("0 0 31 * *", "2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z");
check("0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z");
check("0 0 30 2 *", "2026-01-01T00:00:00Z", "never");
check("0 0 1 1 * 2020", "2026-01-01T00:00:00Z", "never");
check("0 0 L * *", "2026-02-01T00:00:00Z", "2026-02-28T00:00:00Z");
check("0 0 LW * *", "2026-02-01T00:00:00Z", "2026-02-27T00:00:00Z");
check("0 0 15W * *", "2026-08-01T00:00:00Z", "2026-08-14T00:00:00Z");
check("0 0 * * 5L", "2026-11-01T00:00:00Z", "2026-11-27T00:00:00Z");
check("0 0 * * 6#3", "2026-11-01T00:00:00Z", "2026-11-21T00:00:00Z");
check("30 8 * * * | 0 7 * * *", "2026-01-01T00:00:00Z", "2026-01-01T07:00:00Z, 2026-01-01T08:30:00Z");
check("5/20 * * * *", "2026-01-01T00:06:00Z", "2026-01-01T00:25:00Z, 2026-01-01T00:45:00Z");

// Berlin: clocks go from 02:00 to 03:00 on 29 March 2026, and from 03:00 to 02:00 on 25 October.
check("30 2 * * * @ Europe/Berlin", "2026-03-28T00:00:00Z", "2026-03-28T01:30:00Z, 2026-03-30T00:30:00Z");
check(
  "30 2 * * * @ Europe/Berlin",
  "2026-10-24T12:00:00Z",
  "2026-10-25T00:30:00Z, 2026-10-25T01:30:00Z, 2026-10-26T01:30:00Z",
);
check("0 9 1 7 * @ Europe/Berlin", "2026-01-01T00:00:00Z", "2026-07-01T07:00:00Z, 2027-07-01T07:00:00Z");
check("0 12 * * * @ Asia/Kathmandu", "2026-01-01T00:00:00Z", "2026-01-01T06:15:00Z");
check(
  "0 0 * * * @ Australia/Lord_Howe",
  "2026-04-04T00:00:00Z",
  "2026-04-04T13:00:00Z, 2026-04-05T13:30:00Z",
);

function refuses(spec: string, message: RegExp, timeZone = "UTC"): void {
  test(`periodic: refuses ${spec} in ${timeZone}`, () => {
    const periodic = { enabled: true, specs: [spec], timeZone, prohibitOverlap: false };
    assert.throws(() => nextLaunchMs(periodic, 0), message);
  });
}

refuses("* * *", /3 fields/);
refuses("61 * * * *", /"61" is not understood as a minute/);
refuses("* * * FOO *", /"FOO" is not understood as a month/);
refuses("*/0 * * * *", /\*\/0/);
refuses("* * * * *", /not a known time zone/, "Mars/Olympus");

test("periodic: one that is switched off is never launched", () => {
  const periodic = { enabled: false, specs: ["@daily"], timeZone: "UTC", prohibitOverlap: false };
  assert.equal(nextLaunchMs(periodic, 0), undefined);
});

const parent = sampleJob({
  id: "backup",
  type: "batch",
  periodic: { enabled: true, specs: ["@daily"], timeZone: "UTC", prohibitOverlap: true },
});

test("periodic: a child is named after the second it was due, and is no template itself", () => {
  const child = launch(parent, { atMs: 1_767_225_600_000, children: [] });
  assert.equal(child?.id, "backup/periodic-1767225600");
  assert.equal(child?.parentId, "backup");
  assert.equal(child?.periodic, undefined);
});

test("periodic: with overlap prohibited a launch is skipped while a child is not dead", () => {
  const child = sampleJob({ id: "backup/periodic-1", parentId: "backup", status: "running" });
  assert.equal(launch(parent, { atMs: 2_000, children: [child] }), undefined);
  assert.ok(launch(parent, { atMs: 2_000, children: [{ ...child, status: "dead" }] }));
});
