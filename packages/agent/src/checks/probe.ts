/** One run of one check: asks, waits no longer than the timeout, and says what came of it. */
import { connect } from "node:net";
import type { Clock } from "@fractus/core/clock.ts";
import type { ServiceCheck } from "@fractus/core/job.ts";
import type { Outcome } from "./outcome.ts";
import { bounded, failed } from "./outcome.ts";
import type { Endpoint } from "./probe-http.ts";
import { probeHttp, reasonOf } from "./probe-http.ts";

export interface ProbeInput {
  readonly check: ServiceCheck;
  /** Or why there is none, in words. */
  readonly endpoint: Endpoint | string;
  readonly task: string | undefined;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly runInTask: (
    task: string,
    command: readonly string[],
    timeoutMs: number,
  ) => Promise<{ exitCode: number; output: string }>;
}

export interface Run {
  readonly outcome: Outcome;
  /** Resolves when nothing of the run goes on any more: a script may outlive its timeout. */
  readonly isOver: Promise<unknown>;
}

export const knownTypes = ["http", "tcp", "script"];

/** Rejects only when the signal is aborted. */
export async function probe(input: ProbeInput): Promise<Run> {
  const stop = new AbortController();
  const signal = AbortSignal.any([input.signal, stop.signal]);
  const work = ask(input, signal).catch((error: unknown) => failed(wordsOf(error)));
  const timeout = input.clock
    .sleep(input.timeoutMs, signal)
    .then(() => failed(`no answer within ${input.timeoutMs / 1000} s`));
  timeout.catch(() => undefined);
  const outcome = await Promise.race([work, timeout]);
  stop.abort();
  input.signal.throwIfAborted();
  return { outcome, isOver: work };
}

async function ask(input: ProbeInput, signal: AbortSignal): Promise<Outcome> {
  if (input.check.type === "script") return runScript(input);
  if (typeof input.endpoint === "string") return failed(input.endpoint);
  return input.check.type === "http"
    ? probeHttp(input.check, input.endpoint, signal)
    : probeTcp(input.endpoint, signal);
}

/** Exit code 0 passes and 1 is a warning: https://developer.hashicorp.com/consul/docs/register/health-check/vm */
async function runScript({ check, task, timeoutMs, runInTask }: ProbeInput): Promise<Outcome> {
  if (check.command === undefined) return failed("The check has no command to run.");
  if (task === undefined) return failed("The check does not say in which task to run its script.");
  const { exitCode, output } = await runInTask(task, [check.command, ...(check.args ?? [])], timeoutMs);
  const verdict = exitCode === 0 ? "pass" : exitCode === 1 ? "warning" : "fail";
  const words = exitCode === 0 ? output : `exit code ${exitCode}\n${output}`;
  return { verdict, output: bounded(words.trimEnd()), statusCode: exitCode };
}

function probeTcp({ address, port }: Endpoint, signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, signal });
    const answer = (outcome: Outcome) => {
      resolve(outcome);
      socket.destroy();
    };
    socket.on("connect", () => answer({ verdict: "pass", output: `${address}:${port} accepts connections` }));
    socket.on("error", (error) => answer(failed(`${address}:${port}: ${reasonOf(error)}`)));
  });
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
