import { ApiError } from "@fractals/client/client.ts";
import { commandLine } from "./program.ts";

/** Runs one command; resolves with the exit code. What the person can mend is said in one line. */
export async function main(name: string, argv: readonly string[]): Promise<number> {
  const program = commandLine(name);
  try {
    await program.parseAsync([...argv], { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    process.stderr.write(`${name}: ${explain(error, String(program.opts()["endpointUrl"]))}\n`);
    return 1;
  }
}

function explain(error: unknown, endpointUrl: string): string {
  if (error instanceof ApiError) return error.message;
  if (error instanceof TypeError && error.cause instanceof Error) {
    return `the API at ${endpointUrl} cannot be reached (${error.cause.message || "connection refused"}). Is it running there? --endpoint-url and $FAAFO_ENDPOINT_URL say where it is.`;
  }
  return error instanceof Error ? error.message : String(error);
}
