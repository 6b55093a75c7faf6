import { readPicture } from "@fractals/kernel/png.ts";
import { createPool } from "@fractals/kernel/pool.ts";
import { availableParallelism } from "node:os";

/** Draws the picture of one of our PNGs again, on all cores, from the parameters inside the file. */
export async function redraw(png: Uint8Array): Promise<Buffer> {
  const picture = readPicture(png);
  const pool = createPool({ threads: availableParallelism() });
  try {
    return Buffer.from((await pool.render(picture)).png);
  } finally {
    await pool.close();
  }
}
