import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";

/**
 * Looks again whenever something in the directory changes, and at least every `intervalMs`, until
 * there is an answer. Rejects with the signal's reason, and with whatever `look` throws.
 */
export function lookUntil<T>(
  directory: string,
  look: () => T | undefined,
  { intervalMs, signal }: { readonly intervalMs: number; readonly signal?: AbortSignal },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (how: () => void) => {
      watcher?.close();
      clearInterval(timer);
      signal?.removeEventListener("abort", stop);
      how();
    };
    const stop = () => settle(() => reject(signal?.reason));
    const attempt = () => {
      try {
        const answer = look();
        if (answer !== undefined) settle(() => resolve(answer));
      } catch (error) {
        settle(() => reject(error));
      }
    };
    const timer = setInterval(attempt, intervalMs);
    const watcher = watchIfPossible(directory, attempt);
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    else attempt();
  });
}

/** Watching is a matter of speed only: the system may have no watches left, or the directory be gone. */
export function watchIfPossible(directory: string, onChange: () => void): FSWatcher | undefined {
  try {
    return watch(directory, onChange).on("error", () => undefined);
  } catch {
    return undefined;
  }
}
