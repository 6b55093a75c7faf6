import { pack } from "tar-stream";
import type { Header } from "tar-stream";

export interface TarEntry {
  readonly name: string;
  readonly type?: Header["type"];
  readonly linkname?: string;
  readonly mode?: number;
  readonly text?: string | Buffer;
}

/** An archive with these entries in this order, whatever they are. */
export async function tarOf(entries: readonly TarEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const { name, type = "file", linkname, mode = 0o755, text } of entries)
    archive.entry(
      { name, type, mode, ...(linkname !== undefined && { linkname }), uid: 0, gid: 0 },
      text ?? "",
    );
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
