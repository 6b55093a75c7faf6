import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyTable, tableOf } from "./codec/field-table.ts";
import type { FieldTable } from "./codec/field-table.ts";
import { Exchange } from "./exchange.ts";
import type { ExchangeType } from "./exchange.ts";
import { route } from "./routing.ts";
import { TopicTree } from "./topic-tree.ts";

/**
 * Exchanges from lines: `logs topic: info.*>a #>b`, where `>>` leads to an exchange, `|x` names the
 * alternate exchange.
 */
function exchangesOf(text: string): Map<string, Exchange> {
  const exchanges = new Map<string, Exchange>();
  for (const line of text.trim().split("\n")) {
    const [, name, type, , alternate, bindings] = /^\s*(\S+) (\w+)(\|(\S+))?: ?(.*)$/.exec(line)!;
    const exchange = new Exchange({
      name,
      type: type as ExchangeType,
      isDurable: true,
      isAutoDelete: false,
      isInternal: false,
      arguments: alternate === undefined ? emptyTable : tableOf({ "alternate-exchange": alternate }),
    });
    for (const binding of bindings.split(" ").filter((word) => word !== "")) {
      const [, routingKey, arrow, destination] = /^(.*?)(>>?)(.*)$/.exec(binding)!;
      exchange.bind({
        source: name,
        routingKey,
        destination,
        destinationKind: arrow === ">" ? "queue" : "exchange",
        arguments: emptyTable,
      });
    }
    exchanges.set(name, exchange);
  }
  return exchanges;
}

function check(text: string, exchange: string, key: string, expected: string): void {
  const routed = route(exchangesOf(text), { exchange, routingKeys: [key], headers: emptyTable });
  assert.equal([...routed].sort().join(" "), expected, `${exchange} ${key}`);
}

test("routing: direct takes the same key, to every queue bound with it once", () => {
  const text = "d direct: k>a k>b j>c k>a";
  check(text, "d", "k", "a b");
  check(text, "d", "j", "c");
  check(text, "d", "x", "");
});

test("routing: fanout ignores the key", () => check("f fanout: >a x>b y>b", "f", "z", "a b"));

test("routing: the default exchange leads to the queue of that name", () => check("d direct:", "", "q", "q"));

test("routing: topic words", () => {
  const text = "t topic: #>all *>one a.*.c>mid a.#>tail #.c>head a.#.c>both *.*>two a.b.c>exact #.#>any";
  check(text, "t", "a", "all any one tail");
  check(text, "t", "a.b.c", "all any both exact head mid tail");
  check(text, "t", "a.c", "all any both head tail two");
  check(text, "t", "", "all any one");
  check(text, "t", "x.y.z.c", "all any head");
  check(text, "t", "*", "all any one");
});

test("routing: many hashes in a topic do not take exponential time", () => {
  const tree = new TopicTree<number>();
  tree.add(Array.from({ length: 30 }, () => "#").join("."), 1);
  tree.add(Array.from({ length: 30 }, () => "#.a").join("."), 2);
  const key = Array.from({ length: 60 }, () => "a").join(".");
  assert.deepEqual([...tree.match(key)].sort(), [1, 2]);
});

test("routing: topic tree agrees with regular expressions (seeded)", () => {
  let seed = 7;
  const pick = (words: string) =>
    words[(seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff) % words.length];
  const phrase = (words: string) => Array.from({ length: 1 + (seed % 5) }, () => pick(words)).join(".");
  for (let round = 0; round < 3000; round++) {
    const pattern = phrase("ab*#");
    const key = phrase("ab");
    const tree = new TopicTree<string>();
    tree.add(pattern, "x");
    const expected = oracle(pattern.split("."), key.split("."));
    assert.equal(tree.match(key).size === 1, expected, `seed 7: ${pattern} ${key}`);
    tree.delete(pattern, "x");
    assert.equal(tree.match(key).size, 0);
  }
});

function oracle([word, ...rest]: string[], words: string[]): boolean {
  if (word === undefined) return words.length === 0;
  if (word === "#") return words.some((_, at) => oracle(rest, words.slice(at))) || oracle(rest, []);
  return words.length > 0 && (word === "*" || word === words[0]) && oracle(rest, words.slice(1));
}

test("routing: exchanges behind exchanges, circles walked once", () => {
  const text = `a fanout: >>b >x
    b direct: k>>a k>y j>>c
    c fanout: >z`;
  check(text, "a", "k", "x y");
  check(text, "a", "j", "x z");
});

test("routing: the alternate exchange takes what matches nothing", () => {
  const text = `a direct|b: k>x
    b direct|c: j>y
    c fanout: >z`;
  check(text, "a", "k", "x");
  check(text, "a", "j", "y");
  check(text, "a", "?", "z");
});

test("routing: unbinding takes one binding", () => {
  const exchanges = exchangesOf("t topic: a.*>q a.b>q");
  const exchange = exchanges.get("t")!;
  const like = {
    source: "t",
    destinationKind: "queue",
    destination: "q",
    routingKey: "a.*",
    arguments: emptyTable,
  } as const;
  assert.ok(exchange.unbind(like));
  assert.equal(exchange.unbind(like), undefined);
  assert.equal([...exchange.match("a.b", emptyTable)].length, 1);
  assert.equal([...exchange.match("a.c", emptyTable)].length, 0);
});

test("routing: headers all, any, without value, and with x-", () => {
  const rule = (wanted: FieldTable) => {
    const exchange = new Exchange({
      name: "h",
      type: "headers",
      isDurable: true,
      isAutoDelete: false,
      isInternal: false,
      arguments: emptyTable,
    });
    exchange.bind({
      source: "h",
      destinationKind: "queue",
      destination: "q",
      routingKey: "",
      arguments: wanted,
    });
    return (headers: FieldTable) => [...exchange.match("", headers)].length === 1;
  };
  const message = tableOf({ a: 1, b: "two", "x-c": true });
  assert.ok(rule(tableOf({ a: 1, b: "two" }))(message));
  assert.ok(!rule(tableOf({ a: 1, b: "three" }))(message));
  assert.ok(rule(tableOf({ "x-match": "any", a: 2, b: "two" }))(message));
  assert.ok(!rule(tableOf({ "x-match": "any", a: 2 }))(message));
  assert.ok(rule(tableOf({ "x-match": "all", "x-c": false }))(message));
  assert.ok(!rule(tableOf({ "x-match": "all-with-x", "x-c": false }))(message));
  assert.ok(rule(tableOf({ "x-match": "any-with-x", "x-c": true }))(message));
  assert.ok(rule(new Map([["a", { tag: "V", value: undefined }]]))(message));
});
