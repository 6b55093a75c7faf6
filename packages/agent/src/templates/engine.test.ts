import assert from "node:assert/strict";
import { test } from "node:test";
import { seededDice } from "@fractus/core/dice.ts";
import type { ServiceRegistration } from "../control-link.ts";
import type { RenderOptions } from "./engine.ts";
import { compileTemplate } from "./engine.ts";
import type { TemplateSources } from "./functions/cloud.ts";
import { TemplateError } from "./template-error.ts";

const service = (id: string, port: number, tags: readonly string[]): ServiceRegistration => ({
  id,
  name: "db",
  project: "default",
  nodeId: "n1",
  zone: "dc1",
  jobId: "data",
  allocationId: `alloc-${id}`,
  tags,
  meta: {},
  address: `10.0.0.${port - 5000}`,
  port,
  isHealthy: true,
});

const sources: TemplateSources = {
  env: { NOMAD_TASK_NAME: "web", EMPTY: "", "attr.kernel.name": "linux" },
  project: "default",
  nowMs: () => Date.UTC(2026, 0, 5, 15, 4, 9, 70),
  services: (name) => (name === "db" ? [service("a", 5001, ["main"]), service("b", 5002, ["copy"])] : []),
  variable: (path) => (path === "nomad/jobs/web" ? { user: "ada", "max-conns": "7" } : undefined),
  variablePaths: (prefix) => ["nomad/jobs/web"].filter((path) => path.startsWith(prefix)),
  file: (path) => `<${path}>`,
};

function check(template: string, expected: string, options: RenderOptions = {}): void {
  assert.equal(compileTemplate({ name: "t", text: template }, options)(sources), expected, template);
}

function checkFails(template: string, expected: RegExp, options: RenderOptions = {}): void {
  assert.throws(
    () => compileTemplate({ name: "t", text: template }, options)(sources),
    (error) => error instanceof TemplateError && expected.test(error.message),
    template,
  );
}

test("template: text, actions, comments and trim markers", () => {
  check("a {{ 1 }} b", "a 1 b");
  check("a {{- 1 -}} b", "a1b");
  check("a\n\t {{- /* no\nthing */ -}} \n b", "ab");
  check("a {{/* c */}} b", "a  b");
  check('{{ "a}}b" }}{{ `c\\"` }}{{ \'x\' }}', 'a}}bc\\"120');
  check("[[ 1 ]] {{ 2 }}", "1 {{ 2 }}", { delimiters: { left: "[[", right: "]]" } });
  check("{{ -3 }} {{ 0x1f }} {{ 1.50 }} {{ 1e6 }} {{ 1_000 }} {{ true }}", "-3 31 1.5 1e+06 1000 true");
  check('{{ "\\u00e9\\x41\\n" }}', "éA\n");
  check('{{\n  printf\n "%d"\n 1 }}', "1");
});

test("template: pipelines, parentheses and variables", () => {
  check('{{ "abc" | toUpper | printf "%s-%s" "x" }}', "x-ABC");
  check('{{ printf "%d" (add 1 (add 2 3)) }}', "6");
  check("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $y := 3 }}{{ $y }}{{ end }}{{ $x }}", "32");
  check("{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ end }}{{ $x }}", "1");
  check('{{ (index (nomadService "db") 1).Port }}', "5002");
  check(
    '{{ $m := parseJSON "{\\"a\\":{\\"b\\":[1,2.5]}}" }}{{ $m.a.b }} {{ index $m "a" "b" 1 }}',
    "[1 2.5] 2.5",
  );
});

test("template: if, else if, with, range, break, continue", () => {
  check("{{ if eq 1 2 }}a{{ else if eq 1 1 }}b{{ else }}c{{ end }}", "b");
  check('{{ with "" }}a{{ else with "x" }}{{ . }}{{ else }}c{{ end }}', "x");
  check('{{ with $x := "v" }}{{ $x }}{{ . }}{{ end }}', "vv");
  check("{{ range $i, $x := loop 5 8 }}{{ if $i }},{{ end }}{{ $i }}={{ $x }}{{ end }}", "0=5,1=6,2=7");
  check(
    "{{ range loop 9 }}{{ if eq . 2 }}{{ continue }}{{ end }}{{ if eq . 4 }}{{ break }}{{ end }}{{ . }}{{ end }}",
    "013",
  );
  check("{{ range loop 0 }}x{{ else }}none{{ end }}", "none");
  check('{{ range $k, $v := parseJSON "{\\"b\\":1,\\"a\\":2}" }}{{ $k }}{{ $v }}{{ end }}', "a2b1");
  check("{{ range 3 }}{{ . }}{{ end }}", "012");
});

