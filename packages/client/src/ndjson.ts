/** The JSON values of a stream, one a line as in ndjson or just one behind the other. */
export async function* jsonValues(stream: ReadableStream<Uint8Array>): AsyncGenerator {
  const decoder = new TextDecoder();
  const split = new ValueSplitter();
  for await (const bytes of chunksOf(stream)) {
    for (const text of split.take(decoder.decode(bytes, { stream: true }))) yield JSON.parse(text);
  }
}

/** Not every browser can iterate over a stream. Leaving the loop cancels the request. */
export async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Finds where one object ends and the next begins, however the chunks are cut. */
class ValueSplitter {
  #pending = "";
  #scanned = 0;
  #depth = 0;
  #inText = false;
  #escaped = false;

  take(chunk: string): string[] {
    this.#pending += chunk;
    const values: string[] = [];
    let start = 0;
    for (; this.#scanned < this.#pending.length; this.#scanned++) {
      if (!this.#ends(this.#pending[this.#scanned])) continue;
      values.push(this.#pending.slice(start, this.#scanned + 1));
      start = this.#scanned + 1;
    }
    this.#pending = this.#pending.slice(start);
    this.#scanned -= start;
    return values;
  }

  #ends(character: string): boolean {
    if (this.#escaped) this.#escaped = false;
    else if (this.#inText) {
      if (character === "\\") this.#escaped = true;
      else if (character === '"') this.#inText = false;
    } else if (character === '"') this.#inText = true;
    else if (character === "{" || character === "[") this.#depth++;
    else if (character === "}" || character === "]") return --this.#depth === 0;
    return false;
  }
}
