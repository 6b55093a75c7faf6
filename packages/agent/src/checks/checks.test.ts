import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "@fractus/core/clock.ts";
import type { Service, ServiceCheck } from "@fractus/core/job.ts";
import type { Checks, ChecksInput } from "./checks.ts";
import { startChecks } from "./checks.ts";

/** A clock whose time passes only when told to. */
class HandClock implements Clock {
  #nowMs = 1_000_000;
  #sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = { atMs: this.#nowMs + delayMs, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal.reason);
      });
    });
  }

  /** Lets the time pass, stopping at each sleeper so that it can act. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      await settle();
      const due = this.#sleepers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!due) break;
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      this.#sleepers = this.#sleepers.filter((other) => other !== due);
      due.wake();
    }
    this.#nowMs = endMs;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const script: ServiceCheck = {
  name: "up",
  type: "script",
  intervalMs: 10_000,
  timeoutMs: 2000,
  command: "up",
};

function serviceOf(check: Partial<ServiceCheck>, more: Partial<Service> = {}): Service {
  return { name: "web", provider: "nomad", tags: [], checks: [{ ...script, ...check }], ...more };
}

/** Runs a script check whose exit codes are given (the last one lasts), and writes down what happens. */
function start(
  check: Partial<ServiceCheck>,
  exitCodes: readonly number[],
  more: { service?: Partial<Service>; runInTask?: ChecksInput["runInTask"]; startedAtMs?: number } = {},
) {
  const clock = new HandClock();
  let runs = 0;
  const told: string[] = [];
  const restarts: (string | undefined)[] = [];
  const checks = startChecks({
    services: [{ service: serviceOf(check, more.service), task: "main", address: "127.0.0.1", port: 1 }],
    addressOfPort: () => undefined,
    group: "g",
    clock,
    dice: { roll: () => 0 },
    runInTask:
      more.runInTask ??
      (() => {
        const exitCode = exitCodes[Math.min(runs++, exitCodes.length - 1)];
        return Promise.resolve({ exitCode, output: `exit ${exitCode}` });
      }),
    taskStartedAtMs: () => more.startedAtMs ?? 1_000_000,
    onResult: (results, passSinceMs) => told.push(`${results[0].status} ${passSinceMs ?? "-"}`),
    onRestart: (task) => restarts.push(task),
  });
  return { clock, checks, told, restarts, runs: () => runs };
}

const statusOf = (checks: Checks) => checks.results()[0].status;

test("checks: a check is pending, then passes, and the time since when is told", async () => {
  const { clock, checks, told } = start({}, [0]);
  assert.equal(statusOf(checks), "pending");
  assert.deepEqual([...checks.healthyServices()], []);
  assert.equal(checks.passSinceMs(), undefined);
  await clock.pass(25_000);
  assert.equal(statusOf(checks), "success");
  assert.deepEqual([...checks.healthyServices()], ["web"]);
  assert.deepEqual(told, ["success 1000000"]);
  await checks.close();
});

test("checks: one run per interval, the first one jittered", async () => {
  const { clock, checks, runs } = start({}, [0]);
  await clock.pass(0);
  assert.equal(runs(), 1);
  await clock.pass(9_999);
  assert.equal(runs(), 1);
  await clock.pass(1);
  assert.equal(runs(), 2);
  await checks.close();
  await clock.pass(60_000);
  assert.equal(runs(), 2);
});

test("checks: less than a second of interval or timeout is a second", async () => {
  const { clock, checks, runs } = start({ intervalMs: 10, timeoutMs: 10 }, [0]);
  await clock.pass(2_500);
  assert.equal(runs(), 3);
  await checks.close();
});

test("checks: initial_status passing counts until the first run says otherwise", async () => {
  const { clock, checks } = start({ initialStatus: "passing" }, [2]);
  assert.equal(statusOf(checks), "success");
  assert.equal(checks.passSinceMs(), 1_000_000);
  await clock.pass(0);
  assert.equal(statusOf(checks), "failure");
  assert.equal(checks.passSinceMs(), undefined);
  await checks.close();
});

test("checks: success_before_passing and failures_before_critical count runs in a row", async () => {
  const rules = { successesBeforePassing: 2, failuresBeforeCritical: 3 };
  const { clock, checks } = start(rules, [0, 0, 2, 2, 0, 2, 2, 2]);
  const seen = [];
  await clock.pass(0);
  for (let run = 0; run < 8; run++) {
    seen.push(statusOf(checks));
    await clock.pass(10_000);
  }
  const s = "success";
  assert.deepEqual(seen, ["pending", s, s, s, s, s, s, "failure"]);
  await checks.close();
});

