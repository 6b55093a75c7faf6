import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { runSeed } from "./run-seed.ts";
import { SimClock } from "./sim-clock.ts";
import type { World } from "./world.ts";

const steps = 15;

/** The seed runs with something broken in it, and the invariant notices. */
function checkCaught(claim: string, invariant: RegExp, sabotage: (world: World) => void): void {
  void test(`sim: ${claim}`, async () => {
    for (let seed = 1; seed <= 4; seed++) {
      const { failure } = await runSeed({ seed, steps, sabotage });
      if (!failure) continue;
      match(failure.violations[0].invariant, invariant, failure.violations[0].words);
      return;
    }
    ok(false, "nobody noticed");
  });
}

for (let seed = 1; seed <= 4; seed++) {
  void test(`sim: seed ${seed} holds all invariants`, async () => {
    const { failure, transactions } = await runSeed({ seed, steps });
    deepEqual(failure, undefined);
    ok(transactions > 5);
  });
}

void test("sim: the same seed has the same trace, another seed another one", async () => {
  const trace = async (seed: number) => {
    const lines: string[] = [];
    await runSeed({ seed, steps, trace: (line) => lines.push(line) });
    return lines.join("\n");
  };
  const first = await trace(11);
  equal(await trace(11), first);
  ok((await trace(12)) !== first);
});

checkCaught(
  "a store that forgets an acknowledged write is found out",
  /no acknowledged request is lost/,
  ({ store }) => {
    store.forgets = ({ table }, index) => table === "variables" || (table === "jobs" && index % 7 === 0);
  },
);

checkCaught(
  "a control that acknowledges reports without taking them over is found out",
  /converge|only what is assigned/,
  (world) => {
    world.watchers.push({
      started({ link }) {
        const report = link.report.bind(link);
        link.report = (nodeId, reports) =>
          nodeId === "id-node-0" ? Promise.resolve() : report(nodeId, reports);
      },
      committed() {},
    });
  },
);

checkCaught("a mirror that misses a node's end is found out", /mirror|oversubscribed/, (world) => {
  world.watchers.push({
    started({ mirror }) {
      const follow = mirror.follow.bind(mirror);
      mirror.follow = (committed) =>
        follow({ ...committed, changes: committed.changes.filter(({ table }) => table !== "nodes") });
    },
    committed() {},
  });
});

checkCaught("a placement by somebody else than a plan is found out", /one writer of placements/, (world) => {
  world.watchers.push({
    started({ ledger, state }) {
      ledger.listen(({ kind, changes }) => {
        const [placed] = changes.flatMap(({ table, value }) =>
          table === "allocations" && value ? [value] : [],
        );
        if (kind !== "plan" || !placed || state.allocations.get(`${placed.id}-x`)) return;
        void ledger.transact("allocation-report", (draft) =>
          draft.put("allocations", { ...(placed as never as object), id: `${placed.id}-x` } as never),
        );
      });
    },
    committed() {},
  });
});

void test("sim clock: sleepers wake in the order of their times, those of a dead process never", async () => {
  const clock = new SimClock();
  const woken: string[] = [];
  const life = { isOver: false };
  const sleep = (name: string, ms: number, of = clock.of(life)) =>
    void of.sleep(ms).then(() => woken.push(name));
  sleep("c", 30, clock);
  sleep("a", 10);
  sleep("b", 20, clock);
  sleep("dead", 25);
  await clock.advance(22);
  deepEqual(woken, ["a", "b"]);
  life.isOver = true;
  await clock.advance(10);
  deepEqual(woken, ["a", "b", "c"]);
});
