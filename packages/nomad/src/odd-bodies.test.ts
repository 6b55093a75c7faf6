/** Bodies that nobody would send: whatever comes, it is refused in words or done, and never a bug. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Dice, rollInteger, seededDice } from "@fractus/core/dice.ts";
import { canonicalJob } from "@fractus/hcl/job/api.ts";
import { allRoutes } from "./all-routes.ts";
import { type Json, smallJob, startWorld } from "./testing/world.ts";

const odd: readonly unknown[] = [
  null,
  0,
  -1,
  1.5,
  1e30,
  "",
  "x",
  true,
  [],
  {},
  [null],
  [{}],
  ["a"],
  { a: null },
];

const pick = <T>(dice: Dice, list: readonly T[]): T =>
  list[rollInteger(dice, { low: 0, high: list.length - 1 })];

/** The value with something in it, at any depth, gone or otherwise. */
function mutant(dice: Dice, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0) return pick(dice, odd);
  const key = pick(dice, Object.keys(value));
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<string, unknown>;
  const chance = dice.roll();
  if (chance < 0.1) delete copy[key];
  else copy[key] = chance < 0.3 ? pick(dice, odd) : mutant(dice, copy[key]);
  return copy;
}

const fields =
  "Payload Meta Count Target Items Lock DrainSpec EvalOptions EvalIDs Name Policies Roles Rules Prefix Text Context Jobs JobVersion Groups Capabilities Limits Version Description JobHCL Variables Plan Type Signal".split(
    " ",
  );

function body(dice: Dice): Json {
  const chosen = fields.filter(() => dice.roll() < 0.4);
  return Object.fromEntries(chosen.map((name) => [name, pick(dice, odd)]));
}

const group = {
  Networks: [{ ReservedPorts: [{ Label: "a", Value: 8000 }], DynamicPorts: [{ Label: "b" }] }],
  Services: [
    {
      Name: "s",
      Provider: "nomad",
      PortLabel: "a",
      Checks: [{ Type: "http", Path: "/", Interval: 1e10, Timeout: 1e9 }],
    },
  ],
  Volumes: { c: { Type: "host", Source: "certs", ReadOnly: true } },
  Spreads: [{ Attribute: "${node.datacenter}", Weight: 5, SpreadTarget: [{ Value: "dc1", Percent: 50 }] }],
};

test("odd bodies: none of them is a bug of ours", async () => {
  const seed = Date.now() % 100_000;
  const dice = seededDice(seed);
  const world = await startWorld();
  const whole = canonicalJob(smallJob("f", { Meta: { a: "b" } }, group));
  const writes = allRoutes.filter(({ method, path }) => method !== "GET" && !path.includes("bootstrap"));
  let taken = 0;
  try {
    await world.join("node1");
    await world.post("/jobs", { Job: whole });
    for (let round = 0; round < 250; round++) {
      const job = mutant(dice, dice.roll() < 0.5 ? mutant(dice, whole) : whole);
      const sent = await world.call("POST", pick(dice, ["/jobs", "/job/f/plan", "/validate/job"]), {
        Job: job,
      });
      taken += Number(sent.status === 200);
      const { method, path } = pick(dice, writes);
      await world.call(method, path.replaceAll(/:\w+/g, "f").replace("*", "a/b"), body(dice));
    }
    for (const path of [
      "/jobs",
      "/namespaces",
      "/node/pools",
      "/acl/roles",
      "/allocations",
      "/vars",
      "/metrics",
    ])
      await world.get(path);
    assert.ok(taken > 10, "some of them are in order");
  } catch (cause) {
    throw new Error(`seed ${seed}`, { cause });
  } finally {
    await world.close();
  }
});
