import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPicture, maximumPoints, maximumWork, PictureError, workOf } from "./limits.ts";
import { kinds } from "./picture.ts";

function refused(asked: Record<string, unknown>, field: string, message: RegExp): void {
  assert.throws(
    () => checkPicture(asked),
    (error) =>
      error instanceof PictureError &&
      error.field === field &&
      message.test(error.message) &&
      error.message.includes(field === "samples" ? "samples" : field),
    JSON.stringify(asked),
  );
}

test("limits: what is absent is filled in, for every kind", () => {
  for (const kind of kinds) {
    const picture = checkPicture({ kind });
    assert.deepEqual(checkPicture({ ...picture }), picture);
    assert.equal(picture.power, kind === "multibrot" || kind === "newton" ? 3 : 2);
    assert.equal(picture.cx, kind === "julia" ? -0.4 : 0);
  }
});

test("limits: every field at fault is named", () => {
  refused({ kind: "mandelbort" }, "kind", /one of julia, .*not "mandelbort"/);
  refused({ width: 1 }, "width", /whole number from 2 to 32768, not 1/);
  refused({ width: "649" }, "width", /not "649"/);
  refused({ height: 2.5 }, "height", /whole number/);
  refused({ iterations: 0 }, "iterations", /from 1 to 1000000/);
  refused({ iterations: 1e6 + 1 }, "iterations", /not 1000001/);
  refused({ iterations: Number.NaN }, "iterations", /not NaN/);
  refused({ xa: Infinity }, "xa", /finite/);
  refused({ cy: "0.6" }, "cy", /finite number/);
  refused({ xa: 1, xb: 1 }, "xb", /xb must differ from xa/);
  refused({ ya: -1e308, yb: 1e308 }, "yb", /too far from ya/);
  refused({ kind: "newton", power: 9 }, "power", /from 2 to 8/);
  refused({ palette: {} }, "palette", /one of classic/);
  refused({ colouring: "bands" }, "colouring", /one of counts/);
  refused({ samples: 5 }, "samples", /from 1 to 4/);
});

test("limits: points and work are bounded together", () => {
  refused({ width: 32_768, height: 2000 }, "width", new RegExp(String(maximumPoints)));
  refused({ width: 4096, height: 4096, samples: 2 }, "samples", /points/);
  refused({ width: 1000, height: 1000, iterations: 1e6 }, "iterations", new RegExp(String(maximumWork)));
  assert.equal(workOf(checkPicture({ width: 100, height: 50, iterations: 7, samples: 3 })), 315_000);
});

test("limits: a window may be mirrored, and the constant and power of other kinds are put aside", () => {
  assert.equal(checkPicture({ xa: 1, xb: -1 }).xb, -1);
  const picture = checkPicture({ kind: "tricorn", cx: 1, cy: 2, power: 5 });
  assert.deepEqual([picture.cx, picture.cy, picture.power], [0, 0, 2]);
});

test("limits: a picture reads the same after JSON, negative zero included", () => {
  const picture = checkPicture({ xa: -0, xb: 0.1 + 0.2, cx: 5e-324 });
  assert.deepEqual(checkPicture(JSON.parse(JSON.stringify(picture))), picture);
  assert.ok(Object.is(picture.xa, 0));
});
