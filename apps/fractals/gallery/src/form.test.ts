import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isDistorted,
  readForm,
  startValues,
  undistorted,
  withGiven,
  withKind,
  withSize,
  zoomed,
} from "./form.ts";
import { randomJulia, seededRoll } from "@fractals/kernel/random-julia.ts";

const start = startValues(7);
const errorsOf = (given: Record<string, string>) => readForm({ ...start, ...given }, "number!").errors;

test("form: without a constant the request has none, and the preview shows the one of the seed", () => {
  const { request, picture } = readForm(start, "number!");
  assert.equal(request?.cx, undefined);
  assert.equal(request?.seed, 7);
  assert.deepEqual({ cx: picture?.cx, cy: picture?.cy }, randomJulia(picture!, seededRoll(7)));
});

test("form: a typed constant is sent, with a comma or a true minus sign too", () => {
  const { request } = readForm({ ...start, cx: "−0,4", cy: "0.6" }, "number!");
  assert.equal(request?.cx, -0.4);
  assert.equal(request?.cy, 0.6);
});

test("form: what is not a number is said beside its field, all at once", () => {
  assert.deepEqual(errorsOf({ width: "wide", ya: "" }), { width: "number!", ya: "number!" });
  assert.deepEqual(errorsOf({ cx: "0.1", cy: "" }), { cy: "number!" });
});

test("form: the limits are the kernel's, with its sentences", () => {
  assert.match(errorsOf({ width: "1" })["width"] ?? "", /^width must be a whole number from 2 /);
  assert.match(errorsOf({ xa: "1", xb: "1" })["xb"] ?? "", /xb must differ from xa/);
});

test("form: a field that the kind has no use for is not read", () => {
  assert.deepEqual(errorsOf({ kind: "mandelbrot", cx: "?", power: "?" }), {});
});

test("form: another kind or size never stretches the picture", () => {
  for (const values of [withKind(start, "newton"), withSize(start, 1170, 2532), withSize(start, 3840, 2160)])
    assert.equal(isDistorted(readForm(values, "").picture!), false);
  const stretched = { ...start, width: "2000" };
  assert.equal(isDistorted(readForm(stretched, "").picture!), true);
  assert.equal(isDistorted(readForm(undistorted(stretched), "").picture!), false);
});

test("form: a mirrored window stays mirrored when it is matched", () => {
  const values = undistorted({ ...start, xa: "2", xb: "-2" });
  assert.ok(Number(values.xa) > Number(values.xb));
});

test("form: it takes over a fractal's parameters, and nothing else of it", () => {
  const values = withGiven(start, { kind: "tricorn", width: 640, uuid: "x", status: "done", error: null });
  assert.equal(values.kind, "tricorn");
  assert.equal(values.width, "640");
  assert.equal("uuid" in values, false);
});

test("form: going nearer keeps the point in the middle", () => {
  const picture = readForm({ ...start, xa: "0", xb: "4", ya: "0", yb: "2" }, "").picture!;
  assert.deepEqual(zoomed(picture, { x: 0.25, y: 0.5, factor: 0.5 }), { xa: 0, xb: 2, ya: 0.5, yb: 1.5 });
});
