/** Whether a test that cannot run here is an error. */
export function isAllRequired(): boolean {
  return process.env.FRACTUS_REQUIRE_ALL === "1";
}

/** The environment a child process gets, with additions. */
export function environmentWith(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...more };
}
