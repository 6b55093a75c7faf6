import type { FractalsClient } from "@fractals/client/client.ts";
import type { Fractal } from "@fractals/client/fractal.ts";
import { wait } from "@fractals/program/wait.ts";

const askEveryMs = 250;

/**
 * Waits until all of them have ended.
 *
 * @param onChange told after each look how many have ended
 * @returns the fractals as they ended, in the order of `uuids`
 */
export async function waitFor(
  api: Pick<FractalsClient, "get">,
  uuids: readonly string[],
  onChange: (ended: number) => void,
): Promise<Fractal[]> {
  const ended = new Map<string, Fractal>();
  for (;;) {
    const open = uuids.filter((uuid) => !ended.has(uuid));
    for (const fractal of await Promise.all(open.map((uuid) => api.get(uuid)))) {
      if (fractal.status === "done" || fractal.status === "failed") ended.set(fractal.uuid, fractal);
    }
    onChange(ended.size);
    if (ended.size === uuids.length) return uuids.map((uuid) => ended.get(uuid)!);
    await wait(askEveryMs);
  }
}
