import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { createLines, quote, showLines, workerLine } from "./commands.ts";

test("commands: a shell reads back every quoted word", () => {
  for (const word of ["plain", "two words", "it's", '$HOME `id` \\ "x"', "", "a\nb", "*"])
    assert.equal(execFileSync("sh", ["-c", `printf %s ${quote(word)}`], { encoding: "utf8" }), word);
});

test("commands: the address is the page's own, without its last slash (CL-185)", () => {
  const { faafo, curl } = showLines("http://localhost:8080/behind/a/proxy/", "154c");
  assert.equal(faafo, "faafo --endpoint-url http://localhost:8080/behind/a/proxy show 154c");
  assert.equal(curl, "curl -s http://localhost:8080/behind/a/proxy/v1/fractal/154c");
});

test("commands: both lines that create carry the same fields", () => {
  const request = { kind: "julia", width: 649, xa: -1.5, seed: 3 } as const;
  const { faafo, curl } = createLines("http://localhost", request);
  assert.equal(
    faafo,
    "faafo --endpoint-url http://localhost create --tasks 1 --kind julia --width 649 --xa -1.5 --seed 3",
  );
  assert.match(
    curl,
    /-d '\{"kind":"julia","width":649,"xa":-1.5,"seed":3\}' http:\/\/localhost\/v1\/fractal$/,
  );
});

test("commands: a worker is started with the API's and the queue's address (CL-37)", () => {
  assert.equal(
    workerLine("http://cloud.example:8080/"),
    "faafo-worker --endpoint-url http://cloud.example:8080 --transport-url amqp://guest:guest@cloud.example:5672/",
  );
});
