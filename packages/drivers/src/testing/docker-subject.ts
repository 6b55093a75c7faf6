import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dockerDriver } from "../docker/docker.ts";
import type { Driver } from "../driver.ts";

/** Where the images of a test process are kept; a child of it finds them by its parent. */
export function imageDirectory(): string {
  const own = join(tmpdir(), `fractus-images-${process.pid}`);
  const parents = join(tmpdir(), `fractus-images-${process.ppid}`);
  return !existsSync(own) && existsSync(parents) ? parents : own;
}

/** The driver with the suite's image in every task that names none; it has been pulled before. */
export function dockerWithImage(): Driver {
  const driver = dockerDriver({ directory: imageDirectory(), retryMs: 5 });
  return {
    ...driver,
    start: (spec) => driver.start({ ...spec, config: { image: "fractus.test/system:1", ...spec.config } }),
  };
}
