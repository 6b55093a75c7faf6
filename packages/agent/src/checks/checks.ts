/**
 * The checks of one allocation's services. Each check has a loop of its own: a first run soon after the
 * start, then one per interval, never two at once.
 *
 * Two words are kept apart. A check with `on_update = "ignore"` is about *readiness*: it decides whether the
 * service is given work, and is of no account to a deployment. All others are about *healthiness* and decide
 * both. With `on_update = "ignore_warnings"` a warning counts as passing in both.
 */
import { createHash } from "node:crypto";
import type { Clock } from "@fractus/core/clock.ts";
import type { Dice } from "@fractus/core/dice.ts";
import type { CheckRestart, Service, ServiceCheck } from "@fractus/core/job.ts";
import type { CheckResult } from "../agent-access.ts";
import type { Endpoint } from "./probe-http.ts";
import type { ProbeInput, Run } from "./probe.ts";
import { knownTypes, probe } from "./probe.ts";
import type { Outcome } from "./outcome.ts";
import { bounded } from "./outcome.ts";
import type { Tally } from "./tally.ts";
import { count, firstTally, isPassing, strike } from "./tally.ts";

/** A check runs at most once a second, and has at least that long to answer, whatever it asks for. */
const leastMs = 1000;
/** The first run comes within a tenth of the interval, and within a second. */
const mostJitterMs = 1000;

export interface ChecksInput {
  /** Interpolated; `task` is absent for a service of the group. */
  readonly services: readonly CheckedService[];
  addressOfPort(label: string): Endpoint | undefined;
  readonly group: string;
  readonly clock: Clock;
  readonly dice: Dice;
  readonly runInTask: ProbeInput["runInTask"];
  /** When the task last started, or the group's first one; undefined while it does not run. */
  taskStartedAtMs(task: string | undefined): number | undefined;
  /** A status, an output or `passSinceMs` changed. */
  onResult(results: readonly CheckResult[], passSinceMs: number | undefined): void;
  /** The limit of a `check_restart` is reached; undefined: all tasks of the group. */
  onRestart(task: string | undefined, reason: string): void;
}

export interface CheckedService {
  readonly service: Service;
  readonly task?: string;
  readonly address: string;
  readonly port: number;
}

export interface Checks {
  results(): readonly CheckResult[];
  /** Names of the services of which all checks pass, those without checks among them. */
  healthyServices(): ReadonlySet<string>;
  /** Since when all checks that count for a deployment pass; without any, since the start. */
  passSinceMs(): number | undefined;
  /** Resolves when no run is under way, but for a script that does not end: nobody waits for it. */
  close(): Promise<void>;
}

interface CheckedCheck {
  readonly of: CheckedService;
  readonly check: ServiceCheck;
  /** Where it runs, and what is restarted when it fails. */
  readonly task: string | undefined;
  readonly restart: CheckRestart | undefined;
  readonly onUpdate: string | undefined;
  tally: Tally;
  result: CheckResult;
}

/** Runs the checks of one allocation's services until closed. */
export function startChecks(input: ChecksInput): Checks {
  const { clock } = input;
  const stop = new AbortController();
  const startedAtMs = clock.nowMs();
  const all = input.services.flatMap((of) =>
    of.service.checks.map((check, index) => checked(input, of, check, index)),
  );
  const results = () => all.map(({ result }) => result);
  let passSinceMs = doAllCountingPass(all) ? startedAtMs : undefined;

  /** Takes in one run and tells of it if that changed anything. */
  const record = (one: CheckedCheck, outcome: Outcome): void => {
    const before = { ...one.result, passSinceMs };
    takeIn(one, outcome, input);
    if (!doAllCountingPass(all)) passSinceMs = undefined;
    else passSinceMs ??= one.result.atMs;
    const { status, output, statusCode } = one.result;
    const isSame = before.status === status && before.output === output && before.statusCode === statusCode;
    if (!isSame || before.passSinceMs !== passSinceMs) input.onResult(results(), passSinceMs);
  };
  const loops = all
    .filter(({ check }) => knownTypes.includes(check.type))
    .map((one) => runLoop(one, input, stop.signal, record));
  return {
    results,
    healthyServices: () => healthyServices(input.services, all),
    passSinceMs: () => passSinceMs,
    async close() {
      stop.abort();
      await Promise.all(loops);
    },
  };
}

