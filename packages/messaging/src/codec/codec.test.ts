import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../fault.ts";
import {
  decodeTable,
  emptyTable,
  encodeTable,
  integerOf,
  sameField,
  tableOf,
  textOf,
} from "./field-table.ts";
import type { Field, FieldTable } from "./field-table.ts";
import { decodeMethod, encodeMethod } from "./method.ts";
import { methods } from "./methods.ts";
import type { MethodName } from "./methods.ts";
import { decodeProperties, encodeProperties } from "./properties.ts";

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(" ", ""), "hex");
}

const everyField: FieldTable = new Map<string, Field>([
  ["t", { tag: "t", value: true }],
  ["b", { tag: "b", value: -128 }],
  ["B", { tag: "B", value: 255 }],
  ["s", { tag: "s", value: -32_768 }],
  ["u", { tag: "u", value: 65_535 }],
  ["I", { tag: "I", value: -2_147_483_648 }],
  ["i", { tag: "i", value: 4_294_967_295 }],
  ["l", { tag: "l", value: -(2n ** 63n) }],
  ["T", { tag: "T", value: 1_700_000_000n }],
  ["f", { tag: "f", value: 0.5 }],
  ["d", { tag: "d", value: Math.PI }],
  ["D", { tag: "D", value: { scale: 2, digits: -314 } }],
  ["S", { tag: "S", value: Buffer.of(0xff, 0x00, 0x80) }],
  ["x", { tag: "x", value: Buffer.of(1, 2, 3) }],
  [
    "A",
    {
      tag: "A",
      value: [
        { tag: "V", value: undefined },
        { tag: "t", value: false },
      ],
    },
  ],
  ["F", { tag: "F", value: tableOf({ deep: tableOf({ deeper: "still" }) }) }],
  ["V", { tag: "V", value: undefined }],
]);

test("field table: every type of RabbitMQ's list comes back as it went", () => {
  assert.deepEqual(decodeTable(encodeTable(everyField)), everyField);
  assert.deepEqual(decodeTable(encodeTable(emptyTable)), emptyTable);
});

test("field table: known bytes read as the errata say", () => {
  const bytes = hex("0000000e 0161 5300000003616263 0162 74 01");
  const table = decodeTable(bytes);
  assert.equal(textOf(table.get("a")), "abc");
  assert.deepEqual(table.get("b"), { tag: "t", value: true });
});

test("field table: whole numbers of different widths are the same number", () => {
  assert.ok(sameField({ tag: "b", value: 7 }, { tag: "l", value: 7n }));
  assert.ok(!sameField({ tag: "b", value: 7 }, { tag: "S", value: Buffer.from("7") }));
  assert.equal(integerOf({ tag: "u", value: 9 }), 9);
});

test("field table: truncated, overlong and bottomless tables are syntax errors", () => {
  const whole = encodeTable(everyField);
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => decodeTable(whole.subarray(0, length)), Fault, `cut at ${length}`);
  }
  const unknown = hex("000000030161ff");
  assert.throws(() => decodeTable(unknown), { kind: "syntax-error" });
  let nested = hex("00000000");
  for (let depth = 0; depth < 100; depth++) {
    const head = Buffer.alloc(7);
    head.writeUInt32BE(3 + nested.length);
    head.write("\x01aF", 4, "latin1");
    nested = Buffer.concat([head, nested]);
  }
  assert.throws(() => decodeTable(nested), { kind: "syntax-error" });
});

const sample = {
  octet: 200,
  short: 60_000,
  long: 4_000_000_000,
  longlong: 9_007_199_254_740_991,
  bit: true,
  shortstr: "grüße",
  longstr: Buffer.from("long"),
  table: tableOf({ a: 1, b: "two", c: false }),
};

test("methods: every method of the table comes back as it went", () => {
  for (const [name, [, , fields]] of Object.entries(methods)) {
    const args = Object.fromEntries(Object.entries(fields).map(([field, type]) => [field, sample[type]]));
    const method = decodeMethod(encodeMethod(name as MethodName, args as never));
    assert.equal(method.name, name);
    assert.deepEqual({ ...method.args }, args, name);
  }
});

test("methods: neighbouring bits share an octet, from the lowest up", () => {
  const bytes = encodeMethod("queue.declare", {
    queue: "q",
    passive: false,
    durable: true,
    exclusive: false,
    autoDelete: true,
    noWait: false,
    arguments: emptyTable,
  });
  assert.equal(bytes.toString("hex"), "0032000a000001710a00000000");
});

test("methods: an unknown one is a command error, a truncated one a syntax error", () => {
  assert.throws(() => decodeMethod(hex("00ff0001")), { kind: "command-invalid" });
  assert.throws(() => decodeMethod(hex("003c0028000005")), { kind: "syntax-error" });
});

test("properties: all fourteen come back as they went", () => {
  const all = {
    contentType: "image/png",
    contentEncoding: "gzip",
    headers: everyField,
    deliveryMode: 2,
    priority: 9,
    correlationId: "c",
    replyTo: "r",
    expiration: "60000",
    messageId: "m",
    timestamp: 1_700_000_000n,
    type: "t",
    userId: "guest",
    appId: "fractals",
    clusterId: "",
  };
  assert.deepEqual(decodeProperties(encodeProperties(all)), all);
  assert.equal(encodeProperties({ deliveryMode: 2 }).toString("hex"), "100002");
  assert.deepEqual(decodeProperties(hex("0000")), {});
});

test("properties: a continuation flag, which no client has, is a syntax error", () => {
  assert.throws(() => decodeProperties(hex("0001")), { kind: "syntax-error" });
});
