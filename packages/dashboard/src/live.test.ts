import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "@fractus/client/client.ts";
import { Live, type Change } from "./live.ts";

/** A server of which each element answers one request: a status, or lines of a stream that then breaks. */
function serverOf(answers: readonly (number | string | Error)[]): { live: Live; asked: string[] } {
  const asked: string[] = [];
  const fetchWith: typeof fetch = (input, init) => {
    const signal = init?.signal;
    asked.push((input as string).replace(/^http:\/\/x\/v1/, ""));
    const answer = answers[asked.length - 1];
    if (answer === undefined)
      return new Promise((_resolve, reject) =>
        signal?.addEventListener("abort", () => reject(new Error("aborted"))),
      );
    if (answer instanceof Error) return Promise.reject(answer);
    if (typeof answer === "string") return Promise.resolve(new Response(answer));
    const headers = { "X-Nomad-Index": "7" };
    return Promise.resolve(new Response('"x:1"', { status: answer, headers }));
  };
  return { live: new Live(new Client({ address: "http://x", fetch: fetchWith })), asked };
}

async function until(check: () => boolean): Promise<void> {
  for (let left = 400; !check(); left--) {
    assert.ok(left > 0, "it never came to that");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const event = `${JSON.stringify({ Index: 8, Events: [{ Topic: "Job" }, { Topic: "Allocation" }] })}\n`;

test("live: it asks from where the server is, and tells the topics of what comes", async () => {
  const { live, asked } = serverOf([200, `{}\n${event}`]);
  const changes: Change[] = [];
  live.onChange((change) => changes.push(change));
  live.start();
  await until(() => changes.length >= 2);
  live.stop();
  assert.deepEqual(changes.slice(0, 2), ["everything", new Set(["Job", "Allocation"])]);
  assert.deepEqual(asked.slice(0, 2), ["/status/leader", "/event/stream?namespace=*&index=8"]);
});

test("live: a server that goes away is lost, and everything has changed when it is back", async () => {
  const { live } = serverOf([200, new Error("refused"), new Error("refused"), 200]);
  const states: string[] = [];
  let everything = 0;
  live.subscribe(() => states.push(live.connection()));
  live.onChange((change) => (everything += change === "everything" ? 1 : 0));
  live.start();
  await until(() => states.length >= 3);
  live.stop();
  assert.deepEqual(states, ["live", "lost", "live"]);
  assert.equal(everything, 2);
});

test("live: a server that wants a token is not taken for one that is away", async () => {
  const { live } = serverOf([403]);
  live.start();
  await until(() => live.connection() === "denied");
  live.stop();
});
