/**
 * Questions that wait: who asks with `index` gets an answer when what is asked about has changed after
 * that index, or when `wait` is over.
 *
 * Source: https://developer.hashicorp.com/nomad/api-docs#blocking-queries
 */
import type { Call } from "./call.ts";
import { durationMs } from "./query-text.ts";

const usualWaitMs = 300_000;
const longestWaitMs = 600_000;

/** Resolves with the index that the answer has: at once, or after a change or the wait. Never 0. */
export async function untilChanged(call: Call, changedAt: (call: Call) => number): Promise<number> {
  const present = () => Math.max(1, changedAt(call));
  const seen = call.number("index") ?? 0;
  if (seen === 0 || present() > seen) return present();
  const waitMs = waitMsOf(call);
  const awake = new AbortController();
  const stop = call.control.ledger.listen(() => isDone() && awake.abort());
  // Heard while a transaction is applied, where nothing may fail: a fault shows when it is asked again.
  const isDone = () => {
    try {
      return present() > seen;
    } catch {
      return true;
    }
  };
  await call.clock.sleep(waitMs, AbortSignal.any([call.signal, awake.signal])).catch(() => {});
  stop();
  return present();
}

/** A random sixteenth more, so that many who ask do not all ask again at one moment. */
function waitMsOf(call: Call): number {
  const text = call.query("wait");
  const asked = text === undefined || text === "" ? usualWaitMs : durationMs("wait", text);
  const wait = Math.min(asked === 0 ? usualWaitMs : asked, longestWaitMs);
  return wait + call.control.dice.roll() * (wait / 16);
}
