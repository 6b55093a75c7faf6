/** A bar that is drawn over itself on a terminal, and written once per change elsewhere. */
export function progressBar(
  stream: NodeJS.WriteStream,
  total: number,
): { show(done: number): void; end(): void } {
  let last = -1;
  return {
    show(done) {
      if (done === last) return;
      last = done;
      const width = 30;
      const filled = Math.round((done / Math.max(total, 1)) * width);
      const bar = `${"█".repeat(filled)}${"░".repeat(width - filled)} ${done}/${total}`;
      stream.write(stream.isTTY ? `\r${bar}` : `${bar}\n`);
    },
    end() {
      if (stream.isTTY) stream.write("\n");
    },
  };
}
