import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { seededDice } from "@fractus/core/dice.ts";
import packet from "dns-packet";
import type { DecodedPacket, Packet, RecordType } from "dns-packet";
import { answerTo } from "./dns-answer.ts";
import type { DnsInstance } from "./dns-answer.ts";
import { startDns } from "./dns.ts";
import type { DnsServer } from "./dns.ts";

const many = Array.from({ length: 100 }, (_, i) => ({ address: `10.0.0.${i}`, port: 8000 + i }));
const services: Record<string, readonly DnsInstance[]> = {
  "web/": [
    { address: "127.0.0.1", port: 8080 },
    { address: "127.0.0.2", port: 8081 },
    { address: "::1", port: 8082 },
  ],
  "web/shop": [{ address: "127.0.0.3", port: 80 }],
  "ailing/": [],
  "portless/": [{ address: "127.0.0.1", port: 0 }],
  "many/": many,
};
const lookup = (name: string, project = "") => services[`${name}/${project}`];

function exchange(question: Packet, transport: "udp" | "tcp" = "udp"): DecodedPacket {
  const reply = answerTo(packet.encode(question), { lookup, dice: seededDice(1), transport });
  assert.ok(reply);
  return packet.decode(reply);
}

function query(name: string, type: RecordType, more: Partial<Packet> = {}): Packet {
  return { type: "query", id: 7, flags: packet.RECURSION_DESIRED, questions: [{ name, type }], ...more };
}

/** `NOERROR 127.0.0.1 …`, sorted. */
function check(name: string, type: RecordType, expected: string): void {
  const reply = exchange(query(name, type));
  const words = (reply.answers ?? []).map((answer) => {
    if (answer.type === "SRV") return `${answer.data.target}:${answer.data.port}`;
    return answer.type === "A" || answer.type === "AAAA" ? answer.data : answer.type;
  });
  // The types of dns-packet know no rcode, its decoder does.
  const { rcode } = reply as DecodedPacket & { readonly rcode: string };
  assert.equal([rcode, ...words.sort()].join(" "), expected, `${name} ${type}`);
  assert.equal(reply.id, 7);
  assert.equal(reply.questions?.[0].name, name);
  assert.equal(reply.flag_aa, rcode !== "REFUSED");
  if (words.length === 0 && rcode !== "REFUSED") assert.equal(reply.authorities?.[0].type, "SOA");
}

test("dns: addresses of a service, in a project or not", () => {
  check("web.service.fractus", "A", "NOERROR 127.0.0.1 127.0.0.2");
  check("WEB.Service.Fractus", "A", "NOERROR 127.0.0.1 127.0.0.2");
  check("web.service.fractus", "AAAA", "NOERROR ::1");
  check("web.shop.service.fractus", "A", "NOERROR 127.0.0.3");
});

test("dns: SRV has the port, and a target whose address comes along", () => {
  const targets = "--1-6.addr.fractus:8082 7f000001.addr.fractus:8080 7f000002.addr.fractus:8081";
  check("web.service.fractus", "SRV", `NOERROR ${targets}`);
  check("7f000002.addr.fractus", "A", "NOERROR 127.0.0.2");
  check("--1-6.addr.fractus", "AAAA", "NOERROR ::1");
  check("portless.service.fractus", "SRV", "NOERROR");
  const { additionals = [] } = exchange(query("web.shop.service.fractus", "SRV"));
  assert.deepEqual(
    additionals.map((record) => [record.type, record.name, "data" in record && record.data]),
    [["A", "7f000003.addr.fractus", "127.0.0.3"]],
  );
});

test("dns: what does not exist, what exists and is empty, and what is none of our business", () => {
  check("nope.service.fractus", "A", "NXDOMAIN");
  check("web.nope.service.fractus", "A", "NXDOMAIN");
  check("a.b.c.service.fractus", "A", "NXDOMAIN");
  check("zz.addr.fractus", "A", "NXDOMAIN");
  check("ailing.service.fractus", "A", "NOERROR");
  check("web.service.fractus", "TXT", "NOERROR");
  check("service.fractus", "A", "NOERROR");
  check("service.fractus", "SOA", "NOERROR SOA");
  check("example.org", "A", "REFUSED");
  check("fractus", "A", "REFUSED");
  check("service.fractus.example.org", "A", "REFUSED");
  check("xservice.fractus", "A", "REFUSED");
});

test("dns: the order is left to the dice, and nothing may be kept", () => {
  const dice = seededDice(3);
  const firsts = new Set<string>();
  for (let i = 0; i < 50; i++) {
    const reply = answerTo(packet.encode(query("web.service.fractus", "A")), {
      lookup,
      dice,
      transport: "udp",
    });
    const [first] = packet.decode(reply ?? Buffer.alloc(0)).answers ?? [];
    assert.ok(first.type === "A" && first.ttl === 0);
    firsts.add(first.data);
  }
  assert.deepEqual([...firsts].sort(), ["127.0.0.1", "127.0.0.2"]);
});

