import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Backend } from "../front-door.ts";

export interface BackendProcess extends Backend {
  /** Resolves when the process is gone. */
  stop(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/** Resolves when the server listens. */
export async function startBackendProcess(id: string): Promise<BackendProcess> {
  const script = fileURLToPath(new URL("tiny-backend.ts", import.meta.url));
  const child = spawn(process.execPath, [script, id], { stdio: ["ignore", "pipe", "inherit"] });
  const gone = once(child, "exit");
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return {
    id,
    address: "127.0.0.1",
    port: Number(String(line)),
    isHealthy: true,
    async stop(signal) {
      child.kill(signal);
      await gone;
    },
  };
}
