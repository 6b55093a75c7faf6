/** Whether a test that needs what this machine lacks fails instead of being skipped. */
export function isAllRequired(): boolean {
  return process.env.FRACTUS_REQUIRE_ALL === "1";
}

/** The reason to skip a test, or false; an error where nothing may be skipped. */
export function skipUnless(isThere: boolean, what: string): string | false {
  if (isThere) return false;
  if (isAllRequired()) throw new Error(`${what} is required and not there`);
  return `${what} is not there`;
}
