import { Refusal } from "@fractus/core/refusal.ts";

const askEveryMs = 15;

/** Resolves when the URL answers 200; refuses after `limitMs` with the last thing that was heard. */
export async function whenReady(url: string, limitMs: number, signal: AbortSignal): Promise<void> {
  const until = performance.now() + limitMs;
  let heard = "nothing";
  while (!signal.aborted) {
    try {
      const response = await fetch(url, { signal });
      const body = await response.text();
      if (response.status === 200) return;
      heard = body;
    } catch (error) {
      heard = error instanceof Error ? error.message : String(error);
    }
    if (performance.now() > until)
      throw new Refusal("unavailable", `${url} is not ready after ${limitMs / 1000} s: ${heard}`);
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  }
}
