/** A real cloud with a node of its own and two agents that have joined it, each a process that can be killed. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Client } from "@fractus/client/client.ts";
import { processesOf } from "./processes.ts";

const program = fileURLToPath(new URL("../../packages/fractus/src/fractus.ts", import.meta.url));

/** The cloud's own node first. Each has so little memory that now and then there is no room. */
export const nodeNames = ["near", "far-0", "far-1"] as const;
const memoryMb = 400;

const startLimitMs = 30_000;

export class Machines {
  readonly folder = mkdtempSync(join(tmpdir(), "torture-"));
  readonly #running = new Map<string, ChildProcess>();
  #joinPort = 0;
  #token = "";
  #client: Client | undefined;
  #kills = 0;
  #output = "";

  /** Grows with every death of the cloud: a request during which it has not grown must have an answer. */
  get kills(): number {
    return this.#kills;
  }

  /** Where a node's data is. */
  directoryOf(node: string): string {
    return join(this.folder, node);
  }

  async startAll(): Promise<void> {
    await this.start("near");
    const { stdout } = fractus("token", "--data", this.directoryOf("near"));
    this.#token = stdout.trim();
    for (const name of nodeNames.slice(1)) await this.start(name);
  }

  /** The cloud has answered when this resolves; an agent may not have joined yet. */
  async start(node: string): Promise<void> {
    if (node === "near") await this.#startCloud();
    else this.launch(node);
  }

  /** Starts a process, which Ctrl-C does not meet, and does not wait for anything. */
  launch(node: string): ChildProcess {
    const data = ["--data", this.directoryOf(node), "--config", this.#configure(node)];
    const words =
      node === "near"
        ? ["up", ...data, "--no-fractals", ...ports(this.#joinPort)]
        : ["agent", "--join", `https://127.0.0.1:${this.#joinPort}`, "--token", this.#token, ...data];
    const child = spawn(process.execPath, [program, ...words], {
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#output = node === "near" ? "" : this.#output;
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => (this.#output += node === "near" ? String(chunk) : ""));
    this.#running.set(node, child);
    return child;
  }

  /** As `kill -9` does. */
  async kill(node: string): Promise<void> {
    const child = this.#running.get(node);
    if (!child) return;
    this.#running.delete(node);
    if (node === "near") {
      this.#client = undefined;
      this.#kills++;
    }
    child.kill("SIGKILL");
    await ended(child);
  }

  /** It neither computes nor answers for a time. */
  async suspend(node: string, forMs: number): Promise<void> {
    this.#running.get(node)?.kill("SIGSTOP");
    await sleep(forMs);
    this.#running.get(node)?.kill("SIGCONT");
  }

  /** A client of the cloud; while it is down, people wait. */
  async client(): Promise<Client> {
    const until = Date.now() + startLimitMs;
    while (!this.#client) {
      if (Date.now() > until) throw new Error(`The cloud is not there after ${startLimitMs / 1000} s.`);
      await sleep(10);
    }
    return this.#client;
  }

  /** `fractus down` on the running cloud and on what killed agents have left; says in words what is left after it. */
  async down(): Promise<string[]> {
    for (const name of nodeNames.slice(1)) await this.kill(name);
    const wrong: string[] = [];
    for (const name of nodeNames) {
      const { status, stderr } = fractus("down", "--data", this.directoryOf(name));
      if (status !== 0) wrong.push(`"fractus down" of ${name} ends with ${status}: ${stderr}`);
    }
    const cloud = this.#running.get("near");
    if (cloud) await Promise.race([ended(cloud), sleep(5000, undefined, { ref: false })]);
    const left = processesOf(this.folder);
    await this.kill("near");
    return [...wrong, ...left.map((words) => `"fractus down" has left a process: ${words}`)];
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #startCloud(): Promise<void> {
    const child = this.launch("near");
    const until = Date.now() + startLimitMs;
    while (!this.#output.includes("Ctrl-C stops everything")) {
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > until)
        throw new Error(`The cloud did not start:\n${this.#output}`);
      await sleep(10);
    }
    const address = /cloud +(\S+?)\/ /.exec(this.#output)![1];
    this.#joinPort = Number(/join +https:\S+:(\d+)/.exec(this.#output)![1]);
    this.#client = new Client({ address });
  }

  #configure(node: string): string {
    const file = join(this.folder, `${node}.hcl`);
    mkdirSync(this.directoryOf(node), { recursive: true });
    writeFileSync(file, `node "${node}" {\n  memory = ${memoryMb}\n}\n`);
    return file;
  }
}

/** The join port stays what it was, so that agents find the cloud again. */
function ports(joinPort: number): string[] {
  return ["--http-port", "0", "--dns-port", "0", "--join-port", String(joinPort)];
}

function fractus(...words: readonly string[]) {
  return spawnSync(process.execPath, [program, ...words], { encoding: "utf8", timeout: 90_000 });
}

function ended(child: ChildProcess): Promise<void> {
  return child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once("exit", () => resolve()));
}
