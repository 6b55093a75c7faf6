import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesPattern, patternFault } from "./regexp.ts";

/** `pattern ~ text` for a match, `pattern !~ text` for none. */
function check(lines: string): void {
  for (const line of lines.split("\n").filter((text) => text.trim() !== "")) {
    const [, pattern, relation, text] = /^\s*(\S+) (!?~) ?(.*)$/.exec(line) ?? [];
    assert.equal(patternFault(pattern), undefined, pattern);
    assert.equal(matchesPattern(pattern, text), relation === "~", line);
  }
}

test("regexp: a pattern is found anywhere unless it is anchored", () => {
  check(`
    inux ~ linux
    ^inux !~ linux
    ^lin.*x$ ~ linux
    ^$ ~
    a|^b$ ~ b
    a|^b$ !~ bb
    \\Aweb-\\d+\\z ~ web-12
    \\bweb\\b !~ webs
  `);
});

test("regexp: repetitions, groups, classes and flags", () => {
  check(`
    ^(ab)+c?$ ~ ababc
    ^a{2,3}$ ~ aaa
    ^a{2,3}$ !~ aaaa
    ^a{2,}?$ ~ aaaaa
    ^x{$ ~ x{
    ^[a-f0-9]{4}$ ~ 0bad
    ^[^a-f]$ !~ c
    ^[]a-]$ ~ ]
    ^[[:alpha:]_]+$ ~ raspi_x
    ^[\\d.]+$ ~ 10.0.3
    (?i)LINUX ~ gnu/Linux
    ^(?i:a)b$ !~ AB
    ^(?P<year>\\d{4})-(?:\\d\\d)$ ~ 2026-11
    ^\\x41\\.$ ~ A.
    ^💡.$ ~ 💡💡
  `);
});

test("regexp: what cannot be read says why and matches nothing", () => {
  for (const [pattern, fault] of [
    ["(a", "a `(` is not closed"],
    ["a)", "a `)` too many"],
    ["[a", "a `[` is not closed"],
    ["*a", "nothing for `*` to repeat"],
    ["a**", "two repetitions in a row"],
    ["(?=a)", "an unknown kind of group"],
    ["\\k", "`\\k` is unknown"],
    ["a{3,2}", "{3,2} is no repetition"],
    ["((a{1000}){1000})", "it is too large"],
  ]) {
    assert.equal(patternFault(pattern), fault, pattern);
    assert.equal(matchesPattern(pattern, "a"), false);
  }
});

test("regexp: a pattern made to be slow takes its time in proportion", () => {
  assert.equal(matchesPattern("^(a+)+$", `${"a".repeat(2000)}b`), false);
  assert.equal(matchesPattern("^(a|a)*b$", "a".repeat(2000)), false);
});
