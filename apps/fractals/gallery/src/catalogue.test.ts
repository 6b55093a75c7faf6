import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fractal, FractalEvent } from "@fractals/client/fractal.ts";
import {
  comparison,
  emptyCatalogue,
  hasMore,
  neighbours,
  nextPage,
  withEvents,
  withPage,
  type Catalogue,
} from "./catalogue.ts";
import type { GalleryView } from "./route.ts";

const newest: GalleryView = { sort: "-created_at" };
const idle = { status: "done", kind: "julia", duration: 1, size: 1, iterations: 1 };

/** `a3:done` is the fractal a, created in second 3. */
function fractal(text: string): Fractal {
  const [, uuid, second, status] = /^(\w)(\d)(?::(\w+))?$/.exec(text)!;
  return {
    ...idle,
    uuid,
    created_at: `2026-01-01T00:00:0${second}.000Z`,
    ...(status && { status }),
  } as Fractal;
}

const names = ({ items }: Catalogue) => items.map(({ uuid }) => uuid).join("");

/** A catalogue that holds the given fractals out of `total`. */
function holding(text: string, total: number, view = newest): Catalogue {
  const objects = text.split(" ").map(fractal);
  return withPage(emptyCatalogue(view), { page: 1, total_pages: 1, num_results: total, objects });
}

/** `+a3` is an event that tells of a, `-a` one that it was deleted. */
function check(catalogue: Catalogue, events: string, expected: string, total: number, isStale = false): void {
  const list = events.split(" ").map((text): FractalEvent => {
    if (text.startsWith("-")) return { type: "deleted", uuid: text.slice(1) };
    return { type: "fractal", fractal: fractal(text.slice(1)) };
  });
  const after = withEvents(catalogue, list);
  assert.equal(names(after), expected);
  assert.equal(after.total, total);
  assert.equal(after.totalIsStale, isStale);
}

test("catalogue: a new fractal comes first, and counts", () => check(holding("b2 a1", 2), "+c3", "cba", 3));
test("catalogue: a known fractal stays in its place", () =>
  check(holding("b2 a1", 2), "+a1:failed", "ba", 2));
test("catalogue: the last of several events about one fractal holds", () =>
  check(holding("b2 a1", 2), "+c3 -c +b2:failed", "ba", 2));
test("catalogue: what is done stays done, whatever older news arrive late", () => {
  const after = withEvents(holding("b2:done", 1), [{ type: "fractal", fractal: fractal("b2:queued") }]);
  assert.equal(after.items[0].status, "done");
});
test("catalogue: a deleted fractal is gone and no longer counts", () =>
  check(holding("b2 a1", 2), "-b", "a", 1));
test("catalogue: what lies beyond the loaded part is not put into it, and the total is asked for", () =>
  check(holding("c5 b4", 9), "+z1", "cb", 9, true));
test("catalogue: a deletion beyond the loaded part asks for the total", () =>
  check(holding("c5 b4", 9), "-z", "cb", 9, true));
test("catalogue: a fractal that leaves the view's status leaves the view", () => {
  const drawing: GalleryView = { sort: "-created_at", status: "drawing" };
  check(holding("b2:drawing a1:drawing", 2, drawing), "+b2:done +c3:drawing", "ca", 2);
});
test("catalogue: nothing is placed before the API has answered", () => {
  const waiting = emptyCatalogue(newest);
  assert.equal(withEvents(waiting, [{ type: "fractal", fractal: fractal("a1") }]), waiting);
});

test("catalogue: a page that overlaps brings nothing twice", () => {
  const first = holding("d4 c3", 4);
  const both = withPage(first, {
    page: 2,
    total_pages: 2,
    num_results: 5,
    objects: [fractal("c3"), fractal("b2")],
  });
  assert.equal(names(both), "dcb");
  assert.equal(hasMore(both), true);
  assert.equal(nextPage(both, 2), 2);
  assert.equal(nextPage(both, 3), 2);
});

test("catalogue: what has no value yet comes last in either direction", () => {
  const [a, b] = [{ ...fractal("a1"), duration: null }, fractal("b2")];
  assert.deepEqual([a, b].sort(comparison({ sort: "-duration" })), [b, a]);
});

test("catalogue: neighbours end at the ends, and a stranger has none", () => {
  const { items } = holding("c3 b2 a1", 3);
  assert.equal(neighbours(items, "b").before?.uuid, "c");
  assert.equal(neighbours(items, "b").after?.uuid, "a");
  assert.equal(neighbours(items, "a").after, undefined);
  assert.deepEqual(neighbours(items, "z"), { before: undefined, after: undefined });
});
