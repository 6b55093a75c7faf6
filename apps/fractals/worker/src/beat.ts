import type { FractalsClient, WorkerBeat } from "@fractals/client/client.ts";

/** Tells the API how the worker is doing: at every change, and on a beat so that silence means something. */
export interface Beat {
  drawing(uuid: string): void;
  progress(fraction: number): void;
  idle(drewOne: boolean): void;
  stop(): Promise<void>;
}

const beatMs = 15_000;
/** Pictures that are done within this time are not worth telling of their progress. */
const progressEveryMs = 500;

/** Beats that the API does not get are not sent again: the next one says all. */
export function startBeat(
  api: Pick<FractalsClient, "beat" | "leave">,
  name: string,
  who: Pick<WorkerBeat, "host" | "pid">,
): Beat {
  let state: WorkerBeat = { ...who, drawing: null, progress: null, drawn: 0 };
  let toldAt = 0;
  let telling: Promise<void> = Promise.resolve();

  const tell = () => {
    toldAt = performance.now();
    telling = telling.then(() => api.beat(name, state)).catch(() => {});
  };
  const timer = setInterval(tell, beatMs);
  tell();
  return {
    drawing(uuid) {
      state = { ...state, drawing: uuid, progress: 0 };
      tell();
    },
    progress(fraction) {
      state = { ...state, progress: fraction };
      if (performance.now() - toldAt >= progressEveryMs) tell();
    },
    idle(drewOne) {
      state = { ...state, drawing: null, progress: null, drawn: state.drawn + (drewOne ? 1 : 0) };
      tell();
    },
    async stop() {
      clearInterval(timer);
      await telling;
      await api.leave(name).catch(() => {});
    },
  };
}
