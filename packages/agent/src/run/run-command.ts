import type { Clock } from "@fractus/core/clock.ts";
import type { ExecSession } from "@fractus/drivers/driver.ts";

const keptBytes = 4096;

/** Runs a command to its end, or to the end of its time, when it is killed and has failed. Keeps the end of its output. */
export async function runCommand(
  open: () => Promise<ExecSession>,
  { timeoutMs, clock }: { readonly timeoutMs: number; readonly clock: Clock },
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const session = await open();
  session.stdin.on("error", () => undefined).end();
  let output = Buffer.alloc(0);
  const keep = (data: Buffer) => {
    output = Buffer.concat([output, data]).subarray(-keptBytes);
  };
  session.stdout.on("data", keep);
  session.stderr.on("data", keep);
  const over = new AbortController();
  let isLate = false;
  const limit = clock.sleep(timeoutMs, over.signal).then(
    () => {
      isLate = true;
      session.kill();
    },
    () => undefined,
  );
  const { exitCode } = await session.exit;
  over.abort();
  await limit;
  if (isLate) return { exitCode: -1, output: `It did not end within ${timeoutMs} ms.` };
  return { exitCode, output: output.toString() };
}
