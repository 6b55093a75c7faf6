/** A thousand requests a second while every instance behind the door is replaced: none may fail. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Backend } from "./front-door.ts";
import { startIngress } from "./ingress.ts";
import { freePort } from "./testing/backend.ts";
import { startBackendProcess } from "./testing/backend-process.ts";
import type { BackendProcess } from "./testing/backend-process.ts";
import { startLoad } from "./testing/load.ts";

const perSecond = 1000;
const count = 4;

async function withFleet(
  use: (fleet: {
    readonly url: string;
    readonly running: BackendProcess[];
    readonly show: (backends: readonly Backend[]) => void;
  }) => Promise<void>,
): Promise<void> {
  const port = await freePort();
  const ingress = await startIngress({ address: "127.0.0.1", log: console.error });
  const show = (backends: readonly Backend[]) =>
    ingress.update([{ name: "default/web", port, mode: "http", backends }]);
  const running = await Promise.all(Array.from({ length: count }, (_, i) => startBackendProcess(`v1-${i}`)));
  try {
    show(running);
    await ingress.settled();
    await use({ url: `http://127.0.0.1:${port}`, running, show });
    assert.equal(ingress.stats()[0].failures, 0);
    assert.equal(ingress.stats()[0].open, 0);
  } finally {
    await ingress.close();
    await Promise.all(running.map((backend) => backend.stop("SIGKILL")));
  }
}

test("ingress: a rolling update under 1000 requests a second fails none, GET or POST", async () => {
  await withFleet(async ({ url, running, show }) => {
    const load = startLoad(url, perSecond, (n) => (n % 5 === 0 ? "POST" : "GET"));
    await sleep(500);
    for (let i = 0; i < count; i++) {
      const old = running[i];
      const next = await startBackendProcess(`v2-${i}`);
      running[i] = next;
      show([...running.with(i, { ...next, isHealthy: false }), old]);
      await sleep(200);
      show(running);
      await sleep(1000);
      await old.stop("SIGTERM");
    }
    await sleep(4000);
    await load.stop();
    assert.deepEqual(load.failed, []);
    assert.ok(load.sent() > 8 * perSecond, `only ${load.sent()} requests`);
    const names = [...load.answers.keys()].sort();
    assert.deepEqual(names, ["v1-0", "v1-1", "v1-2", "v1-3", "v2-0", "v2-1", "v2-2", "v2-3"]);
  });
});

test("ingress: kill -9 of an instance under 1000 GETs a second fails none", async () => {
  await withFleet(async ({ url, running, show }) => {
    const load = startLoad(url, perSecond, () => "GET");
    for (let i = 0; i < 2; i++) {
      await sleep(500);
      await running[i].stop("SIGKILL");
      await sleep(700);
      running[i] = await startBackendProcess(`v2-${i}`);
      show(running);
    }
    await sleep(500);
    await load.stop();
    assert.deepEqual(load.failed, []);
    assert.ok(load.sent() > 2 * perSecond, `only ${load.sent()} requests`);
    assert.ok(load.answers.has("v2-1"));
  });
});

test("ingress: with one instance in all, requests wait out its replacement", async () => {
  await withFleet(async ({ url, running, show }) => {
    show(running.slice(0, 1));
    const load = startLoad(url, perSecond / 10, (n) => (n % 2 === 0 ? "POST" : "GET"));
    await sleep(300);
    show([]);
    await sleep(1000);
    show(running.slice(1, 2));
    await sleep(300);
    await load.stop();
    assert.deepEqual(load.failed, []);
    assert.deepEqual([...load.answers.keys()], ["v1-0", "v1-1"]);
  });
});
