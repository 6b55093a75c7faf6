import type { Log } from "./log.ts";

/** Work that is done again and again: when it is woken, and on a beat. */
export interface Loop {
  /** Runs the step soon; waking a loop that is about to run, or runs, costs nothing and loses nothing. */
  wake(): void;
  /** No further step begins; resolves when the present one has ended. */
  stop(): Promise<void>;
}

/**
 * Runs `step` every `beatMs` and whenever it is woken, never twice at once. A step takes no argument and
 * may be run again without harm; one that throws is logged and run again at the next beat.
 */
export function loop(name: string, beatMs: number, log: Log, step: () => Promise<void>): Loop {
  let woken = false;
  let running: Promise<void> | undefined;
  let stopped = false;
  const beat = setInterval(() => wake(), beatMs);

  async function run(): Promise<void> {
    while (woken && !stopped) {
      woken = false;
      try {
        await step();
      } catch (error) {
        log.error(`${name}: will be tried again`, error);
      }
    }
  }
  function wake(): void {
    woken = true;
    running ??= run().finally(() => (running = undefined));
  }
  return {
    wake,
    async stop() {
      stopped = true;
      clearInterval(beat);
      await running;
    },
  };
}
