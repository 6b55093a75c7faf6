import assert from "node:assert/strict";
import { test } from "node:test";
import { formatText } from "./format.ts";

/** Formats, and formats again: the second time nothing may change. */
function check(text: string, expected: string): void {
  const { text: once, diagnostics } = formatText(text);
  assert.deepEqual(diagnostics, []);
  assert.equal(once, expected);
  assert.equal(formatText(once).text, once);
}

test("format: levels, columns of equals signs and of comments", () => {
  check(
    `job   "x"{
count=3 # how many
      datacenters   = [ "a","b" ] # where

type = "batch" // what
  config {
 args = [
"x",
  "y" ]
 z=1
}
}`,
    `job "x" {
  count       = 3          # how many
  datacenters = ["a", "b"] # where

  type = "batch" // what
  config {
    args = [
      "x",
    "y"]
    z = 1
  }
}`,
  );
});

test("format: blanks around operators, none before calls, indexes and signs", () => {
  check("a=1+2*-3\n", "a = 1 + 2 * -3\n");
  check("a=!b&&c||d==e?f:g\n", "a = !b && c || d == e ? f : g\n");
  check("a=f ( x,y... )\nb=c [ 0 ] . d\n", "a = f(x, y...)\nb = c[0].d\n");
  check(
    "a=[for k,v in [ 1 ]:k if v>-1]\nb={x=1,y:2}\nc={}\nd=(1)\n",
    "a = [for k, v in [1] : k if v > -1]\nb = { x = 1, y : 2 }\nc = {}\nd = (1)\n",
  );
});

test("format: comments, strings and heredocs stay as they are", () => {
  check("/* a\n   b */\n// c\n#d\n", "/* a\n   b */\n// c\n#d\n");
  check('a="${ x+1 }  %{if y}z%{endif}"\n', 'a = "${ x+1 }  %{if y}z%{endif}"\n');
  check("a {\nb=<<-EOT\n x\n   y\n  EOT\nccc=1\n}\n", "a {\n  b   = <<-EOT\n x\n   y\n  EOT\n  ccc = 1\n}\n");
  check("a = 1 # last line", "a = 1 # last line");
  check("a=1\r\nb=2\r\n", "a = 1\nb = 2\n");
  check("", "");
});

test("format: a text with errors is given back as it is, with the errors", () => {
  const { text, diagnostics } = formatText("a=  [1 2]");
  assert.deepEqual([text, diagnostics.length], ["a=  [1 2]", 1]);
});
