/**
 * The slow half of the gate: tests that start processes, servers and browsers (`*.e2e.ts`).
 * A test that needs something this machine lacks skips itself with a reason; where
 * FRACTUS_REQUIRE_ALL=1 is set, such a skip is a failure (see e2e/needs.ts).
 */
import { spawnSync } from "node:child_process";

const files = process.argv.slice(2);
const globs = ["packages/*/src/**/*.e2e.ts", "apps/fractals/*/src/**/*.e2e.ts", "e2e/**/*.e2e.ts"];
const { status } = spawnSync(
  "node",
  ["--test", "--test-concurrency=1", ...(files.length > 0 ? files : globs)],
  {
    stdio: "inherit",
  },
);
process.exitCode = status ?? 1;
