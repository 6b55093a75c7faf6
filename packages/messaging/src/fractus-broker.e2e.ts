import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "amqplib";
import { runBrokerProgram, startBrokerProcess } from "./testing/broker-process.ts";
import { RawClient } from "./testing/raw-client.ts";

const home = mkdtempSync(join(tmpdir(), "fractus-program-"));
after(() => rmSync(home, { recursive: true }));

test("fractus-broker: a stop is told to clients, and durable messages are there again", async () => {
  const first = await startBrokerProcess(join(home, "a"));
  const connection = await connect(`amqp://guest:guest@localhost:${first.port}/`);
  const errors: string[] = [];
  connection.on("error", (error: Error) => errors.push(error.message));
  const closed = new Promise((resolve) => connection.once("close", resolve));
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue("kept", { durable: true });
  channel.sendToQueue("kept", Buffer.from("x"), { persistent: true });
  channel.sendToQueue("kept", Buffer.from("y"), { persistent: false });
  await channel.waitForConfirms();
  assert.equal(await first.end("SIGTERM"), 0);
  await closed;
  assert.match(errors.join(), /320.*CONNECTION_FORCED|^$/);

  const second = await startBrokerProcess(join(home, "a"));
  const client = await new RawClient(second.port).open();
  assert.equal(await client.ready("kept"), 1);
  client.destroy();
  assert.equal(await second.end("SIGINT"), 0);
});

test("fractus-broker: a taken port is named, and so is a taken data directory", async () => {
  const broker = await startBrokerProcess(join(home, "b"));
  const port = String(broker.port);
  const taken = await runBrokerProgram(["--port", port, "--data", join(home, "c")]);
  assert.equal(taken.code, 1);
  assert.match(taken.output, new RegExp(`port ${port} .* is taken`));
  const shared = await runBrokerProgram(["--port", "0", "--data", join(home, "b")]);
  assert.equal(shared.code, 1);
  assert.match(shared.output, /another broker uses/);
  await broker.end("SIGTERM");
});

test("fractus-broker: unknown flags and senseless ports are errors", async () => {
  for (const args of [["--nonsense"], ["--port", "many"], ["stray"]]) {
    const { code, output } = await runBrokerProgram(args);
    assert.equal(code, 1, args.join(" "));
    assert.match(output, /^fractus-broker: /m);
  }
});

test("fractus-broker: an idle broker with idle clients uses no processor time", async () => {
  const broker = await startBrokerProcess(join(home, "d"));
  const clients = await Promise.all([1, 2, 3].map(() => new RawClient(broker.port).open()));
  await sleep(300);
  const before = processorSeconds(broker.child.pid!);
  await sleep(2000);
  const used = processorSeconds(broker.child.pid!) - before;
  for (const client of clients) client.destroy();
  await broker.end("SIGTERM");
  assert.ok(used <= 0.01, `${used} s in 2 s`);
});

/** User and system time of a process so far, from /proc, in units of 10 ms. */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
