import { Agent, request as httpRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

export interface Load {
  /** Sent so far. */
  sent(): number;
  /** What went wrong, in words; empty when nothing did. */
  readonly failed: string[];
  /** Answers by their text. */
  readonly answers: Map<string, number>;
  /** Sends no more and resolves when all is answered. */
  stop(): Promise<void>;
}

/**
 * Requests at a steady rate, whether or not the ones before are answered, over connections that are kept.
 *
 * @param method of the nth request
 */
export function startLoad(url: string, perSecond: number, method: (n: number) => "GET" | "POST"): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const failed: string[] = [];
  const answers = new Map<string, number>();
  const open = new Set<Promise<void>>();
  let sent = 0;
  let isStopped = false;
  const send = () => {
    const one = ask(url, agent, method(sent++)).then(
      (text) => void answers.set(text, (answers.get(text) ?? 0) + 1),
      (error: unknown) => void failed.push(String(error)),
    );
    open.add(one);
    void one.then(() => open.delete(one));
  };
  const beat = async () => {
    const startedMs = performance.now();
    while (!isStopped) {
      const due = ((performance.now() - startedMs) / 1000) * perSecond;
      while (sent < due) send();
      await sleep(2);
    }
    await Promise.all(open);
    agent.destroy();
  };
  const done = beat();
  return {
    sent: () => sent,
    failed,
    answers,
    stop() {
      isStopped = true;
      return done;
    },
  };
}

function ask(url: string, agent: Agent, method: "GET" | "POST"): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { agent, method }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += String(chunk)));
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${method} ${response.statusCode}: ${text}`));
      });
    });
    request.on("error", reject);
    request.end(method === "POST" ? "x".repeat(1000) : undefined);
  });
}
