import { Refusal } from "@fractus/core/refusal.ts";
import type { AgentWorld } from "./agent-world.ts";
import { wordsOf } from "./task-events.ts";

const firstDelayMs = 250;
const longestDelayMs = 15_000;

/**
 * Does it until it succeeds, with delays that double up to a quarter of a minute, give or take a quarter by chance.
 * Rejects with the signal's reason, and with a refusal that no repetition can help (anything but `unavailable`)
 * unless `evenRefused`.
 */
export async function retrying<T>(
  { clock, dice, log }: Pick<AgentWorld, "clock" | "dice" | "log">,
  signal: AbortSignal,
  act: () => Promise<T>,
  { evenRefused = false }: { readonly evenRefused?: boolean } = {},
): Promise<T> {
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, longestDelayMs)) {
    signal.throwIfAborted();
    try {
      return await act();
    } catch (error) {
      signal.throwIfAborted();
      if (!evenRefused && error instanceof Refusal && error.kind !== "unavailable") throw error;
      if (delayMs === firstDelayMs) log(`Control does not answer: ${wordsOf(error)}`);
    }
    await clock.sleep(delayMs * (0.75 + dice.roll() / 2), signal);
  }
}