test("template: define, template, block, executeTemplate", () => {
  check('{{ define "row" }}<{{ . }}>{{ end }}{{ template "row" 1 }}{{ executeTemplate "row" 2 }}', "<1><2>");
  check('{{ block "b" 5 }}[{{ . }}]{{ end }}', "[5]");
  checkFails('{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}', /too deeply/);
  checkFails('{{ template "none" }}', /no template "none"/);
});

test("template: comparisons and logic", () => {
  check(
    '{{ eq "a" "b" "a" }} {{ ne 1 2 }} {{ lt 1 2 }} {{ ge 1.5 1.5 }} {{ not 0 }}',
    "true true true true true",
  );
  check('{{ and 1 0 (index (loop 0) 5) }} {{ or "" "x" (index (loop 0) 5) }}', "0 x");
  check('{{ "x" | or "" }} {{ len "né" }} {{ slice "abcd" 1 3 }} {{ index "a" 0 }}', "x 3 bc 97");
  checkFails("{{ eq 1 1.0 }}", /int and float64 cannot be compared/);
});

test("template: printf follows Go's verbs", () => {
  const cases: readonly (readonly [string, string])[] = [
    ['printf "%s|%5s|%-5s|%.2s" "a" "b" "c" "def"', "a|    b|c    |de"],
    [
      'printf "%d|%5d|%-5d|%05d|%+d|%x|%X|%#x|%o|%b|%c" 1 2 3 -42 5 255 255 255 8 5 65',
      "1|    2|3    |-0042|+5|ff|FF|0xff|10|101|A",
    ],
    ['printf "%v %v %v %v" "a" 1 1.5 true', "a 1 1.5 true"],
    ['printf "%q %x %% %t %T" "a\\n\\"" "hi" false 1', '"a\\n\\"" 6869 % false int'],
    [
      'printf "%f %.2f %8.3f %e %g %G" 1.5 1.005 3.14159 1500000.0 1e-7 1e9',
      "1.500000 1.00    3.142 1.500000e+06 1e-07 1E+09",
    ],
    ['printf "%d %s" "x"', "%!d(string=x) %!s(MISSING)"],
    ['printf "a" 1 "b"', "a%!(EXTRA int=1, string=b)"],
    ['printf "%*d|%-*d|" 4 7 4 7', "   7|7   |"],
    ['printf "%z %"  1', "%!z(int=1) %!(NOVERB)"],
    [
      'printf "%s %d %v" (split "," "a,b") (loop 2) (parseJSON "{\\"a\\":[1,null]}")',
      "[a b] [0 1] map[a:[1 <nil>]]",
    ],
    ['print 1 2 "a" 3 4', "1 2a3 4"],
    ['println "a" 1', "a 1\n"],
  ];
  for (const [action, expected] of cases) check(`{{ ${action} }}`, expected);
});

test("template: floats print as in Go", () => {
  check(
    "{{ 100000.0 }} {{ 1000000.0 }} {{ 0.0001 }} {{ 0.00001 }} {{ 123456.75 }}",
    "100000 1e+06 0.0001 1e-05 123456.75",
  );
});

test("template: environment and node", () => {
  check('{{ env "NOMAD_TASK_NAME" }}{{ env "NONE" }} {{ env "attr.kernel.name" }}', "web linux");
  check('{{ envOrDefault "NONE" "x" }} {{ envOrDefault "EMPTY" "y" }}', "x y");
  checkFails('{{ mustEnv "NONE" }}', /^t:1:4: the environment has no NONE/);
  check('{{ file "local/a" }}', "<local/a>");
});

test("template: services and variables", () => {
  check('{{ range nomadService "db" }}{{ .Address }}:{{ .Port }} {{ end }}', "10.0.0.1:5001 10.0.0.2:5002 ");
  check('{{ range nomadService "copy.db" }}{{ .ID }}{{ end }}{{ len (nomadService "none") }}', "b0");
  check(
    '{{ with nomadVar "nomad/jobs/web" }}{{ .user }} {{ index . "max-conns" }} {{ .Parent.Path }}{{ end }}',
    "ada 7 nomad/jobs/web",
  );
  check(
    '{{ with nomadVar "nomad/jobs/web" }}{{ .none }}{{ range .Tuples }}{{ .K }}={{ .V }};{{ end }}{{ end }}',
    "max-conns=7;user=ada;",
  );
  check(
    '{{ range $k, $v := nomadVar "nomad/jobs/web" }}{{ $k }}:{{ $v }},{{ end }}',
    "max-conns:7,user:ada,",
  );
  check('{{ (nomadVar "nomad/jobs/web").user.Value | toUpper }}', "ADA");
  check('{{ nomadVarExists "nomad/jobs/web" }}{{ nomadVarExists "x" }}', "truefalse");
  check('{{ range nomadVarList "nomad" }}{{ .Path }}{{ end }}', "nomad/jobs/web");
  check('{{ len (nomadService 1 "key" "db") }}', "1");
  checkFails('{{ nomadVar "a@other" }}', /another namespace/);
  checkFails('{{ key "a" }}', /key needs Consul/);
  checkFails('{{ with secret "a" }}{{ .Data }}{{ end }}', /secret needs Vault/);
});

