import { extract } from "tar-stream";
import type { Header } from "tar-stream";

/** Calls for each entry of a tar, one after the other; what is not read of an entry is skipped. Rejects if the archive is damaged. */
export async function eachEntry(
  archive: AsyncIterable<Buffer>,
  take: (header: Header, body: AsyncIterable<Buffer>) => Promise<void>,
): Promise<void> {
  const entries = extract();
  const fed = feed(archive, entries).catch((error: unknown) => entries.destroy(error as Error));
  try {
    for await (const item of entries) {
      // For one kind of damage the size is null, and the entry would never end.
      if (!Number.isSafeInteger(item.header.size)) throw new Error("an entry has no size");
      await take(item.header, item as unknown as AsyncIterable<Buffer>);
      item.resume();
    }
  } finally {
    entries.destroy();
    await fed;
  }
}

/** Until there is no more, or nobody takes it any longer. */
async function feed(archive: AsyncIterable<Buffer>, entries: ReturnType<typeof extract>): Promise<void> {
  let goOn = () => undefined as void;
  entries.on("drain", () => goOn());
  entries.on("close", () => goOn());
  for await (const part of archive) {
    if (entries.destroyed) return;
    if (!entries.write(part)) await new Promise<void>((resolve) => (goOn = resolve));
  }
  entries.end(undefined);
}
