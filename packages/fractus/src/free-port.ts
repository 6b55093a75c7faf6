import { createServer } from "node:net";
import { Refusal } from "@fractus/core/refusal.ts";
import { holderOfPort } from "./process-table.ts";

/**
 * The wanted port where it is free, otherwise any free one, after saying who holds the wanted one.
 *
 * @param wanted 0 for any
 */
export async function freePort(
  { host, wanted, purpose }: { readonly host: string; readonly wanted: number; readonly purpose: string },
  warn: (message: string) => void,
): Promise<number> {
  try {
    return await tryPort(host, wanted);
  } catch (error) {
    const reason = codeOf(error);
    if (reason !== "EADDRINUSE" && reason !== "EACCES") {
      throw new Refusal(
        "invalid",
        `Cannot listen on ${host}: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
    const port = await tryPort(host, 0);
    const why =
      reason === "EACCES" ? "needs more rights" : `is taken by ${holderOfPort(wanted) ?? "someone"}`;
    warn(`Port ${wanted} ${why}; ${purpose} uses ${port} instead.`);
    return port;
  }
}

/** Whether somebody may listen there now. */
export async function isPortFree(host: string, port: number): Promise<boolean> {
  return tryPort(host, port).then(
    () => true,
    () => false,
  );
}

/** Listens for a moment; resolves with the port it got. */
function tryPort(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : port));
    });
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

/** The address at which this machine reaches what listens on `host`. */
export function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "127.0.0.1") return "localhost";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}