test("template: text functions", () => {
  check(
    '{{ split "," "a,b" | join "-" }} {{ replaceAll "a" "b" "aXa" }} {{ trim "-x" "x-a-x" }}',
    "a-b bXb a",
  );
  check(
    '{{ "a1b22" | regexReplaceAll "([0-9]+)" "<$1>" }} {{ regexMatch "^a.*b$" "acb" }}',
    "a<1>b<22> true",
  );
  check('{{ regexReplaceAll "(?i)(?P<n>B)" "${n}${n}" "abC" }}', "abbC");
  check(
    '{{ toTitle "ab cd" }} {{ trimPrefix "a" "ab" }} {{ trimSuffix "b" "ab" }} {{ "a\\nb" | indent 2 }}',
    "Ab Cd b a   a\n  b",
  );
  check(
    '{{ in (split "," "a,b") "b" }} {{ split "," "a,b" | contains "c" }} {{ containsAll (split "," "a") (split "," "a,b") }}',
    "true false true",
  );
  check('{{ html "<a>" }} {{ js "\'x\'" }} {{ urlquery "a b&c" }}', "&lt;a&gt; \\'x\\' a+b%26c");
});

test("template: numbers", () => {
  check(
    "{{ add 1 2 }} {{ 5 | subtract 2 }} {{ multiply 2 3 }} {{ 7 | divide 2 }} {{ 7 | modulo 4 }}",
    "3 3 6 3 3",
  );
  check(
    '{{ minimum 2 3 }} {{ maximum 2 3 }} {{ add 1 0.5 }} {{ parseInt "42" | add 1 }} {{ parseFloat "1.25" }} {{ parseBool "T" }}',
    "2 3 1.5 43 1.25 true",
  );
  checkFails("{{ divide 0 1 }}", /cannot divide by 0/);
  checkFails('{{ add 1 "2" }}', /see parseInt/);
});

test("template: encodings", () => {
  check(
    '{{ base64Encode "hé" }} {{ base64Decode "aMOp" }} {{ sha256Hex "a" | len }} {{ md5sum "a" }}',
    "aMOp hé 64 0cc175b9c0f1b6a831c399e269772661",
  );
  check('{{ parseJSON "{\\"b\\":[1,\\"<\\"],\\"a\\":null}" | toJSON }}', '{"a":null,"b":[1,"\\u003c"]}');
  check('{{ parseJSON "{\\"a\\":[1]}" | toJSONPretty }}', '{\n  "a": [\n    1\n  ]\n}');
  check(
    '{{ parseJSON "{\\"a\\":[1,{\\"b\\":\\"yes\\",\\"c\\":\\"x y\\"}],\\"d\\":{}}" | toYAML }}',
    'a:\n- 1\n- b: "yes"\n  c: x y\nd: {}',
  );
  check(
    '{{ timestamp }} {{ timestamp "unix" }} {{ timestamp "Mon Jan _2 15:04:05.000 2006" }}',
    "2026-01-05T15:04:09Z 1767625449 Mon Jan  5 15:04:09.070 2026",
  );
});

test("template: sprig and scratch", () => {
  check(
    '{{ sprig_default "d" "" }} {{ "x" | sprig_quote }} {{ sprig_upper "x" }} {{ sprig_ternary 1 2 false }}',
    'd "x" X 2',
  );
  check(
    '{{ sprig_dict "a" 1 | toJSON }} {{ sprig_list 1 2 | sprig_last }} {{ sprig_nindent 2 "a\\nb" }}',
    '{"a":1} 2 \n  a\n  b',
  );
  check(
    '{{ scratch.Set "a" 1 }}{{ scratch.MapSet "m" "k" "v" }}{{ scratch.Get "a" }}{{ scratch.Key "b" }}{{ range scratch.MapValues "m" }}{{ . }}{{ end }}',
    "1falsev",
  );
});

test("template: a missing key prints <no value>, or is an error", () => {
  check('{{ (parseJSON "{}").a }}', "<no value>");
  checkFails('{{ (parseJSON "{}").a }}', /^t:1:20: the map has no entry for "a"/, {
    failsOnMissingKey: true,
  });
});

