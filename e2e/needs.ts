import { execFileSync } from "node:child_process";

/**
 * The `skip` option for a test that needs a program of this machine: false where it is there, the reason
 * where it is not. With FRACTUS_REQUIRE_ALL=1, as the gate sets it, nothing is skipped and the test fails.
 */
export function needs(...programs: readonly string[]): string | false {
  if (process.env["FRACTUS_REQUIRE_ALL"] === "1") return false;
  const missing = programs.filter((program) => !isThere(program));
  return missing.length > 0 && `needs ${missing.join(", ")}, which this machine lacks`;
}

function isThere(program: string): boolean {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/**
 * The `skip` option for a test of a driver that needs root: false where this user may do it, the reason where not.
 * With FRACTUS_REQUIRE_ALL=1 nothing is skipped and the test fails.
 */
export function isAllowed(driver: string): string | false {
  if (process.env["FRACTUS_REQUIRE_ALL"] === "1" || process.getuid?.() === 0) return false;
  return `the driver ${driver} needs root`;
}
