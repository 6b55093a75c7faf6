import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A warm process that answers each line with a line. */
export interface Peer {
  /** What it says of itself in its first line. */
  readonly name: string;
  ask(line: string): Promise<string[]>;
  close(): void;
}

/** Starts our own kernel, one thread. */
export async function startOurs(): Promise<Peer> {
  return start(process.execPath, [fileURLToPath(new URL("ours.ts", import.meta.url))]);
}

/** Compiles and starts `peer.c`, or says why not. */
export async function startC(): Promise<Peer | string> {
  const folder = mkdtempSync(join(tmpdir(), "fractals-bench-"));
  const program = join(folder, "peer");
  const source = fileURLToPath(new URL("peer.c", import.meta.url));
  try {
    execFileSync("gcc", ["-O3", "-march=native", "-ffp-contract=off", "-o", program, source], {
      stdio: ["ignore", "ignore", "pipe"],
    });
  } catch (error) {
    rmSync(folder, { recursive: true });
    return `no C peer: ${(error as Error).message.split("\n")[0]}`;
  }
  const peer = await start(program, []);
  rmSync(folder, { recursive: true });
  return peer;
}

/** Starts `peer.py` with a Python that has Pillow, or with any, or says why not. */
export async function startPython(): Promise<Peer | string> {
  const script = fileURLToPath(new URL("peer.py", import.meta.url));
  const pythons = ["python3", "/usr/bin/python3"];
  const chosen =
    pythons.find((python) => runs(python, "import PIL")) ?? pythons.find((python) => runs(python, ""));
  return chosen === undefined ? "no Python peer: python3 is missing" : start(chosen, [script]);
}

function runs(python: string, program: string): boolean {
  try {
    execFileSync(python, ["-c", program], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function start(file: string, args: readonly string[]): Promise<Peer> {
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${file} ended.`);
    return value;
  };
  return {
    name: await next(),
    async ask(line) {
      child.stdin.write(`${line}\n`);
      return (await next()).split(" ");
    },
    close: () => child.stdin.end(),
  };
}