test("template: errors name template, line and column", () => {
  checkFails("a\n{{ nope }}", /^t:2:4: there is no function "nope"/);
  checkFails("{{ $x }}", /^t:1:4: the variable \$x is not declared/);
  checkFails("{{ if true }}", /^t:1:14: {{end}} is missing/);
  checkFails("{{ end }}", /^t:1:4: {{end}} has no place here/);
  checkFails("x {{ 1", /^t:1:3: the action is not closed/);
  checkFails('{{ "a }}', /the quote " is not closed/);
  checkFails("{{ (1 }}", /a \) is missing/);
  checkFails("{{ 1 | 2 }}", /must be a function/);
  checkFails("{{ break }}", /outside of a range/);
  checkFails("{{ .Foo }}", /nothing to take the field Foo of/);
  checkFails("{{ index (loop 2) 2 }}", /^t:1:4: index out of range: 2/);
  checkFails("{{ len }}", /wrong number of arguments/);
});

test("template: work is bounded", () => {
  checkFails("{{ range loop 9999999 }}{{ range loop 9999999 }}{{ end }}{{ end }}", /works for too long/);
  checkFails('{{ $x := "ab" }}{{ range loop 60 }}{{ $x = printf "%s%s" $x $x }}{{ end }}', /more than/);
  checkFails('{{ printf "%1000000d" 1 | replaceAll " " "xxxxxxxxxxxxx" }}', /more than/);
  checkFails(`{{ regexMatch "^(a+)+$" "${"a".repeat(60)}!" }}`, /takes too long/);
  checkFails(`{{ ${"(".repeat(5000)} }}`, /nested too deeply/);
  checkFails(
    '{{ $x := "a" }}{{ range loop 60 }}{{ $x = sprig_list $x $x }}{{ end }}{{ $x }}',
    /more than 500000 parts/,
  );
  checkFails(
    '{{ range loop 60 }}{{ scratch.MapSet "m" "a" (scratch.Get "m") }}{{ scratch.MapSet "m" "b" (scratch.Get "m") }}{{ end }}',
    /more than 500000 parts/,
  );
  checkFails(
    '{{ $x := "a" }}{{ range loop 200000 }}{{ $x = sprig_list $x }}{{ end }}{{ $x }}',
    /nested too deeply|works for too long/,
  );
  checkFails(
    "{{ $x := loop 200000 }}{{ range loop 100000 }}{{ $y := toJSON $x }}{{ end }}",
    /works for too long/,
  );
  const many = Array.from({ length: 2000 }, (_, index) => `{{ $x${index} := 1 }}`).join("");
  checkFails(many, /too many variables/);
  checkFails("{{ if 1 }}".repeat(5000), /nested too deeply/);
});

test("template: mutants of real templates end, and throw nothing but TemplateError", () => {
  const seed = 4;
  const dice = seededDice(seed);
  const pick = <T>(all: readonly T[]) => all[Math.floor(dice.roll() * all.length)];
  const words = [
    "{{",
    "}}",
    "{{-",
    "-}}",
    "|",
    "(",
    ")",
    " ",
    ".",
    "$x",
    ":=",
    "=",
    '"',
    "`",
    "end",
    "else",
    "range",
    "if",
    "with",
    "define",
    "template",
    "loop",
    "printf",
    "%d",
    "9999999",
    "nomadVar",
    "index",
    "len",
    "-1",
    "1e999",
    "toJSON",
    "sprig_repeat",
    "regexMatch",
    "\\",
    "/*",
    "*/",
    "and",
    "block",
    "scratch.Set",
    "𝒳",
    "\0",
  ];
  const bases = [
    '{{ range $i, $s := nomadService "db" }}{{ if $i }},{{ end }}{{ $s.Address }}:{{ $s.Port }}{{ else }}none{{ end }}',
    '{{ with nomadVar "nomad/jobs/web" }}U={{ .user | toUpper | printf "%-10s|" }}{{ range .Tuples }}{{ .K }}{{ end }}{{ end }}',
    '{{ define "x" }}{{ . | toJSON }}{{ end }}{{ $m := parseJSON `{"a":[1,2]}` }}{{ template "x" $m }}{{ range loop 3 }}{{ add . 1 }}{{ end }}',
  ];
  for (let round = 0; round < 3000; round++) {
    let text = pick(bases);
    for (let edits = 1 + Math.floor(dice.roll() * 4); edits > 0; edits--) {
      const at = Math.floor(dice.roll() * (text.length + 1));
      const cut = Math.floor(dice.roll() * 6);
      text = text.slice(0, at) + (dice.roll() < 0.7 ? pick(words) : "") + text.slice(at + cut);
    }
    try {
      compileTemplate({ name: "t", text })(sources);
    } catch (error) {
      assert.ok(
        error instanceof TemplateError,
        `seed ${seed}, round ${round}: ${JSON.stringify(text)}: ${String(error)}`,
      );
    }
  }
});
