/** Answers that go on: pieces as they come, and a sign of life where nothing comes for a while. */
import { Readable } from "node:stream";
import type { Clock } from "@fractus/core/clock.ts";
import type { Call } from "./call.ts";

/** How long a fault at the beginning may still become a status of its own. */
const firstMs = 25;

/**
 * Answers with a stream. What fails at once is answered as any fault is; what fails later breaks off
 * the stream.
 */
export async function answerStream(
  call: Call,
  pieces: AsyncIterable<string | Buffer>,
  contentType: string,
): Promise<unknown> {
  const iterator = pieces[Symbol.asyncIterator]();
  const first = iterator.next();
  await Promise.race([first, call.clock.sleep(firstMs, call.signal).catch(() => {})]);
  const begin = () => call.reply.raw.flushHeaders();
  const stream = Readable.from(following(begin, first, iterator), { objectMode: false });
  return call.reply.header("Cache-Control", "no-cache").type(contentType).send(stream);
}

/** The head goes out when the stream begins to flow: the first piece may be long in coming. */
async function* following(
  begin: () => void,
  first: Promise<IteratorResult<string | Buffer>>,
  iterator: AsyncIterator<string | Buffer>,
): AsyncGenerator<Buffer> {
  try {
    begin();
    for (let next = await first; !next.done; next = await iterator.next()) yield Buffer.from(next.value);
  } finally {
    await iterator.return?.();
  }
}

/** The pieces, and `beat` in between whenever nothing has come for `everyMs`. Ends with the signal. */
export async function* withBeat<T>(
  pieces: AsyncIterable<T>,
  beat: T,
  {
    clock,
    everyMs,
    signal,
  }: { readonly clock: Clock; readonly everyMs: number; readonly signal: AbortSignal },
): AsyncGenerator<T> {
  const iterator = pieces[Symbol.asyncIterator]();
  try {
    for (let next = iterator.next(); !signal.aborted;) {
      const awake = new AbortController();
      const pause = clock
        .sleep(everyMs, AbortSignal.any([signal, awake.signal]))
        .then(() => "pause" as const)
        .catch(() => "pause" as const);
      const found = await Promise.race([next, pause]);
      awake.abort();
      if (found === "pause") {
        if (!signal.aborted) yield beat;
      } else if (found.done) return;
      else {
        yield found.value;
        next = iterator.next();
      }
    }
  } finally {
    void iterator.return?.();
  }
}
