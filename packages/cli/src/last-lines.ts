/**
 * The last lines of a stream of bytes. When it is followed, its end does not come, so what arrived within a
 * moment counts as what is there, and everything from then on is passed through.
 */
export async function* lastLines(
  chunks: AsyncIterable<Uint8Array>,
  count: number,
  { follow, settleMs = 300 }: { readonly follow: boolean; readonly settleMs?: number },
): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  const kept: Uint8Array[] = [];
  const begun = follow ? delay(settleMs) : undefined;
  let next = source.next();
  try {
    for (;;) {
      const step = await (begun ? Promise.race([next, begun]) : next);
      if (step === undefined || step.done) {
        yield tailOf(kept, count);
        if (step?.done) return;
        break;
      }
      kept.push(step.value);
      next = source.next();
    }
    for (let step = await next; !step.done; step = await source.next()) yield step.value;
  } finally {
    await source.return?.();
  }
}

function delay(ms: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), ms).unref();
  });
}

const feed = 10;

function tailOf(chunks: readonly Uint8Array[], count: number): Uint8Array {
  const bytes = Buffer.concat(chunks);
  let begin = bytes.length;
  if (bytes[begin - 1] === feed) begin--; // the last line's own end
  for (let left = count; left > 0 && begin >= 0; left--) begin = bytes.lastIndexOf(feed, begin - 1);
  return bytes.subarray(begin + 1);
}
