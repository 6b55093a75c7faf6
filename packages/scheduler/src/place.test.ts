import assert from "node:assert/strict";
import { test } from "node:test";
import { place } from "./place.ts";
import { scoreTable, scoreText } from "./score-table.ts";
import { readSituation } from "./testing/situation.ts";

/** The nodes of the copies in order, `-` for those without one. */
function placesOf(text: string): string {
  const { cluster, ask, copies, options } = readSituation(text);
  const { placed, failure } = place(cluster, ask, copies, options);
  const nodes = Array.from({ length: placed.length }, (_, index) => placed.nodeId(index));
  return [...nodes, ...Array.from({ length: failure?.unplaced ?? 0 }, () => "-")].join(" ");
}

function check(situation: string, expected: string): void {
  assert.equal(placesOf(situation), expected);
}

test("place: CL-246 the fuller node is filled first", () => {
  check(
    `
    node a
    node b
    runs db on b
    ask web
    `,
    "b",
  );
});

test("place: CL-246 as many as possible come to the fuller node, copies of one group too", () => {
  check(
    `
    node a
    node b
    runs db on a memory=2500 cpu=2500
    ask web x3 of 30
    `,
    "a a a",
  );
});

test("place: a tie goes to the node that joined first", () => {
  check("node a\nnode b\nask web", "a");
});

test("place: with the spread algorithm the emptier node is taken", () => {
  check(
    `
    node a
    node b
    runs db on a
    ask web evenly
    `,
    "b",
  );
});

const raspberries = `
  node raspi-3-1 cpu=4800 memory=1024 attr.memory.totalbytes=971063296
  node raspi-4-2 cpu=6000 memory=4096 attr.memory.totalbytes=4112424960
`;

test("place: CL-247 CL-248 an affinity prefers the node with the property", () => {
  check(`${raspberries} ask nginx`, "raspi-3-1");
  check(`${raspberries} ask nginx affinity[\${attr.memory.totalbytes} > 1048576000]:100`, "raspi-4-2");
});

test("place: CL-249 an affinity outweighs a fuller node, and says so in the table", () => {
  const { cluster, ask } = readSituation(
    `${raspberries} ask nginx x3 affinity[\${attr.memory.totalbytes} > 1048576000]:100`,
  );
  assert.equal(
    scoreText(scoreTable(cluster, ask)),
    [
      "node       score  binpack  node-affinity",
      "raspi-4-2  0.554    0.107          1.000",
      "raspi-3-1  0.149    0.299          0.000",
    ].join("\n"),
  );
});

test("place: CL-250 a spread puts copies on different machines", () => {
  check(
    `
    node a
    node b
    node c
    runs db on a
    ask nginx x3 spread[\${node.unique.name}]:100
    `,
    "a b c",
  );
});

test("place: CL-245 three copies with a fixed port on two nodes leave one without", () => {
  check("node a\nnode b\nask nginx x3 port:http=80", "a b -");
});

test("place: the value with the larger share gets more copies", () => {
  check(
    `
    node a zone=dc1 memory=99999 cpu=99999
    node b zone=dc2 memory=99999 cpu=99999
    ask web x4 of 10 spread[\${node.datacenter} dc1=70 dc2=30]:100
    `,
    "a b a a",
  );
});

test("place: a node on which a copy failed is the last resort", () => {
  check("node a\nnode b\nask web failed=a", "b");
  check("node a\nnode b status=down\nask web failed=a", "a");
});

test("place: a sticky copy goes back if there is room", () => {
  check("node a\nnode b\nask web was=b", "b");
  check("node a\nnode b memory=100\nask web was=b", "a");
});

test("place: hard server groups", () => {
  check(
    "node a\nnode b\nruns v1 on a server together=anti-affinity:g\nask v2 server together=anti-affinity:g",
    "b",
  );
  check("node a\nnode b\nruns v1 on b server together=affinity:g\nask v2 server together=affinity:g", "b");
  check("node a memory=700\nnode b memory=900\nask v server x3 together=affinity:g", "a a -");
});

test("place: soft server groups decide while there is room, and give way when there is none", () => {
  check("node a\nnode b memory=300\nask v server x3 together=soft-anti-affinity:g", "b a a");
  check(
    "node a\nnode b\nruns v1 on b server together=soft-affinity:g\nruns big on a memory=3000\nask v2 server together=soft-affinity:g",
    "b",
  );
});

test("place: virtual CPUs are worth a core of the node each", () => {
  check("node slow cpu=4000 mhz=2000\nnode fast cpu=4000 mhz=1000\nask v server vcpus=3", "fast");
});

test("place: a zone may be a pattern", () => {
  check("node a zone=us-east-1\nnode b zone=eu-west-2\nask web zones=eu-*", "b");
});

test("place: distinct properties with a limit", () => {
  check(
    "node a attr.rack=r1\nnode b attr.rack=r1\nnode c attr.rack=r2\nask web x4 distinct[${attr.rack}]:2",
    "a b c c",
  );
});

test("place: chosen ports differ, and fixed ones of the range are left alone", () => {
  const { cluster, ask } = readSituation(`
    node a ports=20000-20003
    ask web x3 port:one port:two=20001
  `);
  const { placed, failure } = place(cluster, ask, 3);
  assert.equal(failure?.unplaced, 2);
  const ports = placed.at(0).ports.map(({ label, port }) => `${label} ${port}`);
  assert.equal(ports[1], "two 20001");
  assert.match(ports[0], /^one 2000[023]$/);
});

test("place: the same cluster and ask have one answer, ports included", () => {
  const answer = () => {
    const { cluster, ask, copies } = readSituation("node a\nnode b\nask web x4 port:http port:admin");
    const { placed } = place(cluster, ask, copies);
    return copies.map((_, index) => placed.at(index));
  };
  assert.deepEqual(answer(), answer());
});

test("place: cores and devices are somebody's alone", () => {
  const { cluster, ask } = readSituation(
    "node a cores=4 devices=nvidia/gpu/t4:2\nruns x on a cores=1 cpu=0 device=gpu\nask web cores=2 cpu=0 device=nvidia/gpu",
  );
  const { cores, devices } = place(cluster, ask, 1).placed.at(0);
  assert.deepEqual(cores, [1, 2]);
  assert.deepEqual(devices, [{ name: "nvidia/gpu/t4", ids: ["t4-1"] }]);
});

test("place: a copy of a system job goes to its very node or nowhere", () => {
  const { cluster, ask } = readSituation("node a\nnode b memory=100\nnode c\nask agent");
  const copies = [{ onNode: "c" }, { onNode: "b" }];
  const { placed, failure } = place(cluster, ask, copies);
  assert.equal(placed.nodeId(0), "c");
  assert.equal(failure?.unplaced, 1);
});
