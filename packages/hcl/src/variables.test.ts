import assert from "node:assert/strict";
import { test } from "node:test";
import { renderDiagnostic } from "./diagnostic.ts";
import { parseBody } from "./parse.ts";
import { showValue } from "./testing/show.ts";
import { functions } from "./testing/world.ts";
import { resolveVariables, type VariableInputs } from "./variables.ts";

/** The values of `var` and `local`, or ✗ and the faults. */
function outcome(text: string, inputs: VariableInputs = {}): string {
  const { body, diagnostics: faults } = parseBody(text, { fileName: "x" });
  assert.deepEqual(faults, []);
  const { scope, diagnostics } = resolveVariables(body, { ...inputs, functions, text });
  if (diagnostics.length > 0)
    return diagnostics.map(({ summary, detail }) => `✗ ${summary}: ${detail}`).join(" | ");
  return ["var", "local"].map((name) => showValue(scope.variables.get(name)!)).join(" ");
}

function check(text: string, expected: string, inputs: VariableInputs = {}): void {
  assert.equal(outcome(text, inputs), expected, text);
}

const declared =
  'variable "tag" {\n  type = string\n  default = "v1"\n}\nvariable "ports" {\n  type = list(number)\n  default = [80]\n}';

test("variables: default, environment, files and flags, each above the one before", () => {
  const environment = { NOMAD_VAR_tag: "env", NOMAD_VAR_ports: "[1, 2]", NOMAD_VAR_other: "x", HOME: "/" };
  const files = [
    { name: "a.hcl", text: 'tag = "file"\n' },
    { name: "b.json", text: '{"tag": "json", "ports": [8.5]}' },
  ];
  check(declared, 'object({tag=string, ports=list(number)}) {"ports":[80],"tag":"v1"} {}');
  check(declared, 'object({tag=string, ports=list(number)}) {"ports":[1,2],"tag":"env"} {}', { environment });
  check(declared, 'object({tag=string, ports=list(number)}) {"ports":[8.5],"tag":"json"} {}', {
    environment,
    files,
  });
  const flags = { tag: "flag", ports: '["7"]' };
  check(declared, 'object({tag=string, ports=list(number)}) {"ports":[7],"tag":"flag"} {}', {
    environment,
    files,
    flags,
  });
});

test("variables: each has a value of its type, or says what is missing", () => {
  check(
    'variable "a" {}',
    '✗ Unset variable: The variable "a" has neither a value nor a default. Set it with -var a=…, in a variable file, or as NOMAD_VAR_a.',
  );
  check(
    'variable "a" {\n type = number\n default = "x"\n}',
    "✗ Invalid value for variable: The default does not fit the type of the variable: a number is required.",
  );
  check('variable "a" {\n type = number\n default = "5"\n}', '{"a":5} {}');
  check('variable "a" { default = null }', '{"a":null} {}');
  check("variables {\n a = 1\n b = [true]\n}", '{"a":1,"b":[true]} {}');
  check(
    'variable "a" { default = 1 }\nvariable "a" { default = 2 }',
    '✗ Variable declared twice: There is a variable "a" already.',
  );
  check(
    'variable "a" {\n default = 1\n defalt = 2\n}',
    '✗ Unknown argument: A variable has no argument "defalt".',
  );
  check('variable "a" {\n default = 1\n type = strng\n}', '✗ Invalid type: There is no type named "strng".');
  check(
    declared,
    '✗ Undeclared variable: A value is given for "tagg", but the file declares no such variable.',
    { flags: { tagg: "x" } },
  );
});

test("variables: the source of a bad value is shown, with a suggestion", () => {
  const text = declared;
  const { body } = parseBody(text, { fileName: "x" });
  const files = [{ name: "prod.hcl", text: "tag = 1\nport = 2\nports = [true]\n" }];
  const { diagnostics } = resolveVariables(body, { files, functions, text });
  const shown = diagnostics
    .map((diagnostic) => renderDiagnostic({ name: "job.hcl", text }, diagnostic))
    .join("\n\n");
  assert.equal(
    shown,
    `Error: Undeclared variable
 --> prod.hcl:2:1
  |
2 | port = 2
  | ^^^^
A value is given for "port", but the file declares no such variable.
Did you mean ports?

Error: Invalid value for variable
 --> prod.hcl:3:9
  |
3 | ports = [true]
  |         ^^^^^^
The value does not fit the type of the variable: element 0: a number is required.`,
  );
});

test("variables: validations look at their own variable only", () => {
  const validated = (condition: string) =>
    `variable "a" {\n default = "abc"\n validation {\n condition = ${condition}\n error_message = "No."\n }\n}`;
  check(validated('length(split("", var.a)) == 3'), '{"a":"abc"} {}');
  check(validated('var.a == "x"'), "✗ Invalid value for variable: a: No.");
  check(validated('var.b == "x"'), "✗ Invalid validation: The condition can refer to var.a only.");
  check(
    validated("1"),
    "✗ Invalid value for variable: The condition does not fit the type of the variable: a bool is required.",
  );
});

test("variables: locals refer to one another in any order, but not in a circle", () => {
  check(
    'locals {\n a = "${local.b}-${local.c}"\n c = upper("x")\n}\nlocals { b = 1 }',
    '{} {"a":"1-X","b":1,"c":"X"}',
  );
  check('locals { a = "${NOMAD_ALLOC_ID}" }', '{} {"a":"${NOMAD_ALLOC_ID}"}');
  check(
    'locals {\n a = local.b\n b = local["c"]\n c = local.a\n}',
    "✗ Circle of locals: Each of these needs the next: local.a, local.b, local.c, local.a.",
  );
  check("locals { a = 1 }\nlocals { a = 2 }", '✗ Local set twice: There is a local "a" already.');
  check("locals { a = local.nosuch }", '✗ Unknown attribute: This object has no attribute named "nosuch".');
  check("locals { a = [for x in [1] : x] }\n", '{} {"a":[1]}');
});

test("variables: locals that double each other end with an error, not with the memory", () => {
  const lines = Array.from(
    { length: 100 },
    (_, index) => `l${index + 1} = concat(local.l${index}, [local.l${index}, local.l${index}])`,
  );
  assert.match(outcome(`locals {\nl0 = [1]\n${lines.join("\n")}\n}`), /^✗ Evaluation goes too far: /);
});