test("checks: a failure that does not count yet says so", async () => {
  const { clock, checks } = start({ failuresBeforeCritical: 3, initialStatus: "passing" }, [2]);
  await clock.pass(0);
  assert.match(checks.results()[0].output, /failure 1 of 3 in a row before it counts/);
  await checks.close();
});

test("checks: passing starts anew after a failure", async () => {
  const { clock, checks, told } = start({}, [0, 2, 0]);
  await clock.pass(20_000);
  assert.deepEqual(told, ["success 1000000", "failure -", "success 1020000"]);
  await checks.close();
});

test("checks: check_restart counts failures in a row after the grace, then begins anew", async () => {
  const checkRestart = { limit: 2, graceMs: 15_000, ignoresWarnings: false };
  const { clock, checks, restarts } = start({ checkRestart }, [2]);
  await clock.pass(29_999);
  assert.deepEqual(restarts, []);
  await clock.pass(1);
  assert.deepEqual(restarts, ["main"]);
  await clock.pass(20_000);
  assert.deepEqual(restarts, ["main", "main"]);
  await checks.close();
});

test("checks: check_restart of the service holds where the check has none, and may ignore warnings", async () => {
  const checkRestart = { limit: 1, graceMs: 0, ignoresWarnings: true };
  const { clock, checks, restarts } = start({}, [1, 1, 2, 0], { service: { checkRestart } });
  await clock.pass(19_999);
  assert.deepEqual(restarts, []);
  await clock.pass(1);
  assert.deepEqual(restarts, ["main"]);
  await checks.close();
});

test("checks: on_update decides whether warnings and readiness count", async () => {
  const cases = [
    { onUpdate: undefined, exitCode: 1, passes: false, healthy: 0 },
    { onUpdate: "require_healthy", exitCode: 1, passes: false, healthy: 0 },
    { onUpdate: "ignore_warnings", exitCode: 1, passes: true, healthy: 1 },
    { onUpdate: "ignore_warnings", exitCode: 2, passes: false, healthy: 0 },
    { onUpdate: "ignore", exitCode: 2, passes: true, healthy: 0 },
  ];
  for (const { onUpdate, exitCode, passes, healthy } of cases) {
    const { clock, checks } = start({ onUpdate }, [exitCode]);
    await clock.pass(0);
    assert.equal(statusOf(checks), "failure");
    assert.equal(checks.passSinceMs() !== undefined, passes, `${onUpdate} ${exitCode}`);
    assert.equal(checks.healthyServices().size, healthy, `${onUpdate} ${exitCode}`);
    assert.equal(checks.results()[0].mode, onUpdate === "ignore" ? "readiness" : "healthiness");
    await checks.close();
  }
});

test("checks: a script that hangs fails after its timeout, and no second run starts beside it", async () => {
  let running = 0;
  let release = () => {};
  const runInTask = () => {
    running++;
    return new Promise<{ exitCode: number; output: string }>((resolve) => {
      release = () => resolve({ exitCode: 0, output: "late" });
    });
  };
  const { clock, checks } = start({}, [], { runInTask });
  await clock.pass(60_000);
  assert.equal(running, 1);
  assert.deepEqual(checks.results()[0].output, "no answer within 2 s");
  release();
  await clock.pass(1);
  assert.equal(running, 2);
  await checks.close();
});

test("checks: a type that is not supported fails openly and never passes", async () => {
  const { clock, checks } = start({ type: "grpc", initialStatus: "passing" }, [0]);
  await clock.pass(60_000);
  assert.equal(statusOf(checks), "failure");
  assert.match(checks.results()[0].output, /"grpc" are not supported/);
  assert.equal(checks.passSinceMs(), undefined);
  assert.equal(checks.healthyServices().size, 0);
  await checks.close();
});

test("checks: output is cut to three thousand bytes, between characters", async () => {
  const runInTask = () => Promise.resolve({ exitCode: 0, output: `x${"ä".repeat(5000)}` });
  const { clock, checks } = start({}, [], { runInTask });
  await clock.pass(0);
  const { output } = checks.results()[0];
  assert.equal(output, `x${"ä".repeat(1499)}`);
  await checks.close();
});

/** One real run against a server; the time of the fake clock stands still. */
async function probeOnce(check: Partial<ServiceCheck>, port: number, portLabel?: number) {
  const clock = new HandClock();
  const checks = startChecks({
    services: [{ service: serviceOf({ type: "http", path: "/", ...check }), address: "127.0.0.1", port }],
    addressOfPort: (label) =>
      label === "admin" ? { address: "127.0.0.1", port: portLabel ?? 0 } : undefined,
    group: "g",
    clock,
    dice: { roll: () => 0 },
    runInTask: () => Promise.reject(new Error("no scripts here")),
    taskStartedAtMs: () => 0,
    onResult: () => {},
    onRestart: () => {},
  });
  await clock.pass(0);
  for (let turn = 0; turn < 200 && checks.results()[0].status === "pending"; turn++) await sleep(10);
  await checks.close();
  return checks.results()[0];
}

