import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { renderDiagnostic } from "../diagnostic.ts";
import { parseJob, type ParseJobOptions } from "./parse-job.ts";
import { testCapabilities } from "./testing/capabilities.ts";
import { jobAround, readCases } from "./testing/cases.ts";
import { toHcl } from "./to-hcl.ts";
import { validateJob } from "./validate.ts";

const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");

function parse(text: string, options: Partial<ParseJobOptions> = {}) {
  return parseJob(text, { fileName: "example.nomad", capabilities: testCapabilities, ...options });
}

/** `error 2:3 Summary → suggestion`, one line each. */
function findings(text: string, options: Partial<ParseJobOptions> = {}): string {
  const { job, diagnostics, origins } = parse(text, options);
  const all = [...diagnostics, ...(job ? validateJob(job, origins) : [])];
  return all
    .map((diagnostic) => {
      const [, line, column] = /:(\d+):(\d+)\n/.exec(renderDiagnostic({ name: "f", text }, diagnostic)) ?? [];
      const hint = diagnostic.suggestion === undefined ? "" : ` → ${diagnostic.suggestion}`;
      return `${diagnostic.severity} ${line}:${column} ${diagnostic.summary}${hint}`;
    })
    .join("\n");
}

for (const { place, title, text, expected } of readCases("errors.txt")) {
  test(`parse-job: ${place}: ${title}`, () => {
    assert.equal(findings(jobAround(place, text)), expected);
  });
}

const example = {
  ID: "example",
  Name: "example",
  Datacenters: ["infrastructure_at_home"],
  TaskGroups: [
    {
      Name: "exec",
      Tasks: [
        {
          Name: "http_serve",
          Driver: "exec",
          Artifacts: [
            { GetterSource: "https://github.com/m3ng9i/ran/releases/download/v0.1.4/ran_linux_arm64.zip" },
          ],
          Config: { command: "ran_linux_arm64", args: ["-l", "--debug", "-p", "${NOMAD_PORT_http}"] },
          Resources: { CPU: 200, MemoryMB: 200, Networks: [{ DynamicPorts: [{ Label: "http" }] }] },
        },
      ],
    },
  ],
};

const example2 = {
  ID: "example2",
  Name: "example2",
  Datacenters: ["infrastructure_at_home"],
  TaskGroups: [
    {
      Name: "webserver",
      Count: 3,
      Tasks: [
        {
          Name: "nginx",
          Driver: "docker",
          Config: { image: "nginx:1.17.9", port_map: [{ http: 80 }] },
          Resources: {
            CPU: 200,
            MemoryMB: 200,
            Networks: [{ ReservedPorts: [{ Label: "http", Value: 80 }] }],
          },
        },
      ],
    },
  ],
};

test("parse-job: the document's job example, verbatim (CL-223 CL-224 CL-225 CL-226 CL-227 CL-228 CL-229 CL-230 CL-231 CL-232 CL-252 CL-314)", () => {
  const text = fixture("document-example.nomad");
  const { job, dialect, diagnostics, origins } = parse(text);
  assert.equal(dialect, "hcl1");
  assert.deepEqual(job, example);
  assert.deepEqual(
    diagnostics.filter((diagnostic) => diagnostic.severity === "error"),
    [],
  );
  assert.deepEqual(validateJob(example, origins), []);
});

test("parse-job: the document's job example2, verbatim (CL-244 CL-245 CL-252 CL-314)", () => {
  const { job, dialect } = parse(fixture("document-example2.nomad"));
  assert.equal(dialect, "hcl1");
  assert.deepEqual(job, example2);
  assert.deepEqual(validateJob(example2), []);
});

test("parse-job: the commas of HCL1 are pointed out, line by line (CL-252)", () => {
  const warnings = findings(fixture("document-example2.nomad")).split("\n");
  assert.deepEqual(warnings, [
    "warning 2:43 Unexpected comma after argument",
    "warning 4:14 Unexpected comma after argument",
    "warning 6:24 Unexpected comma after argument",
    "warning 10:9 Out of date",
    "warning 15:18 Unexpected comma after argument",
    "warning 16:21 Unexpected comma after argument",
    "warning 17:9 Out of date",
  ]);
});

const fragment = fixture("document-affinity.nomad");

