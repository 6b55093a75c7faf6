/**
 * kill -9 of every process of Fractals at seeded moments: every accepted task ends `done`, exactly once.
 * A seed is printed; `KILL_SEED=N KILL_ROUNDS=M node --test e2e/kill.e2e.ts` replays it.
 */
import assert from "node:assert/strict";
import { after, before, suite, test, type TestContext } from "node:test";
import { fractalsClient, type FractalsClient } from "@fractals/client/client.ts";
import type { Fractal, FractalRequest } from "@fractals/client/fractal.ts";
import { rollInteger, seededDice, type Dice } from "@fractus/core/dice.ts";
import { startFractals, type RunningFractals } from "./start-fractals.ts";

const rounds = Number(process.env["KILL_ROUNDS"] ?? 20);
const seed = Number(process.env["KILL_SEED"] ?? Date.now() % 2 ** 31);
const patienceMs = 60_000;

/** Large enough that a kill meets it in mid-image, small enough for many rounds. */
const slow: FractalRequest = {
  kind: "mandelbrot",
  width: 900,
  height: 900,
  iterations: 4000,
  xa: -0.8,
  xb: -0.7,
  ya: 0.05,
  yb: 0.15,
  samples: 2,
  colouring: "smooth",
  palette: "ember",
};
const quick: FractalRequest = { width: 120, height: 90, iterations: 200 };

void suite(`kill -9 (seed ${seed}, ${rounds} rounds each)`, () => {
  let fractals: RunningFractals;
  let api: FractalsClient;
  before(async () => {
    fractals = await startFractals({ workers: 2 });
    api = fractalsClient(fractals.url);
  });
  after(() => fractals.stop());

  const kill = async (name: string, signal: NodeJS.Signals = "SIGKILL") => {
    const pid = (await fractals.pids())[name];
    if (pid !== undefined) process.kill(pid, signal);
  };

  /** Runs the rounds of one kind of kill and checks after each that every accepted task is done, once and for all. */
  const torture = async (t: TestContext, round: (dice: Dice) => Promise<readonly Fractal[]>) => {
    const seen = new Map<string, string>();
    for (let at = 0; at < rounds; at++) {
      const accepted = await round(seededDice(seed + at));
      for (const fractal of await untilEnded(api, accepted)) {
        assert.equal(fractal.status, "done", `round ${at}: ${fractal.uuid} ${fractal.error}`);
        assert.ok((await api.image(fractal.uuid)).length === fractal.size);
        seen.set(fractal.uuid, fractal.finished_at!);
      }
    }
    await untilQueueIsEmpty(api);
    for (const [uuid, finishedAt] of seen)
      assert.equal((await api.get(uuid)).finished_at, finishedAt, "done twice");
    t.diagnostic(`${seen.size} tasks done once, over ${rounds} kills`);
  };

  test("of a worker in mid-image (CL-20)", (t) =>
    torture(t, async (dice) => {
      const accepted = await persistently(() => api.createMany([slow, quick]));
      await untilDrawing(api, accepted[0].uuid);
      await pause(rollInteger(dice, { low: 0, high: 60 }));
      const by = (await api.get(accepted[0].uuid)).generated_by ?? "worker-0";
      await kill(by);
      return accepted;
    }));

  test("of the API between writing a task and publishing it", (t) =>
    torture(t, async (dice) => {
      await kill("broker", "SIGSTOP");
      const accepted = await persistently(() => api.createMany([quick, quick, quick]));
      await pause(rollInteger(dice, { low: 0, high: 20 }));
      await kill("api");
      await kill("broker", "SIGCONT");
      return accepted;
    }));

  test("of the API between taking a picture and the acknowledgement", (t) =>
    torture(t, async (dice) => {
      const accepted = await persistently(() => api.createMany(Array.from({ length: 8 }, () => quick)));
      await untilSomeEnded(api, accepted, rollInteger(dice, { low: 1, high: 4 }));
      await kill("api");
      return accepted;
    }));

  test("of the broker between taking a picture and the acknowledgement", (t) =>
    torture(t, async () => {
      const accepted = await persistently(() => api.createMany([slow]));
      await untilDrawing(api, accepted[0].uuid);
      await kill("broker", "SIGSTOP");
      await untilEnded(api, accepted);
      await kill("broker");
      return accepted;
    }));

  test("of the broker at any point", (t) =>
    torture(t, async (dice) => {
      const accepted = persistently(() => api.createMany(Array.from({ length: 6 }, () => quick)));
      await pause(rollInteger(dice, { low: 0, high: 80 }));
      await kill("broker");
      return accepted;
    }));

  test("of all of them at once", (t) =>
    torture(t, async (dice) => {
      const accepted = await persistently(() => api.createMany(Array.from({ length: 6 }, () => quick)));
      await pause(rollInteger(dice, { low: 0, high: 80 }));
      for (const name of Object.keys(await fractals.pids())) await kill(name);
      return accepted;
    }));
});

const pause = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs));

/** Asks until the API is there; what it accepted twice because an answer was lost is drawn twice, and counted once. */
async function persistently<T>(ask: () => Promise<T>): Promise<T> {
  const until = Date.now() + patienceMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof TypeError) || Date.now() > until) throw error;
      await pause(20);
    }
  }
}

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + patienceMs;
  while (!(await persistently(check))) {
    if (Date.now() > end) throw new Error(`${what}: not after ${patienceMs / 1000} s`);
    await pause(10);
  }
}

const hasEnded = ({ status }: Fractal) => status === "done" || status === "failed";

async function untilEnded(api: FractalsClient, accepted: readonly Fractal[]): Promise<Fractal[]> {
  let current: Fractal[] = [];
  await until(`${accepted.length} task(s) ended`, async () => {
    current = await Promise.all(accepted.map(({ uuid }) => api.get(uuid)));
    return current.every(hasEnded);
  });
  return current;
}

async function untilSomeEnded(
  api: FractalsClient,
  accepted: readonly Fractal[],
  count: number,
): Promise<void> {
  await until(`${count} task(s) ended`, async () => {
    const current = await Promise.all(accepted.map(({ uuid }) => api.get(uuid)));
    return current.filter(hasEnded).length >= count;
  });
}

async function untilDrawing(api: FractalsClient, uuid: string): Promise<void> {
  await until(`${uuid} is drawn`, async () => (await api.get(uuid)).status !== "queued");
}

async function untilQueueIsEmpty(api: FractalsClient): Promise<void> {
  await until("the queue is empty", async () => {
    const { queue, workers } = await api.workers();
    return queue.depth === 0 && workers.every(({ drawing }) => drawing === null);
  });
}