async function withServer<T>(listener: RequestListener, use: (port: number) => Promise<T>): Promise<T> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await use((server.address() as AddressInfo).port);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

test("checks: an http check sends what it says and passes on 2xx only", async () => {
  const asked: string[] = [];
  const listener: RequestListener = (request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      const { method, url, headers } = request;
      asked.push(`${method} ${url} ${headers.host} ${String(headers["x-a"])} ${body}`);
      response.statusCode = Number(url?.slice(1)) || 200;
      response.end("hello");
    });
  };
  await withServer(listener, async (port) => {
    const headers = { Host: ["example.org"], "X-A": ["1", "2"] };
    const good = await probeOnce({ path: "/204", method: "post", body: "ping", headers }, port);
    assert.equal(asked[0], "POST /204 example.org 1, 2 ping");
    assert.equal(good.status, "success");
    const codes = { 200: "success", 404: "failure", 429: "failure", 500: "failure" };
    for (const [code, status] of Object.entries(codes)) {
      const result = await probeOnce({ path: `/${code}` }, port);
      assert.equal(result.status, status);
      assert.equal(result.statusCode, Number(code));
      assert.match(result.output, new RegExp(`GET http://127.0.0.1:${port}/${code}: ${code} .+\nhello`));
    }
  });
});

test("checks: an http check follows redirects on its own server only", async () => {
  const listener: RequestListener = (request, response) => {
    const targets: Record<string, string> = {
      "/": "/there",
      "/away": "http://example.invalid/",
      "/round": "/round",
    };
    const target = targets[request.url ?? ""];
    if (target) response.writeHead(302, { location: target });
    response.end("ok");
  };
  await withServer(listener, async (port) => {
    assert.equal((await probeOnce({ path: "/" }, port)).status, "success");
    const away = await probeOnce({ path: "/away" }, port);
    assert.equal(away.status, "failure");
    assert.match(away.output, /does not follow: http:\/\/example.invalid/);
    assert.equal((await probeOnce({ path: "/round" }, port)).status, "failure");
  });
});

test("checks: an endless body is read no further than it is kept", async () => {
  await withServer(
    (_, response) => {
      const more = () => !response.destroyed && response.write("x".repeat(1000), () => setImmediate(more));
      more();
    },
    async (port) => {
      const result = await probeOnce({}, port);
      assert.equal(result.status, "success");
      assert.equal(Buffer.byteLength(result.output), 3000);
    },
  );
});

test("checks: the port may be another one, by label or by number", async () => {
  await withServer(
    (_, response) => response.end(),
    async (port) => {
      assert.equal((await probeOnce({ portLabel: "admin" }, 1, port)).status, "success");
      assert.equal((await probeOnce({ portLabel: String(port) }, 1)).status, "success");
      assert.match((await probeOnce({ portLabel: "nope" }, 1)).output, /no port called "nope"/);
      assert.match((await probeOnce({}, 0)).output, /has a port/);
    },
  );
});

test("checks: a tcp check passes where somebody listens", async () => {
  const port = await withServer(
    (_, response) => response.end(),
    async (port) => {
      assert.equal((await probeOnce({ type: "tcp" }, port)).status, "success");
      return port;
    },
  );
  const result = await probeOnce({ type: "tcp" }, port);
  assert.equal(result.status, "failure");
  assert.match(result.output, /ECONNREFUSED/);
});

function selfSigned(): { readonly key: Buffer; readonly cert: Buffer } | undefined {
  const directory = mkdtempSync(join(tmpdir(), "fractus-checks-"));
  const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -days 2";
  try {
    execFileSync("openssl", [...words.split(" "), "-keyout", key, "-out", cert], { stdio: "ignore" });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } catch {
    return undefined;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test("checks: https verifies the certificate unless told not to", async (t) => {
  const pair = selfSigned();
  if (!pair) return t.skip("needs openssl, which this machine lacks");
  const server = createTlsServer(pair, (_, response) => response.end("ok"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const strict = await probeOnce({ protocol: "https" }, port);
  assert.equal(strict.status, "failure");
  assert.match(strict.output, /certificate/);
  assert.equal((await probeOnce({ protocol: "https", skipsTlsVerification: true }, port)).status, "success");
  await new Promise((resolve) => server.close(resolve));
});
