import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fractal } from "@fractals/client/fractal.ts";
import { showTable } from "./show.ts";

const documents = `
+------------+------------------------------------------------------------------+
| Parameter  | Value                                                            |
+------------+------------------------------------------------------------------+
| uuid       | 154c7b41-108e-4696-a059-1bde9bf03d0a                             |
| duration   | 4.163147 seconds                                                 |
| dimensions | 649 x 869 pixels                                                 |
| iterations | 362                                                              |
| xa         | -1.77488588389                                                   |
| xb         | 3.08249829401                                                    |
| ya         | -1.31213919301                                                   |
| yb         | 1.95281690897                                                    |
| size       | 71585 bytes                                                      |
| checksum   | 103c056f709b86f5487a24dd977d3ab88fe093791f4f6b6d1c8924d122031902 |
+------------+------------------------------------------------------------------+`.trim();

const fractal = {
  uuid: "154c7b41-108e-4696-a059-1bde9bf03d0a",
  status: "done",
  duration: 4.163147,
  width: 649,
  height: 869,
  iterations: 362,
  xa: -1.77488588389,
  xb: 3.08249829401,
  ya: -1.31213919301,
  yb: 1.95281690897,
  size: 71585,
  checksum: "103c056f709b86f5487a24dd977d3ab88fe093791f4f6b6d1c8924d122031902",
  error: null,
} as Fractal;

test("show: the tutorial's row is the tutorial's table (CL-52 ... CL-55)", () => {
  assert.equal(showTable(fractal), documents);
});

test("show: until it is done, its state and the reason stand on top", () => {
  const failed = showTable({
    ...fractal,
    status: "failed",
    error: "no",
    duration: null,
    size: null,
    checksum: null,
  });
  assert.match(failed, /\| status +\| failed +\|\n\| error +\| no +\|\n\| uuid/);
  assert.match(failed, /\| duration +\| - +\|/);
});
