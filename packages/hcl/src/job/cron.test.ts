import assert from "node:assert/strict";
import { test } from "node:test";
import { cronFault } from "./cron.ts";

test("cron: expressions in order", () => {
  for (const text of [
    "* * * * *",
    "*/15 * * * * *",
    "0 0 1 1 * 2030",
    "30 0 12 * * MON-FRI 2026-2030",
    "0 12 L * *",
    "0 12 15W * ?",
    "0 12 LW * ?",
    "0 12 ? JAN,feb 5L",
    "0 12 * * 1#2",
    "0-30/10,45 8-18 * * sun",
    "@daily",
    "@yearly",
    "  @hourly ",
  ]) {
    assert.equal(cronFault(text), undefined, text);
  }
});

test("cron: what is wrong is said in a sentence", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["", "A cron expression has 5, 6 or 7 fields, this one has 0."],
    ["* * *", "A cron expression has 5, 6 or 7 fields, this one has 3."],
    ["60 * * * *", 'The minute "60" will not do: "60" is not between 0 and 59.'],
    ["* 24 * * *", 'The hour "24" will not do: "24" is not between 0 and 23.'],
    ["* * 0 * *", 'The day of the month "0" will not do: "0" is not between 1 and 31.'],
    ["* * * foo *", 'The month "foo" will not do: "foo" is not between 1 and 12.'],
    ["* * * * 8", 'The day of the week "8" will not do: "8" is not between 0 and 7.'],
    ["5-1 * * * *", 'The minute "5-1" will not do: 5-1 runs backwards.'],
    ["*/0 * * * *", 'The minute "*/0" will not do: "0" is no step.'],
    ["1/2/3 * * * *", 'The minute "1/2/3" will not do: there are two slashes.'],
    ["1-2-3 * * * *", 'The minute "1-2-3" will not do: "1-2-3" is no range.'],
    ["@often", "There is @yearly, @annually, @monthly, @weekly, @daily, @hourly, but no @often."],
  ];
  for (const [text, expected] of cases) assert.equal(cronFault(text), expected, text);
});
