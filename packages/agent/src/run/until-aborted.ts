/** Resolves when the signal is aborted or the other thing has ended, whichever way. */
export async function untilAborted(signal: AbortSignal, other: Promise<unknown>): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      signal.removeEventListener("abort", done);
      resolve();
    };
    signal.addEventListener("abort", done);
    other.then(done, done);
  });
}
