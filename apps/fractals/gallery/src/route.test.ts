import assert from "node:assert/strict";
import { test } from "node:test";
import { formatRoute, parseRoute } from "./route.ts";

const roundTrip = (hash: string) => {
  const route = parseRoute(hash);
  return route.page === "unknown" ? "unknown" : formatRoute(route);
};

test("route: every address of the page survives a round trip", () => {
  for (const hash of [
    "#/",
    "#/?status=done&kind=newton&sort=-duration",
    "#/fractal/154c7b41-108e-4696-a059-1bde9bf03d0a",
    "#/new",
    "#/new?from=154c7b41&kind=julia&cx=-0.4&cy=0.6",
    "#/workers",
  ])
    assert.equal(roundTrip(hash), hash);
});

test("route: no hash is the gallery, and what is wrong in a filter falls away", () => {
  assert.equal(roundTrip(""), "#/");
  assert.equal(roundTrip("#"), "#/");
  assert.equal(roundTrip("#/?status=lost&sort=colour&kind=julia"), "#/?kind=julia");
});

test("route: an address that leads nowhere is unknown", () => {
  for (const hash of ["#/fractal", "#/fractal/", "#/fractal/a/b", "#/elsewhere", "#/fractal/%zz"])
    assert.equal(roundTrip(hash), "unknown", hash);
});
