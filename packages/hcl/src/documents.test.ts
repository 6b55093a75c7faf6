/** The job files of the seed document on Nomad, as they stand there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { positionAt, renderDiagnostic } from "./diagnostic.ts";
import { evaluate } from "./evaluate.ts";
import { fixText } from "./fix.ts";
import { parseAny, type ParsedAny } from "./parse-any.ts";
import { parseBody } from "./parse.ts";
import type { Body } from "./syntax.ts";
import { showValue } from "./testing/show.ts";
import { worldScope } from "./testing/world.ts";

const example = `job "example" {
  datacenters = ["infrastructure_at_home"],
  group "exec" {
    task "http_serve" {
      driver = "exec"
      artifact {
        source = "https://github.com/m3ng9i/ran/releases/download/v0.1.4/ran_linux_arm64.zip"
      }
      config {
        command = "ran_linux_arm64"
        args = [
          "-l",
          "--debug",
          "-p",
          "\${NOMAD_PORT_http}"
        ]
      }
      resources {
        cpu = 200
        memory = 200
        network {
          port "http" {}
        }
      }
    }
  }
}
`;

const example2 = `job "example2" {
  datacenters = ["infrastructure_at_home"],
  group "webserver" {
    count = 3,
    task "nginx" {  
      driver = "docker",
      config {
        image = "nginx:1.17.9"

        port_map {
          http = 80
        }
      }
      resources {
        cpu = 200,
        memory = 200,
        network {
          port "http" {
            static = 80
           }
        }
      }
    }
  }
}
`;

const fragment = `job "example2" {
  group "webserver" {
    count = 2
    task "nginx" {  
      affinity {
        attribute = "\${attr.memory.totalbytes}"
        operator = ">"
        value = "1048576"
        weight = 100
      }
      ...
    }
  }
}
`;

/** One line for every argument, under the path of its blocks. */
function flatten(text: string, body: Body, path: readonly string[] = []): string[] {
  const own = body.attributes.map(({ name, expression }) => {
    const { value, diagnostics } = evaluate(expression, worldScope(text));
    assert.deepEqual(diagnostics, []);
    return `${[...path, name].join(".")} = ${showValue(value)}`;
  });
  const inner = body.blocks.map(({ type, labels, body: block }) =>
    flatten(text, block, [...path, [type, ...labels.map((label) => label.text)].join(" ")]),
  );
  return [...own, ...inner.flat()];
}

function warningLines(text: string, { diagnostics }: ParsedAny): string[] {
  return diagnostics.map(
    ({ severity, range }) => `${severity} ${text.slice(0, range.start).split("\n").length}`,
  );
}

test("documents: the first job parses verbatim and has its values (CL-225 to CL-229)", () => {
  const parsed = parseAny(example, { fileName: "example.nomad" });
  assert.equal(parsed.dialect, "hcl1");
  assert.deepEqual(flatten(example, parsed.body), [
    'job example.datacenters = ["infrastructure_at_home"]',
    'job example.group exec.task http_serve.driver = "exec"',
    'job example.group exec.task http_serve.artifact.source = "https://github.com/m3ng9i/ran/releases/download/v0.1.4/ran_linux_arm64.zip"',
    'job example.group exec.task http_serve.config.command = "ran_linux_arm64"',
    'job example.group exec.task http_serve.config.args = ["-l","--debug","-p","${NOMAD_PORT_http}"]',
    "job example.group exec.task http_serve.resources.cpu = 200",
    "job example.group exec.task http_serve.resources.memory = 200",
  ]);
});

test("documents: the second job parses verbatim, and each comma is a warning with its line (CL-244, CL-252)", () => {
  const parsed = parseAny(example2, { fileName: "example2.nomad" });
  assert.deepEqual(flatten(example2, parsed.body), [
    'job example2.datacenters = ["infrastructure_at_home"]',
    "job example2.group webserver.count = 3",
    'job example2.group webserver.task nginx.driver = "docker"',
    'job example2.group webserver.task nginx.config.image = "nginx:1.17.9"',
    "job example2.group webserver.task nginx.config.port_map.http = 80",
    "job example2.group webserver.task nginx.resources.cpu = 200",
    "job example2.group webserver.task nginx.resources.memory = 200",
    "job example2.group webserver.task nginx.resources.network.port http.static = 80",
  ]);
  const lines = warningLines(example2, parsed);
  assert.deepEqual(lines, ["warning 2", "warning 4", "warning 6", "warning 15", "warning 16"]);
});

test("documents: the affinity fragment fails at its dots and says what is missing (CL-247, CL-315)", () => {
  const { diagnostics, body } = parseAny(fragment, { fileName: "example2.nomad" });
  assert.equal(diagnostics.length, 1);
  assert.equal(
    renderDiagnostic({ name: "example2.nomad", text: fragment }, diagnostics[0]),
    `Error: Incomplete fragment
  --> example2.nomad:11:7
   |
11 |       ...
   |       ^^^
The three dots stand for text that was left out, so this is a fragment of a file, not a whole one. What is missing is the rest of task "nginx" in group "webserver" in job "example2": put the arguments and blocks that belong there in place of the dots.`,
  );
  assert.ok(
    flatten(fragment, body).includes(
      'job example2.group webserver.task nginx.affinity.attribute = "${attr.memory.totalbytes}"',
    ),
  );
});

test("documents: the fixer makes HCL2 of both jobs, with the same values (CL-252)", () => {
  for (const text of [example, example2]) {
    const fixed = fixText(text);
    assert.deepEqual(fixed.diagnostics, []);
    const { body, diagnostics } = parseBody(fixed.text, { fileName: "x" });
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(flatten(fixed.text, body), flatten(text, parseAny(text, { fileName: "x" }).body));
  }
});

test("documents: as HCL2 both jobs fail at line 2, and nothing of them is passed over in silence (CL-306, CL-314)", () => {
  for (const text of [example, example2]) {
    const { diagnostics } = parseBody(text, { fileName: "x" });
    const [{ severity, summary, range }] = diagnostics;
    assert.deepEqual([severity, summary], ["error", "Unexpected comma after argument"]);
    assert.equal(positionAt(text, range.start).line, 2);
  }
});
