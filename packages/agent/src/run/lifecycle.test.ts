import assert from "node:assert/strict";
import { test } from "node:test";
import type { TaskState } from "@fractus/core/allocation.ts";
import type { Task } from "@fractus/core/job.ts";
import { someGroup, someTask } from "../testing/nouns.ts";
import { allocationStatus, reasonToEnd, stopOrder, tasksToStart } from "./lifecycle.ts";

const kinds: Readonly<Record<string, Partial<Task>>> = {
  init: { lifecycle: { hook: "prestart", sidecar: false } },
  proxy: { lifecycle: { hook: "prestart", sidecar: true } },
  warm: { lifecycle: { hook: "poststart", sidecar: false } },
  clean: { lifecycle: { hook: "poststop", sidecar: false } },
  lead: { leader: true },
};

const marks: Readonly<Record<string, Partial<TaskState>>> = {
  ".": { status: "pending" },
  "+": { status: "running", startedAtMs: 1 },
  "~": { status: "pending", startedAtMs: 1 },
  "-": { status: "dead", startedAtMs: 1 },
  "!": { status: "dead", failed: true },
};

/** `init- web+ clean.`: tasks by name, with `.` waiting, `+` running, `~` between runs, `-` dead, `!` failed. */
function situation(text: string) {
  const words = text.split(" ").map((word) => [word.slice(0, -1), word.slice(-1)] as const);
  const tasks = words.map(([name]) => someTask({ name, ...kinds[name] }));
  const states = Object.fromEntries(
    words.map(([name, mark]): [string, TaskState] => [
      name,
      { failed: false, restarts: 0, status: "pending", ...marks[mark] },
    ]),
  );
  return { group: someGroup(tasks), states };
}

function check(text: string, expected: { starts?: string; ends?: string; status: string }): void {
  test(`lifecycle: ${text}`, () => {
    const { group, states } = situation(text);
    const ending = reasonToEnd(group, states, 1);
    const starts = tasksToStart(group, states, ending).filter((name) => text.includes(`${name}.`));
    assert.deepEqual(
      {
        starts: starts.join(" "),
        ends: ending?.type ?? "",
        status: allocationStatus(group, states, ending).status,
      },
      { starts: "", ends: "", ...expected },
    );
  });
}

check("web.", { starts: "web", status: "pending" });
check("init. web.", { starts: "init", status: "pending" });
check("init+ web.", { status: "running" });
check("init- web.", { starts: "web", status: "pending" });
check("init- proxy. web.", { starts: "proxy", status: "pending" });
check("init- proxy+ web.", { starts: "web", status: "running" });
check("init! proxy+ web.", { ends: "Sibling Task Failed", status: "running" });
check("web+ warm. clean.", { starts: "warm", status: "running" });
check("web+ b. warm.", { starts: "b", status: "running" });
check("web~ warm-", { status: "pending" });
check("web+ b-", { status: "running" });
check("web- b- proxy+ clean.", { ends: "Main Tasks Dead", status: "running" });
check("web- b- proxy- clean.", { ends: "Main Tasks Dead", starts: "clean", status: "pending" });
check("web- proxy- clean-", { ends: "Main Tasks Dead", status: "complete" });
check("web- proxy- clean!", { ends: "Main Tasks Dead", status: "failed" });
check("web! b+", { ends: "Sibling Task Failed", status: "running" });
check("web! b-", { ends: "Sibling Task Failed", status: "failed" });
check("lead- web+", { ends: "Leader Task Dead", status: "running" });
check("lead+ web-", { status: "running" });

test("lifecycle: the leader ends first, sidecars last", () => {
  assert.deepEqual(stopOrder(situation("init- proxy+ web+ lead+ warm- clean.").group), [
    ["lead"],
    ["init", "web", "warm"],
    ["proxy"],
  ]);
});

test("lifecycle: without poststop the allocation is over when the others are dead", () => {
  const { group, states } = situation("web- clean.");
  const ending = {
    type: "Killing",
    message: "late",
    statusReason: "too late",
    details: {},
    atMs: 1,
    withoutPoststop: true,
  } as const;
  assert.deepEqual(tasksToStart(group, states, ending), []);
  assert.deepEqual(allocationStatus(group, states, ending), { status: "complete", statusReason: "too late" });
});
