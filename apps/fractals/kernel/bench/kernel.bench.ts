// The kernel beside C and Python, in one run: every candidate in turn, round after round, medians.
// One-thread rows are CPU time, because it repeats on a shared machine; the others are wall time.
import { cpus } from "node:os";
import { checkPicture } from "../src/limits.ts";
import type { Picture } from "../src/picture.ts";
import { createPool } from "../src/pool.ts";
import { startC, startOurs, startPython, type Peer } from "./peer.ts";

const rounds = 9;
const documentRow = {
  width: 649,
  height: 869,
  iterations: 362,
  xa: -1.77488588389,
  xb: 3.08249829401,
  ya: -1.31213919301,
  yb: 1.95281690897,
};
const scenes: Readonly<Record<"J1" | "J2" | "J3" | "M1", Picture>> = {
  J1: checkPicture({ ...documentRow, cx: -0.4, cy: 0.6 }),
  J2: checkPicture({ ...documentRow, cx: -0.123, cy: 0.745 }),
  J3: checkPicture({ ...documentRow, cx: -1.0715444865060113, cy: 0.24417869447814322 }),
  M1: checkPicture({
    kind: "mandelbrot",
    width: 1024,
    height: 1024,
    iterations: 1000,
    xa: -2.25,
    xb: 0.75,
    ya: -1.5,
    yb: 1.5,
  }),
};
type Scene = keyof typeof scenes;

const ours = await startOurs();
const c = await startC();
const python = await startPython();
const one = createPool({ threads: 1 });
const two = createPool({ threads: 2 });

/** Milliseconds of every run, by what was run. */
const runs = new Map<string, number[]>();
const record = (name: string, ms: number) => runs.set(name, [...(runs.get(name) ?? []), ms]);

for (const picture of Object.values(scenes))
  for (let warm = 0; warm < 10; warm++) await ours.ask(lineOf(picture));
for (let warm = 0; warm < 10; warm++)
  for (const pool of [one, two]) await pool.render(scenes[warm % 2 ? "J1" : "M1"]);

for (let round = 0; round < rounds; round++) {
  for (const scene of Object.keys(scenes) as Scene[]) await runScene(scene);
  if (typeof python !== "string" && round < 3)
    for (const scene of ["J1", "J2", "J3"] as const) await runPython(python, scene);
}
for (const peer of [ours, c, python]) if (typeof peer !== "string") peer.close();
await Promise.all([one.close(), two.close()]);
report();

async function runScene(scene: Scene): Promise<void> {
  const line = lineOf(scenes[scene]);
  const [ourMs, sum] = await ours.ask(line);
  record(`${scene} ours`, Number(ourMs));
  if (typeof c !== "string") {
    const [ms, theirs] = await c.ask(line);
    if (theirs !== sum) throw new Error(`${scene}: C counts ${theirs}, we count ${sum}.`);
    record(`${scene} C`, Number(ms));
  }
  for (const [name, pool] of [
    ["one", one],
    ["two", two],
  ] as const)
    for (let again = 0; again < 3; again++) {
      const startedAt = performance.now();
      const { timings } = await pool.render(scenes[scene]);
      record(`${scene} ${name} compute`, timings.computeMs);
      record(`${scene} ${name} whole`, performance.now() - startedAt);
    }
}

async function runPython(peer: Peer, scene: Scene): Promise<void> {
  const [loop, whole, sum] = await peer.ask(lineOf(scenes[scene]));
  const [, ourSum] = await ours.ask(lineOf(scenes[scene]));
  if (sum !== ourSum) throw new Error(`${scene}: Python counts ${sum}, we count ${ourSum}.`);
  record(`${scene} Python`, Number(loop));
  if (whole !== "-") record(`${scene} Python whole`, Number(whole));
}

function lineOf({ kind, width, height, iterations, xa, xb, ya, yb, cx, cy }: Picture): string {
  return [kind, width, height, iterations, xa, xb, ya, yb, cx, cy].join(" ");
}

function report(): void {
  console.log(`\n${cpus()[0].model.trim()}, ${cpus().length} cores; ${ours.name}`);
  console.log(`C: ${typeof c === "string" ? c : `gcc -O3 -march=native, ${c.name}`}`);
  console.log(`Python: ${typeof python === "string" ? python : python.name}`);
  console.log(`J1-J3: 649 x 869, 362 iterations; M1: 1024 x 1024, 1000 iterations. Medians in ms.\n`);
  console.log(`${"".padEnd(44)}${"ours".padStart(9)}${"peer".padStart(10)}${"ratio".padStart(9)}  target`);
  const missingC = typeof c === "string" ? c : undefined;
  const missingPillow = typeof python === "string" ? python : "Pillow is missing";
  row("J1 one thread / C", "J1 ours", "J1 C", { atMost: 2.6, missing: missingC });
  row("J2 one thread, Brent / C", "J2 ours", "J2 C", { atMost: 1.1, missing: missingC });
  row("J3 one thread / C", "J3 ours", "J3 C", { atMost: 2.6, missing: missingC });
  row("M1 one thread, exact shortcuts / C", "M1 ours", "M1 C", { atMost: 0.8, missing: missingC });
  for (const scene of ["J1", "J2", "J3"])
    row(`Python's loop / ${scene} one thread`, `${scene} ours`, `${scene} Python`, {
      missing: missingPillow,
    });
  row("Python + Pillow / J1 whole path, one thread", "J1 one whole", "J1 Python whole", {
    atLeast: 100,
    missing: missingPillow,
  });
  row("Python + Pillow / J1 whole path, two threads", "J1 two whole", "J1 Python whole", {
    atLeast: 100,
    missing: missingPillow,
  });
  for (const scene of ["J1", "M1"])
    row(`${scene} one thread / two, fastest runs`, `${scene} two compute`, `${scene} one compute`, {
      atLeast: 1.9,
      take: fastest,
    });
}

/** Prints one row. The ratio is ours over the peer's for `atMost`, otherwise the peer's over ours. */
function row(
  name: string,
  oursName: string,
  peerName: string,
  {
    atMost,
    atLeast,
    missing = "",
    take = median,
  }: { atMost?: number; atLeast?: number; missing?: string; take?: (times: number[]) => number },
): void {
  const ours = take(runs.get(oursName) ?? []);
  const peerRuns = runs.get(peerName);
  const start = name.padEnd(44) + ours.toFixed(2).padStart(9);
  if (peerRuns === undefined) return console.log(`${start}  not measured: ${missing}`);
  const peer = take(peerRuns);
  const ratio = atMost === undefined ? peer / ours : ours / peer;
  const verdict =
    atMost !== undefined
      ? `<= ${atMost}x ${ratio <= atMost ? "pass" : "MISS"}`
      : atLeast !== undefined
        ? `>= ${atLeast}x ${ratio >= atLeast ? "pass" : "MISS"}`
        : "";
  console.log(`${start}${peer.toFixed(2).padStart(10)}${ratio.toFixed(2).padStart(8)}x  ${verdict}`);
}

function median(times: readonly number[]): number {
  return times.toSorted((left, right) => left - right)[Math.floor(times.length / 2)];
}

function fastest(times: readonly number[]): number {
  return Math.min(...times);
}
