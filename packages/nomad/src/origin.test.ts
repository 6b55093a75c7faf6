import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "@fractus/core/refusal.ts";
import { refuseForeignPage } from "./origin.ts";
import { smallJob, startWorld } from "./testing/world.ts";

/** A line: origin, host, the address it came in at, and whether it is let in. */
function check(line: string) {
  const [origin, host, localAddress, verdict] = line.split(/\s+/);
  const headers = { host, ...(origin !== "-" && { origin }) };
  const send = () => refuseForeignPage({ headers, localAddress }, ["https://cloud.example"]);
  if (verdict === "in") assert.doesNotThrow(send, line);
  else assert.throws(send, Refusal, line);
}

test("origin: programs and pages from here are let in", () => {
  check("- localhost:4646 127.0.0.1 in");
  check("- anything 127.0.0.1 in");
  check("http://localhost:4646 localhost:4646 127.0.0.1 in");
  check("http://127.0.0.1:4646 127.0.0.1:4646 ::ffff:127.0.0.1 in");
  check("http://[::1]:4646 [::1]:4646 ::1 in");
  check("http://box.lan:4646 box.lan:4646 192.168.1.5 in");
  check("https://cloud.example 127.0.0.1:4646 127.0.0.1 in");
});

test("origin: pages from elsewhere, and those that only pretend, are not", () => {
  check("https://evil.example localhost:4646 127.0.0.1 out");
  check("http://localhost:3000 localhost:4646 127.0.0.1 out");
  check("null localhost:4646 127.0.0.1 out");
  check("http://evil.example:4646 evil.example:4646 127.0.0.1 out");
  check("http://evil.example:4646 box.lan:4646 192.168.1.5 out");
});

test("origin: a foreign page cannot have a job run", async () => {
  const world = await startWorld();
  try {
    const answer = await world.app.inject({
      method: "POST",
      url: "/v1/jobs",
      headers: { origin: "https://evil.example", "content-type": "text/plain" },
      payload: JSON.stringify({ Job: smallJob("evil") }),
    });
    assert.deepEqual([answer.statusCode, world.control.state.jobs.size], [403, 0]);
  } finally {
    await world.close();
  }
});
