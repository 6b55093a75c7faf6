import assert from "node:assert/strict";
import { test } from "node:test";
import { helpPage, readOptions, UsageError, wholeNumber } from "./options.ts";

const options = {
  port: { value: "N", env: "PORT", default: "80", help: "where to listen" },
  debug: { help: "say more" },
} as const;

function check(argv: string, env: Record<string, string>, expected: string) {
  const { port, debug } = readOptions(options, argv.split(" ").filter(Boolean), env);
  assert.equal(`${port} ${debug}`, expected);
}

test("options: a flag wins over the environment, and that over the default", () => {
  check("", {}, "80 undefined");
  check("", { PORT: "81" }, "81 undefined");
  check("--port 82 --debug", { PORT: "81" }, "82 true");
});

test("options: an unknown flag is named", () => {
  assert.throws(
    () => readOptions(options, ["--prot", "1"], {}),
    (error) => error instanceof UsageError && /--prot/.test(error.message),
  );
});

test("options: a number out of range is refused with its range", () => {
  assert.throws(
    () => wholeNumber("port", "70000", { low: 0, high: 65535 }),
    /--port takes a whole number from 0 to 65535, not "70000"/,
  );
});

test("options: help shows flag, default and variable", () => {
  assert.match(helpPage("x [options]", "Does x.", options), /--port N {2}where to listen \[80\] \(\$PORT\)/);
});