test("parse-job: the affinity fragment says what is missing (CL-247 CL-315)", () => {
  const { job, diagnostics } = parse(fragment);
  assert.equal(job, undefined);
  assert.equal(findings(fragment), "error 11:7 Incomplete fragment");
  assert.match(diagnostics[0].detail, /the rest of task "nginx" in group "webserver" in job "example2"/);
});

test("parse-job: the affinity fragment is accepted once it is completed (CL-247 CL-248 CL-315)", () => {
  const { job, origins } = parse(
    fragment.replace("...", 'driver = "docker"\n config {\n image = "nginx:1.17.9"\n }'),
  );
  assert.deepEqual(job, {
    ID: "example2",
    Name: "example2",
    TaskGroups: [
      {
        Name: "webserver",
        Count: 2,
        Tasks: [
          {
            Name: "nginx",
            Driver: "docker",
            Config: { image: "nginx:1.17.9" },
            Affinities: [
              { LTarget: "${attr.memory.totalbytes}", Operand: ">", RTarget: "1048576", Weight: 100 },
            ],
          },
        ],
      },
    ],
  });
  assert.deepEqual(validateJob(job, origins), []);
});

const withVariables = `
variable "count" {
  type    = number
  default = 1
}
variable "tags" {
  type = list(string)
}
locals {
  first = "\${local.second}-\${var.tags[0]}"
  second = upper("x")
}
job "j" {
  group "g" {
    count = var.count
    task "t" {
      driver = "exec"
      user   = local.first
    }
  }
}
`;

test("parse-job: variables from flags, files and the environment, and locals in any order", () => {
  const { job, variables } = parse(withVariables, {
    variables: { count: "3" },
    variableFiles: [{ name: "tags.hcl", text: 'tags = ["a"]\ncount = 2' }],
    environment: { NOMAD_VAR_count: "9", NOMAD_VAR_other: "x" },
  });
  assert.deepEqual(job?.TaskGroups, [
    { Name: "g", Count: 3, Tasks: [{ Name: "t", Driver: "exec", User: "X-a" }] },
  ]);
  assert.deepEqual(
    variables.map((variable) => variable.name),
    ["count", "tags"],
  );
});

test("parse-job: a variable without a value is an error, and so is a value without a variable", () => {
  const { job, diagnostics } = parse(withVariables, { variables: { taggs: "x" } });
  assert.equal(job, undefined);
  assert.deepEqual(diagnostics.map((each) => each.summary).sort(), ["Undeclared variable", "Unset variable"]);
  const lenient = parse(withVariables, { variables: { other: "x", tags: '["a"]' }, strict: false });
  assert.ok(lenient.job);
});

test("parse-job: blocks without effect are kept, and reported if asked for", () => {
  const text = jobAround("task", 'vault {\n role = "r"\n}\ncsi_plugin {\n id = "x"\n}\n');
  assert.equal(findings(text), "");
  assert.equal(
    findings(text, { reportUnsupported: true }),
    "warning 5:1 Without effect\nwarning 8:1 Without effect",
  );
  const volume = jobAround("group", 'volume "v" {\n type = "csi"\n source = "x"\n}\n');
  assert.match(findings(volume, { reportUnsupported: true }), /^warning 4:2 Without effect/);
});

test("parse-job: settings of drivers can be held to be errors", () => {
  const text = jobAround("task", 'config {\n comand = "x"\n command = "y"\n}\n');
  assert.equal(findings(text), "warning 6:2 Unknown setting comand → command");
  assert.equal(findings(text, { driverConfig: "error" }), "error 6:2 Unknown setting comand → command");
  assert.equal(findings(text, { driverConfig: "ignore" }), "");
});

test("parse-job: the API's own JSON, alone or in an envelope (CL-224)", () => {
  assert.deepEqual(parse(JSON.stringify(example)).job, example);
  const { job, dialect } = parse(JSON.stringify({ Job: example2 }, undefined, 2));
  assert.deepEqual(job, example2);
  assert.equal(dialect, "json");
});

test("parse-job: JSON with faults", () => {
  assert.equal(
    findings('{"Job": {"ID": 3, "Prority": 5, "TaskGroups": []}}'),
    "error 1:10 Unsuitable value\nwarning 1:19 Unknown field Prority → Priority",
  );
  assert.match(findings('{"Job": '), /^error 1:8 Invalid JSON/);
  assert.equal(findings("{}"), "error 1:1 Not a job");
  assert.equal(findings('{"ID": "a", "TaskGroups": [{"Tasks": {}}]}'), "error 1:29 Unsuitable value");
});

