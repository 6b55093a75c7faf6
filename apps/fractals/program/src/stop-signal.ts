/**
 * Aborted by the first SIGTERM or SIGINT. A second one ends the process at once,
 * with the exit code a shell expects (128 + the signal's number).
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const [name, number] of [
    ["SIGTERM", 15],
    ["SIGINT", 2],
  ] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(128 + number);
      controller.abort(new Error(`stopped by ${name}`));
    });
  }
  return controller.signal;
}
