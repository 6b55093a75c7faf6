import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../fractus-broker.ts", import.meta.url));

export interface BrokerProcess {
  readonly child: ChildProcess;
  readonly port: number;
  /** Everything it has said. */
  output(): string;
  /** Sends the signal and waits for the end; returns the exit code, or null after a signal. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export interface Finished {
  readonly code: number | null;
  readonly output: string;
}

/** The broker as a process of its own; resolves when it has printed its address. */
export async function startBrokerProcess(dataDirectory: string, port = 0): Promise<BrokerProcess> {
  const { child, said, gone } = launch(["--port", String(port), "--data", dataDirectory]);
  const address = await new Promise<string>((resolve, reject) => {
    const look = () => {
      const found = /^amqp:\/\/127\.0\.0\.1:(\d+)\/$/m.exec(said());
      if (found) resolve(found[1]);
    };
    child.stdout?.on("data", look);
    void gone.then((code) => reject(new Error(`the broker ended with ${code}: ${said()}`)));
  });
  return {
    child,
    port: Number(address),
    output: said,
    end: async (signal) => {
      child.kill(signal);
      return gone;
    },
  };
}

/** Runs the program until it ends by itself. */
export async function runBrokerProgram(args: readonly string[]): Promise<Finished> {
  const { said, gone } = launch(args);
  return { code: await gone, output: said() };
}

function launch(args: readonly string[]) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const gone = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, said: () => output, gone };
}
