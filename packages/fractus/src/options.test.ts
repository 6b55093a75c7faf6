import assert from "node:assert/strict";
import { test } from "node:test";
import { readOptions } from "./options.ts";

function check(argv: string, expected: object) {
  assert.partialDeepStrictEqual(readOptions(argv.split(" ").filter(Boolean)), expected);
}

test("options: defaults", () => {
  check("", { port: 8080, amqpPort: 5672, host: "127.0.0.1", demo: true });
});

test("options: what is given", () => {
  check("--port 0 --workers 3 --no-demo --data /tmp/x", {
    port: 0,
    workers: 3,
    demo: false,
    dataDirectory: "/tmp/x",
  });
});

test("options: what makes no sense is refused by name", () => {
  assert.throws(
    () => readOptions(["--workers", "many"]),
    /--workers takes a whole number from 0 to 256, not "many"/,
  );
  assert.throws(() => readOptions(["--prot", "1"]), /--prot/);
});
