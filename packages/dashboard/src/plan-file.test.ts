import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "@fractus/client/client.ts";
import { jsonJob, planFile, runPlanned } from "./plan-file.ts";

/** A server that parses anything to one job, and notes what it is asked. */
function serverOf(job: object): { client: Client; asked: (readonly [string, unknown])[] } {
  const asked: (readonly [string, unknown])[] = [];
  const fetchWith: typeof fetch = (input, init) => {
    const path = (input as string).replace("http://x/v1", "");
    asked.push([path, JSON.parse(init?.body as string)]);
    const answer = path === "/jobs/parse" ? job : { JobModifyIndex: 12 };
    return Promise.resolve(new Response(JSON.stringify(answer)));
  };
  return { client: new Client({ address: "http://x", fetch: fetchWith }), asked };
}

test("run: a file is parsed, planned, and run only as it was planned", async () => {
  const { client, asked } = serverOf({ ID: "web", Namespace: "prod" });
  const planned = await planFile(client, { text: 'job "web" {}', variables: "a = 1" });
  assert.deepEqual(await runPlanned(client, planned), { id: "web", namespace: "prod" });
  assert.deepEqual(
    asked.map(([path]) => path),
    ["/jobs/parse", "/job/web/plan?namespace=prod", "/jobs?namespace=prod"],
  );
  const [, registered] = asked[2] as [string, Record<string, unknown>];
  assert.equal(registered["EnforceIndex"], true);
  assert.equal(registered["JobModifyIndex"], 12);
  assert.deepEqual(registered["Submission"], {
    Source: 'job "web" {}',
    Format: "hcl2",
    Variables: "a = 1",
  });
});

test("run: a job in the API's own JSON is not parsed by the server", () => {
  assert.equal(jsonJob('{"Job": {"ID": "web"}}')?.["ID"], "web");
  assert.equal(jsonJob(' {"ID": "web"}')?.["ID"], "web");
  assert.equal(jsonJob('{"job": {"web": {}}}'), undefined, "HCL has a JSON dialect of its own");
  assert.equal(jsonJob('job "web" {}'), undefined);
});
