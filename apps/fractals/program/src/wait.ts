/** Resolves after `delayMs`; rejects with the signal's reason as soon as it is aborted. */
export function wait(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(reason(signal));
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, delayMs);
    const stop = () => {
      clearTimeout(timer);
      reject(reason(signal!));
    };
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Delays that double from `firstMs` up to `mostMs`, to be asked for one after another. */
export function backOff(firstMs: number, mostMs: number): { nextMs(): number; reset(): void } {
  let delayMs = firstMs;
  return {
    nextMs() {
      const now = delayMs;
      delayMs = Math.min(delayMs * 2, mostMs);
      return now;
    },
    reset() {
      delayMs = firstMs;
    },
  };
}

function reason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason));
}