function checked(input: ChecksInput, of: CheckedService, check: ServiceCheck, index: number): CheckedCheck {
  const { service } = of;
  const onUpdate = check.onUpdate ?? service.onUpdate;
  const isKnown = knownTypes.includes(check.type);
  const tally: Tally = isKnown ? firstTally(check) : { ...firstTally({}), status: "failure" };
  const task = check.taskName ?? service.taskName ?? of.task;
  const result: CheckResult = {
    id: idOf([of.task ?? "", service.name, check.name, check.type, String(index)]),
    name: check.name,
    service: service.name,
    ...(task !== undefined && { task }),
    group: input.group,
    type: check.type,
    status: tally.status,
    atMs: input.clock.nowMs(),
    output: isKnown
      ? "The check has not run yet."
      : `Checks of type "${check.type}" are not supported: use ${knownTypes.join(", ")}.`,
    mode: onUpdate === "ignore" ? "readiness" : "healthiness",
  };
  return { of, check, task, restart: check.checkRestart ?? service.checkRestart, onUpdate, tally, result };
}

function idOf(parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 32);
}

async function runLoop(
  one: CheckedCheck,
  input: ChecksInput,
  signal: AbortSignal,
  record: (one: CheckedCheck, outcome: Outcome) => void,
): Promise<void> {
  const intervalMs = Math.max(one.check.intervalMs, leastMs);
  const { clock, dice } = input;
  let pauseMs = dice.roll() * Math.min(intervalMs / 10, mostJitterMs);
  try {
    for (;;) {
      await clock.sleep(pauseMs, signal);
      const startedAtMs = clock.nowMs();
      const run = await runOnce(one, input, signal);
      record(one, run.outcome);
      await settledOrAborted(run.isOver, signal);
      signal.throwIfAborted();
      pauseMs = Math.min(intervalMs, Math.max(0, startedAtMs + intervalMs - clock.nowMs()));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function runOnce(one: CheckedCheck, input: ChecksInput, signal: AbortSignal): Promise<Run> {
  const { check, task } = one;
  const timeoutMs = Math.max(check.timeoutMs, leastMs);
  const endpoint = endpointOf(one, input);
  return probe({ check, endpoint, task, timeoutMs, clock: input.clock, signal, runInTask: input.runInTask });
}

/** The check's own port, by label or number, or that of its service. */
function endpointOf({ check, of }: CheckedCheck, input: ChecksInput): Endpoint | string {
  const label = check.portLabel;
  if (label === undefined || label === "") {
    return of.port > 0
      ? { address: of.address, port: of.port }
      : "Neither the check nor its service has a port.";
  }
  const named = input.addressOfPort(label);
  if (named) return named;
  const port = /^\d{1,5}$/.test(label) ? Number(label) : 0;
  return port > 0 && port < 65536 ? { address: of.address, port } : `There is no port called "${label}".`;
}

/** Counts one run, and has the task restarted if it was one bad run too many. */
function takeIn(one: CheckedCheck, outcome: Outcome, input: ChecksInput): void {
  const { check, task, restart } = one;
  const atMs = input.clock.nowMs();
  const taskStartedAtMs = input.taskStartedAtMs(task);
  const runningForMs = taskStartedAtMs === undefined ? undefined : atMs - taskStartedAtMs;
  const counted = count(one.tally, outcome, check);
  const { tally, isOut } = strike(counted, outcome, restart, runningForMs);
  one.tally = tally;
  one.result = {
    ...one.result,
    status: tally.status,
    atMs,
    statusCode: outcome.statusCode,
    output: bounded(outcome.output + forbearance(tally, outcome, check)),
  };
  if (isOut)
    input.onRestart(
      task,
      `check "${check.name}" of service "${one.of.service.name}" failed ${restart?.limit} times: ${outcome.output.split("\n", 1)[0]}`,
    );
}

/** Why a run that went wrong left the check as it was. */
function forbearance({ status, failures }: Tally, { verdict }: Outcome, check: ServiceCheck): string {
  if (verdict === "pass" || status === "failure") return "";
  return `\n(failure ${failures} of ${check.failuresBeforeCritical} in a row before it counts)`;
}

function doAllCountingPass(all: readonly CheckedCheck[]): boolean {
  return all.every(
    ({ tally, result, onUpdate }) => result.mode === "readiness" || isPassing(tally, onUpdate),
  );
}

function healthyServices(
  services: readonly CheckedService[],
  all: readonly CheckedCheck[],
): ReadonlySet<string> {
  const ailing = new Set(
    all.filter(({ tally, onUpdate }) => !isPassing(tally, onUpdate)).map(({ of }) => of.service.name),
  );
  return new Set(services.map(({ service }) => service.name).filter((name) => !ailing.has(name)));
}

/** Until the promise is settled or the signal aborted, whichever comes first. */
function settledOrAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener("abort", done);
      resolve();
    };
    if (signal.aborted) return done();
    signal.addEventListener("abort", done);
    promise.then(done, done);
  });
}