test("parse-job: the detail says what is allowed and where a name belongs", () => {
  const { diagnostics } = parse(jobAround("task", "memory = 300\nresources {\n memroy = 1\n}\n"));
  assert.match(
    diagnostics[0].detail,
    /^memory belongs into job > group > task > resources\. Allowed here: action, affinity, /,
  );
  assert.equal(
    diagnostics[1].detail,
    "Allowed here: cores, cpu, device, disk, iops, memory, memory_max, network, numa, secrets.",
  );
});

test("parse-job: a job file in the JSON syntax of HCL", () => {
  const { job, dialect, diagnostics } = parse(`{
    "//": "a comment",
    "variable": {"image": {"type": "string", "default": "nginx"}},
    "job": {"j": {
      "datacenters": ["dc1"],
      "meta": {"a.b": "c"},
      "group": {"g": [{
        "network": {"port": {"http": {"to": 80}, "admin": {"static": 9000}}},
        "task": {"t": {
          "driver": "docker",
          "config": {"image": "\${var.image}", "labels": {"a": "\${node.class}"}},
          "artifact": [{"source": "a"}, {"source": "b"}],
          "dynamic": {"template": {"for_each": ["x"], "content": {"data": "d", "destination": "\${template.value}"}}}
        }}
      }]}
    }}
  }`);
  assert.equal(dialect, "hcl2");
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(job, {
    ID: "j",
    Name: "j",
    Datacenters: ["dc1"],
    Meta: { "a.b": "c" },
    TaskGroups: [
      {
        Name: "g",
        Networks: [
          { ReservedPorts: [{ Label: "admin", Value: 9000 }], DynamicPorts: [{ Label: "http", To: 80 }] },
        ],
        Tasks: [
          {
            Name: "t",
            Driver: "docker",
            Config: { image: "nginx", labels: [{ a: "${node.class}" }] },
            Artifacts: [{ GetterSource: "a" }, { GetterSource: "b" }],
            Templates: [{ EmbeddedTmpl: "d", DestPath: "x" }],
          },
        ],
      },
    ],
  });
});

test("parse-job: faults in the JSON syntax of HCL have their place", () => {
  assert.equal(
    findings('{"job": {"j": {\n  "prority": 3,\n  "group": 5\n}}}'),
    "error 2:3 Unknown attribute prority → priority\nerror 3:3 Block expected → group {",
  );
});

test("parse-job: HCL1 as older files have it: quoted keys, blocks as values, several env blocks (CL-252)", () => {
  const { job, dialect } = parse(`
"job" "old" {
  datacenters = ["dc1"],
  meta { "owner.name" = "me" }
  "group" "g" {
    task "t" {
      driver = "exec"
      config = { command = "run", args = ["$\{NOMAD_PORT_http}"] }
      env { A = "1" }
      env { B = 2 }
      resources = { cpu = 100, memory = 64 }
    }
  }
}
`);
  assert.equal(dialect, "hcl1");
  assert.deepEqual(job, {
    ID: "old",
    Name: "old",
    Datacenters: ["dc1"],
    Meta: { "owner.name": "me" },
    TaskGroups: [
      {
        Name: "g",
        Tasks: [
          {
            Name: "t",
            Driver: "exec",
            Config: { command: "run", args: ["${NOMAD_PORT_http}"] },
            Env: { A: "1", B: "2" },
            Resources: { CPU: 100, MemoryMB: 64 },
          },
        ],
      },
    ],
  });
});

test("parse-job: names that JavaScript gives a meaning are names like any other", () => {
  const { job } = parse(
    jobAround(
      "task",
      'env {\n __proto__ = "a"\n constructor = "b"\n}\nscaling "cpu" {\n type = "constructor"\n}\n',
    ),
  );
  const text = JSON.stringify(job);
  assert.match(text, /"Env":\{"__proto__":"a","constructor":"b"\}/);
  assert.match(text, /"Type":"constructor"/);
  assert.deepEqual(parse(toHcl(job ?? {})).job, job);
});
