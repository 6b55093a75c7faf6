import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog, type Level } from "./log.ts";

function check(level: Level, act: (log: ReturnType<typeof createLog>) => void, expected: RegExp) {
  let written = "";
  const nowMs = () => new Date(2015, 3, 2, 3, 55, 2, 708).getTime();
  act(createLog("faafo.client", { level, write: (line) => (written += line), pid: 19029, nowMs }));
  assert.match(written, expected);
}

test("log: a line is the tutorial's line (CL-48)", () => {
  check(
    "INFO",
    (log) => log.info("generating 6 task(s)"),
    /^2015-04-02 03:55:02\.708 19029 INFO faafo\.client \[-\] generating 6 task\(s\)\n$/,
  );
});

test("log: what is below the level is dropped", () => {
  check("WARNING", (log) => log.info("not said"), /^$/);
});

test("log: an error brings the whole chain of its causes", () => {
  const error = new Error("outer", { cause: new Error("inner") });
  check(
    "INFO",
    (log) => log.error("it broke", error),
    /ERROR .*it broke\nError: outer[^]*caused by: Error: inner/,
  );
});
