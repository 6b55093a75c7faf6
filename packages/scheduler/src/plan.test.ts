import assert from "node:assert/strict";
import { test } from "node:test";
import { Cluster, type SettledInstance } from "./cluster.ts";
import { commit, type Plan } from "./plan.ts";
import { askWith, nodeWith, resourcesOf } from "./testing/build.ts";

/** `web@a:80 512`: an instance on a node, with a port and so much memory. */
function instance(text: string): SettledInstance {
  const [, id, nodeId, port, memory] = /^(\w+)@(\w+)(?::(\d+))?(?: (\d+))?$/.exec(text) ?? [];
  const ports = port
    ? [{ label: "http", port: Number(port), to: Number(port), hostNetwork: "default", address: "10.0.0.1" }]
    : [];
  const footprint = askWith({
    name: id,
    resources: resourcesOf({ cpu: 100, memory: Number(memory ?? 100) }),
    ports: ports.map(({ label, port: value }) => ({ label, static: value })),
  });
  return { id, nodeId, footprint, ports, devices: [], cores: [] };
}

interface Outcome {
  readonly accepted: string;
  readonly rejected: string;
  readonly running: string;
}

/** Nodes have 1024 MiB; `b!` is not eligible. What runs already is given first. */
function check(
  nodes: string,
  running: string,
  plan: Partial<Record<keyof Plan, string>>,
  expected: Outcome,
): void {
  const cluster = new Cluster();
  for (const name of nodes.split(" ")) {
    const id = name.replace("!", "");
    const capacity = { cpuMhz: 4000, cores: 4, memoryBytes: 2 ** 30, diskBytes: 2 ** 40 };
    cluster.setNode(nodeWith({ id, capacity, isEligible: !name.endsWith("!") }));
  }
  for (const text of words(running)) cluster.add(instance(text));
  const whole: Plan = {
    allAtOnce: plan.allAtOnce !== undefined,
    stops: words(plan.stops),
    updates: words(plan.updates).map(instance),
    placements: words(plan.placements).map(instance),
  };
  assert.deepEqual(outcomeOf(cluster, whole), expected);
  const again = outcomeOf(cluster, whole);
  assert.equal(again.running, expected.running, "doing it twice changes nothing");
}

function outcomeOf(cluster: Cluster, plan: Plan): Outcome {
  const { accepted, rejected } = commit(cluster, plan);
  const running = cluster.nodes.numbers().flatMap((node) => cluster.instances.onNode(node));
  return {
    accepted: accepted.join(" "),
    rejected: rejected
      .map(({ nodeId, reasons }) => `${nodeId} ${reasons.map(({ kind }) => kind).join()}`)
      .join("; "),
    running: running
      .map((row) => cluster.instances.id(row))
      .sort()
      .join(" "),
  };
}

function words(text: string | undefined): string[] {
  return text ? text.split(", ") : [];
}

test("plan: what still fits is carried out, the rest is left out", () => {
  check(
    "a b",
    "old@a 900",
    { placements: "one@a 200, two@b 200" },
    {
      accepted: "b",
      rejected: "a memory",
      running: "old two",
    },
  );
});

test("plan: all at once means all or nothing", () => {
  check(
    "a b",
    "old@a 900",
    { allAtOnce: "yes", placements: "one@a 200, two@b 200" },
    {
      accepted: "",
      rejected: "a memory",
      running: "old",
    },
  );
});

test("plan: what stops makes room on its node, and stays if the rest of the part does not hold", () => {
  check(
    "a",
    "old@a 900",
    { stops: "old", placements: "one@a 900" },
    { accepted: "a", rejected: "", running: "one" },
  );
  check(
    "a",
    "old@a 900",
    { stops: "old", placements: "one@a 1100" },
    { accepted: "", rejected: "a memory", running: "old" },
  );
});

test("plan: a port that somebody else has by now is not given away twice", () => {
  check(
    "a",
    "old@a:80",
    { placements: "one@a:80" },
    { accepted: "", rejected: "a port-taken", running: "old" },
  );
  check(
    "a",
    "",
    { placements: "one@a:80, two@a:80" },
    { accepted: "", rejected: "a port-taken", running: "" },
  );
});

test("plan: nodes that are gone or take no work", () => {
  check("a", "", { placements: "one@x" }, { accepted: "", rejected: "x gone", running: "" });
  check("a!", "", { placements: "one@a" }, { accepted: "", rejected: "a ineligible", running: "" });
});

test("plan: on a node that takes no work instances may change in place and stop", () => {
  check(
    "a!",
    "one@a 100, two@a",
    { updates: "one@a 500", stops: "two" },
    { accepted: "a", rejected: "", running: "one" },
  );
});
