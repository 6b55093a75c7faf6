// Our side of the one-thread rows, as a warm process like its peers: CPU time of a process in which nothing
// else happens. It reads the lines that peer.c reads and answers "<CPU milliseconds> <sum of counts>".
import { createInterface } from "node:readline";
import { gridOf } from "../src/counts.ts";
import { chunkRows, drawRows, layoutOf, writeTables } from "../src/draw.ts";
import { checkPicture } from "../src/limits.ts";
import { compileKernel, kernelOn, memoryOf } from "../src/wasm.ts";

const module = await compileKernel({ shared: true });
const drawings = new Map<string, () => string>();
console.log(`Node ${process.versions.node}`);
for await (const line of createInterface({ input: process.stdin })) {
  const draw = drawings.get(line) ?? drawing(line);
  drawings.set(line, draw);
  console.log(draw());
}

/** Draws as a thread of a pool does, in memory that stays. */
function drawing(line: string): () => string {
  const [kind, ...numbers] = line.split(" ");
  const [width, height, iterations, xa, xb, ya, yb, cx, cy] = numbers.map(Number);
  const picture = checkPicture({ kind, width, height, iterations, xa, xb, ya, yb, cx, cy });
  const layout = layoutOf(picture, { threads: 1 });
  const memory = memoryOf(layout.bytes, { shared: true });
  const kernel = kernelOn(module, memory);
  const { columns, rows } = gridOf(picture);
  return () => {
    const before = process.cpuUsage();
    writeTables(picture, layout, memory);
    let hint = 0;
    for (let from = 0; from < rows; from += chunkRows) {
      const to = Math.min(from + chunkRows, rows);
      hint = drawRows(kernel, picture, layout, { from, to, thread: 0, hint });
    }
    const { user, system } = process.cpuUsage(before);
    const counts = new Uint32Array(memory.buffer, layout.counts, columns * rows);
    return `${(user + system) / 1000} ${counts.reduce((total, count) => total + count, 0)}`;
  };
}
