import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { freePort } from "./free-port.ts";

test("free port: a taken one is named with its holder, and another is used", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const said: string[] = [];
  const found = await freePort({ host: "127.0.0.1", wanted: port, purpose: "the test" }, (line) =>
    said.push(line),
  );
  await new Promise((resolve) => server.close(resolve));
  assert.notEqual(found, port);
  assert.match(
    said.join(),
    new RegExp(`Port ${port} is taken by process ${process.pid} \\(.*; the test uses ${found} instead`),
  );
});

test("free port: a free one is used in silence", async () => {
  const found = await freePort({ host: "127.0.0.1", wanted: 0, purpose: "the test" }, assert.fail);
  assert.ok(found > 0);
});