test("dns: what is too long for a datagram is truncated, to the size the client can take", () => {
  const plain = exchange(query("many.service.fractus", "A"));
  assert.deepEqual([plain.flag_tc, plain.answers?.length], [true, 0]);
  assert.equal(exchange(query("many.service.fractus", "A"), "tcp").answers?.length, 100);
  const opt = {
    type: "OPT" as const,
    name: ".",
    udpPayloadSize: 4096,
    flags: 0,
    flag_do: false,
    ednsVersion: 0,
    extendedRcode: 0,
    options: [],
  };
  const few = exchange(query("web.service.fractus", "SRV", { additionals: [opt] }));
  assert.equal(few.flag_tc, false);
  assert.ok(few.additionals?.some(({ type }) => type === "OPT"));
  assert.equal(exchange(query("many.service.fractus", "A", { additionals: [opt] })).flag_tc, true);
});

test("dns: messages that are no questions", () => {
  const code = (message: Buffer) =>
    answerTo(message, { lookup, dice: seededDice(1), transport: "udp" })?.at(3);
  const good = packet.encode(query("web.service.fractus", "A"));
  assert.equal(code(Buffer.alloc(0)), undefined);
  assert.equal(code(good.subarray(0, 11)), undefined);
  assert.equal(code(good.subarray(0, 20)), 1);
  assert.equal(code(packet.encode({ ...query("a", "A"), questions: [] })), 1);
  assert.equal(code(packet.encode({ ...query("a", "A"), type: "response" })), undefined);
  const status = Buffer.from(good);
  status[2] |= 0x10;
  assert.equal(code(status), 4);
  const dotted = "0007010000010000000000000377652e07736572766963650766726163747573005b210001";
  assert.equal(code(Buffer.from(dotted, "hex")), 1);
  const chaos = packet.encode({
    type: "query",
    questions: [{ name: "web.service.fractus", type: "A", class: "CH" }],
  });
  assert.equal((code(chaos) ?? 0) & 15, 5);
});

test("dns: six thousand damaged messages crash nothing", () => {
  const seed = 11;
  const dice = seededDice(seed);
  const good = packet.encode(query("web.service.fractus", "SRV"));
  for (let round = 0; round < 6000; round++) {
    const damaged = Buffer.from(good.subarray(0, Math.floor(dice.roll() * (good.length + 1))));
    for (let flips = dice.roll() * 6; flips > 0 && damaged.length > 0; flips--) {
      damaged[Math.floor(dice.roll() * damaged.length)] = Math.floor(dice.roll() * 256);
    }
    const reply = answerTo(damaged, { lookup, dice, transport: "udp" });
    if (reply)
      assert.doesNotThrow(
        () => packet.decode(reply),
        `seed ${seed}, round ${round}: ${damaged.toString("hex")}`,
      );
  }
});

async function withServer(use: (server: DnsServer) => Promise<void>): Promise<void> {
  const server = await startDns({ address: "127.0.0.1", port: 0, lookup, log: () => {} });
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

test("dns: the resolver of Node, which is c-ares, finds services", async () => {
  await withServer(async ({ port }) => {
    const resolver = new Resolver({ timeout: 2000, tries: 1 });
    resolver.setServers([`127.0.0.1:${port}`]);
    assert.deepEqual((await resolver.resolve4("web.service.fractus")).sort(), ["127.0.0.1", "127.0.0.2"]);
    assert.deepEqual(await resolver.resolve4("web.shop.service.fractus", { ttl: true }), [
      { address: "127.0.0.3", ttl: 0 },
    ]);
    assert.deepEqual(await resolver.resolveSrv("web.shop.service.fractus"), [
      { name: "7f000003.addr.fractus", port: 80, priority: 1, weight: 1, type: "SRV" },
    ]);
    assert.equal((await resolver.resolve4("many.service.fractus")).length, 100);
    await assert.rejects(resolver.resolve4("nope.service.fractus"), { code: "ENOTFOUND" });
    await assert.rejects(resolver.resolve4("ailing.service.fractus"), { code: "ENODATA" });
    await assert.rejects(resolver.resolve4("example.org"), { code: "EREFUSED" });
  });
});

test("dns: one TCP connection carries many questions, in whatever pieces", async () => {
  await withServer(async ({ port }) => {
    const socket = connect(port, "127.0.0.1");
    const question = packet.streamEncode(query("web.shop.service.fractus", "A"));
    const bytes = Buffer.concat([question, question]);
    socket.write(bytes.subarray(0, 1));
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.write(bytes.subarray(1));
    let received = Buffer.alloc(0);
    const expected = 2 * (packet.encode(exchange(query("web.shop.service.fractus", "A"), "tcp")).length + 2);
    while (received.length < expected)
      received = Buffer.concat([received, ...((await once(socket, "data")) as Buffer[])]);
    assert.equal(packet.streamDecode(received).answers?.length, 1);
    socket.write(Buffer.from([0xff, 0xff, 0]));
    await once(socket, "close");
  });
});

test("dns: a taken port is a refusal that names its holder, and noise does not stop the server", async () => {
  await withServer(async ({ port }) => {
    const second = startDns({ address: "127.0.0.1", port, lookup, log: () => {} });
    await assert.rejects(second, {
      name: "Refusal",
      kind: "conflict",
      message: new RegExp(`udp port ${port}: .*has it`),
    });
    const noise = createSocket("udp4");
    for (const text of ["", "x", "x".repeat(600)]) noise.send(text, port, "127.0.0.1");
    noise.send(packet.encode(query("web.service.fractus", "A")), port, "127.0.0.1");
    for (;;) {
      const [reply] = (await once(noise, "message")) as [Buffer];
      if (reply.readUInt16BE(0) === 7) break;
    }
    noise.close();
  });
});
