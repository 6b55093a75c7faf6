import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cliProgram } from "./fractals-job.ts";

/** On the first run in a data directory, requests some fractals by the application's own command. */
export async function firstFractals(dataDirectory: string, endpoint: string): Promise<void> {
  const mark = join(dataDirectory, "demo-requested");
  if (existsSync(mark)) return;
  const child = spawn(process.execPath, [cliProgram, "--endpoint-url", endpoint, "demo"], {
    stdio: "ignore",
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code === 0) writeFileSync(mark, "");
}
