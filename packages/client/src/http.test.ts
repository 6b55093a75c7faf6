import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "./client.ts";
import { ApiError } from "./error.ts";
import type { AnswerHeaders, ClientOptions } from "./http.ts";

interface Sent {
  readonly line: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A client whose requests are kept, and answered by a literal. */
function clientWith(answer: () => Response, options: Partial<ClientOptions> = {}) {
  const sent: Sent[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    request.signal.throwIfAborted();
    const { pathname, search } = new URL(request.url);
    sent.push({
      line: `${request.method} ${pathname}${search}`,
      headers: request.headers,
      body: await request.text(),
    });
    return answer();
  };
  return { client: new Client({ address: "http://there:4646/", fetch, ...options }), sent };
}

test("http: namespace, region and token go with every request; a query's namespace counts more", async () => {
  const options = { token: "t", namespace: "web", region: "eu" };
  const { client, sent } = clientWith(() => Response.json([]), options);
  await client.jobs.list({ prefix: "a b" });
  await client.jobs.get("a/b", { namespace: "other" });
  assert.deepEqual(
    sent.map(({ line }) => line),
    ["GET /v1/jobs?namespace=web&region=eu&prefix=a+b", "GET /v1/job/a%2Fb?namespace=other&region=eu"],
  );
  assert.equal(sent[0].headers.get("X-Nomad-Token"), "t");
});

test("http: a blocking query sends its index; the answer's headers are told", async () => {
  const headers = { "X-Nomad-Index": "42", "X-Nomad-Nexttoken": "next" };
  const { client, sent } = clientWith(() => Response.json([], { headers }));
  let told: AnswerHeaders | undefined;
  await client.nodes.list({ index: 41, wait: "5m", perPage: 2, onAnswer: (answer) => (told = answer) });
  assert.equal(sent[0].line, "GET /v1/nodes?per_page=2&index=41&wait=5m");
  assert.deepEqual(told, { index: 42, nextToken: "next" });
});

test("http: a refusal is an error with the status and the server's words", async () => {
  const { client } = clientWith(() => new Response("Permission denied\n", { status: 403 }));
  await assert.rejects(client.jobs.list(), (error) => {
    assert.ok(error instanceof ApiError);
    assert.deepEqual(
      [error.status, error.message, error.request, error.address],
      [403, "Permission denied", "GET /v1/jobs", "http://there:4646/"],
    );
    return true;
  });
});

test("http: no answer at all has status 0 and the reason", async () => {
  const fetch = () => Promise.reject(new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") }));
  const client = new Client({ address: "http://there", fetch });
  await assert.rejects(client.jobs.list(), { status: 0, message: "ECONNREFUSED" });
});

test("http: an aborted request is the signal's own error", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(clientWith(() => Response.json([])).client.jobs.list({ signal }), /enough/);
});

test("jobs: registering sends the submission, and the index only if asked", async () => {
  const { client, sent } = clientWith(() => Response.json({ EvalID: "e" }));
  await client.jobs.register({ ID: "a" }, { checkIndex: 0, submission: { Source: "s", Format: "hcl2" } });
  await client.jobs.register({ ID: "a" });
  assert.deepEqual(JSON.parse(sent[0].body), {
    Job: { ID: "a" },
    EnforceIndex: true,
    JobModifyIndex: 0,
    Submission: { Source: "s", Format: "hcl2" },
  });
  assert.deepEqual(JSON.parse(sent[1].body), { Job: { ID: "a" } });
});

test("variables: the slashes of a path stay", async () => {
  const { client, sent } = clientWith(() => Response.json({}));
  await client.variables.put("nomad/jobs/a b", { k: "v" }, { checkIndex: 0 });
  assert.equal(sent[0].line, "PUT /v1/var/nomad/jobs/a%20b?cas=0");
});
