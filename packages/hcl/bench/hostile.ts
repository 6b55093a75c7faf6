/**
 * Texts that are made to cost as much as they can, each for a length in characters. What is small by
 * nature (a call that asks for a billion numbers) is repeated until the length is reached.
 */
export interface HostileShape {
  readonly name: string;
  readonly make: (length: number) => string;
}

export const hostileShapes: readonly HostileShape[] = [
  // Nesting and brackets.
  wrapped("lists in lists", "a = ", "["),
  wrapped("lists in lists, closed", "a = ", "[", "]"),
  wrapped("objects in objects", "a = ", "{a=", "}"),
  wrapped("parentheses", "a = ", "(", "1)"),
  wrapped("blocks in blocks", "", "a {\n", "}\n"),
  wrapped("calls in calls", "a = ", "f(", ")"),
  wrapped("templates in templates", "a = ", '"${', '}"'),
  wrapped("directives in directives", 'a = "', "%{ if true }", "%{ endif }"),
  wrapped("for in for", "a = ", "[for x in y : ", "]"),
  wrapped("not not not", "a = ", "!"),
  wrapped("minus minus minus", "a = ", "- "),
  wrapped("conditionals in conditionals", "a = ", "true ? 1 : "),
  wrapped("indexes in indexes", "a = ", "a[", "]"),
  repeated("a long sum", "a = 1", " + 1"),
  repeated("a long chain of and", "a = true", " && true"),
  repeated("a long traversal", "a = b", ".c"),
  repeated("many splats", "a = b", "[*]"),
  repeated("many closing braces", "", "}\n"),
  // Texts.
  repeated("a string without an end", 'a = "', "x"),
  repeated("a string of escapes", 'a = "', "\\n", '"'),
  repeated("a string of unknown escapes", 'a = "', "\\q", '"'),
  repeated("a string of combining marks", 'a = "e', "\u0301\u0327", '"'),
  repeated("a string of syllables to compose", 'a = "', "\u1112\u1161\u11ab", '"'),
  repeated("a string of lone surrogates", 'a = "', "\ud800", '"'),
  repeated("interpolations in one string", 'a = "', "${1}", '"'),
  repeated("interpolations that do not end", 'a = "', "${", ""),
  repeated("one-line strings without an end", "", 'a = "${\n'),
  repeated("a heredoc without an end", "a = <<EOT\n", "x\n"),
  repeated("many heredocs without an end", "", "a = <<EOT\n"),
  repeated("many heredocs", "", "a {\nb = <<-EOT\n  x\n EOT\n}\n"),
  repeated("an indented heredoc of short lines", "a = <<-EOT\n", " x\n", "EOT\n"),
  repeated("a comment without an end", "/*", " *"),
  repeated("many comments without an end", "", "a /*\n"),
  repeated("comment lines", "", "# x\n"),
  repeated("one line of comments", "a = 1 ", "/* */"),
  repeated("carriage returns", "", "\r"),
  repeated("letters that are not ASCII", "", "\u00e9"),
  repeated("backslashes in quotes, HCL1", '"a" = "', "\\\\", '"'),
  repeated("braces in an interpolation, HCL1", '"a" = "', "${{", '"'),
  // Many of a kind.
  numbered("many empty blocks", () => "a {}\n"),
  numbered("many blocks on one line, HCL1", () => "a {} "),
  numbered("many arguments", (n) => `a${n} = 1\n`),
  numbered("many arguments on one line, HCL1", (n) => `a${n} = 1, `),
  numbered("the same argument", () => "a = 1\n"),
  numbered("quoted arguments, HCL1", (n) => `"a${n}" = 1,\n`),
  numbered("arguments without a value", () => "a =\n"),
  numbered("labels", () => '"x" ', "a "),
  numbered("items of a list", () => "1,", "a = [", "]"),
  numbered("items of an object", (n) => `a${n}=1,`, "a = {", "}"),
  numbered("arguments in columns", (n) => `a${n} = 1 # x\n`),
  numbered("lists that stay open in one line", () => "a = [\n1,\n2]\n"),
  numbered("many groups", (n) => `group "g${n}" {}\n`, 'job "j" {\n', "}\n"),
  numbered("many whole groups", (n) => `group "g${n}" {\ntask "t" {\ndriver = "docker"\nconfig {\nimage = "x"\n}\n}\n}\n`, 'job "j" {\n', "}\n"), // prettier-ignore
  numbered("groups of one name", () => 'group "g" {}\n', 'job "j" {\n', "}\n"),
  numbered("many tasks", (n) => `task "t${n}" {}\n`, 'job "j" {\ngroup "g" {\n', "}\n}\n"),
  numbered("many ports of one number", (n) => `port "p${n}" {\nstatic = 80\n}\n`, 'job "j" {\ngroup "g" {\nnetwork {\n', "}\n}\n}\n"), // prettier-ignore
  numbered("many services", (n) => `service {\nname = "s${n}"\n}\n`, 'job "j" {\ngroup "g" {\n', "}\n}\n"), // prettier-ignore
  numbered("many volumes", (n) => `volume "v${n}" {}\n`, 'job "j" {\ngroup "g" {\n', "}\n}\n"),
  numbered("many constraints", () => "constraint {}\n", 'job "j" {\n', "}\n"),
  numbered("many notes", (n) => `k${n} = "v"\n`, 'job "j" {\nmeta {\n', "}\n}\n"),
  numbered("many unknown keys", (n) => `grupp${n} = 1\n`, 'job "j" {\n', "}\n"),
  // Values.
  repeated("a long number", "a = ", "9"),
  repeated("a long fraction", "a = 0.", "7"),
  repeated("a long exponent", "a = 1e", "9"),
  locals("huge exponents", (n) => `a${n} = 1e${n}99 * 1e-${n}99`),
  locals("products of large numbers", (n) => `a${n} = ${n === 0 ? "12345678901234567890" : `local.a${n - 1} * local.a${n - 1}`}`), // prettier-ignore
  locals("independent locals", (n) => `a${n} = 1`),
  locals("a chain of locals", (n) => `a${n} = ${n === 0 ? "1" : `local.a${n - 1}`}`),
  locals("a chain of locals, last first", (n) => `a${n} = local.a${n + 1}`),
  locals("a circle of locals", (n) => `a${n} = local.a${n % 7}`),
  locals("locals that look at all others", (n) => `a${n} = local["a${n - 1}"]`),
  locals("locals that name all others", (n) => `a${n} = length(local)`),
  locals("doubling lists", (n) => `a${n} = ${n === 0 ? "[1]" : `[local.a${n - 1}, local.a${n - 1}]`}`),
  locals("doubling texts", (n) => `a${n} = ${n === 0 ? '"xx"' : `"\${local.a${n - 1}}\${local.a${n - 1}}"`}`),
  locals("one local twice", () => "a = 1"),
  numbered("many variables", (n) => `variable "v${n}" {\ntype = list(string)\ndefault = []\n}\n`),
  numbered("unset variables", (n) => `variable "v${n}" {}\n`),
  numbered("many validations", () => 'validation {\ncondition = length(var.v) > 0\nerror_message = "x"\n}\n', 'variable "v" {\ndefault = ""\n', "}\n"), // prettier-ignore
  numbered("a deep type", () => "list(", 'variable "v" {\ntype = '),
  locals("ranges", (n) => `a${n} = range(1000)`),
  locals("a billion numbers", (n) => `a${n} = range(1e9)`),
  locals("loops in loops", (n) => `a${n} = [for x in range(400) : [for y in range(400) : x * y]]`),
  locals("loops that yield nothing", (n) => `a${n} = [for x in range(500) : 1 if length([for y in range(500) : y if false]) > 0]`), // prettier-ignore
  locals("products of sets", (n) => `a${n} = setproduct(range(300), range(300))`),
  locals("intersections of sets", (n) => `a${n} = setintersection(${many("range(1000)", 2)})`, `b = [for x in setproduct(range(300), range(300)) : "\${x[0]}-\${x[1]}"]\nc = setintersection(local.b, local.b)`), // prettier-ignore
  locals("flattening", (n) => `a${n} = flatten(local.b)`, "b = [for x in range(400) : range(400)]"),
  locals("equal or not", (n) => `a${n} = local.b == local.b`, "b = [for x in range(400) : range(400)]"),
  locals("one branch or the other", (n) => `a${n} = true ? local.b : local.b`, "b = [for x in range(400) : range(400)]"), // prettier-ignore
  locals("conversions", (n) => `a${n} = convert(local.b, list(list(string)))`, "b = [for x in range(400) : range(400)]"), // prettier-ignore
  locals("backtracking", (n) => `a${n} = regex_replace(local.b, "(x+x+)+y", "")`, `b = "${"x".repeat(5000)}"`), // prettier-ignore
  locals("matches that look far", (n) => `a${n} = regex_replace(local.b, "x|x.*y", "")`, `b = "${"x".repeat(5000)}"`), // prettier-ignore
  locals("repeated repetitions", (n) => `a${n} = regex_replace("x", "((x{100}){100}){100}", "")`),
  locals("wide formats", (n) => `a${n} = format("%1000000000s", "x")`),
  locals("formats as wide as they may be", (n) => `a${n} = format("%99999s%99999s%99999s", 1, 2, 3)`),
  locals("numbers with many digits", (n) => `a${n} = format("%.99999f", 1 / 3)`),
  locals("replacements that grow", (n) => `a${n} = replace(local.b, "x", local.b)`, `b = "${"x".repeat(1000)}"`), // prettier-ignore
  locals("splitting", (n) => `a${n} = split("", local.b)`, `b = "${"x".repeat(100_000)}"`),
  locals("joining", (n) => `a${n} = join(local.b, split("", local.b))`, `b = "${"x".repeat(1000)}"`),
  locals("indenting", (n) => `a${n} = indent(100000, "\\n\\n\\n\\n\\n\\n")`),
  locals("powers", (n) => `a${n} = pow(9999, 99999)`),
  locals("numbers in other bases", (n) => `a${n} = parseint(local.b, 36)`, `b = "${"z".repeat(100_000)}"`),
  locals("subnets", (n) => `a${n} = cidrsubnets("::/0", ${many("8", 200)})`),
  locals("deep JSON in a text", (n) => `a${n} = jsondecode("${"[".repeat(5000)}")`),
  locals("long JSON in a text", (n) => `a${n} = jsondecode(local.b)`, `b = "[${many("1", 50_000)}]"`),
  locals("aliases of aliases", (n) => `a${n} = yamldecode(local.b)`, `b = <<EOT\n${aliases()}EOT`),
  locals("deep YAML in a text", (n) => `a${n} = yamldecode("${"[".repeat(5000)}")`),
  locals("compressing", (n) => `a${n} = base64gzip(local.b)`, `b = "${"x".repeat(100_000)}"`),
  locals("hashing", (n) => `a${n} = sha512(local.b)`, `b = "${"x".repeat(100_000)}"`),
  locals("slow hashing", (n) => `a${n} = bcrypt("x", 31)`),
  locals("turning over", (n) => `a${n} = strrev(local.b)`, `b = "${"e\u0301".repeat(50_000)}"`),
  locals("sorting", (n) => `a${n} = sort(local.b)`, 'b = [for x in range(1000) : "${1000 - x}"]'),
  numbered("dynamic blocks in dynamic blocks", () => `dynamic "meta" {\nfor_each = range(100)\ncontent {\ndynamic "x" {\nfor_each = range(100)\ncontent {\na = 1\n}\n}\n}\n}\n`, 'job "j" {\n', "}\n"), // prettier-ignore
  numbered("a dynamic block of many arguments", (n) => `a${n} = 1\n`, 'job "j" {\ndynamic "meta" {\nfor_each = range(1000)\ncontent {\n', "}\n}\n}\n"), // prettier-ignore
  numbered("one large value in many places", (n) => `a${n} = local.b\n`, 'locals {\nb = [for x in range(400) : range(400)]\n}\njob "j" {\nmeta {\n', "}\n}\n"), // prettier-ignore
  numbered("one large list in many tasks", (n) => `task "t${n}" {\ndriver = "docker"\nconfig {\nargs = local.b\n}\n}\n`, 'locals {\nb = [for x in range(1000) : "x"]\n}\njob "j" {\ngroup "g" {\n', "}\n}\n"), // prettier-ignore
  // The JSON syntax.
  wrapped("JSON: deep lists", '{"job": {"j": ', "[", "]", "}}"),
  wrapped("JSON: deep objects", '{"job": ', '{"a":', "}", "}"),
  wrapped("JSON: the API's, deep", '{"Job": {"Meta": ', '{"a":', "}", "}}"),
  numbered("JSON: many groups", (n) => `"g${n}": {},`, '{"job": {"j": {"group": {', '"z": {}}}}}'),
  numbered("JSON: many groups of the API", (n) => `{"Name": "g${n}", "Tasks": [{"Name": "t"}]},`, '{"Job": {"ID": "j", "TaskGroups": [', '{"Name": "z"}]}}'), // prettier-ignore
  numbered("JSON: many empty groups of the API", () => "{},", '{"Job": {"ID": "j", "TaskGroups": [', "{}]}}"),
  repeated("JSON: a long text", '{"job": {"j": {"meta": {"a": "', "x", '"}}}}'),
  repeated("JSON: a long number", '{"job": {"j": {"priority": ', "9", "}}}"),
  repeated("JSON: templates", '{"job": {"j": {"meta": {"a": "', "${1}", '"}}}}'),
];

function repeated(name: string, start: string, piece: string, end = ""): HostileShape {
  return { name, make: (length) => start + fill(piece, length - start.length - end.length) + end };
}

function fill(piece: string, length: number): string {
  return piece.repeat(Math.max(1, Math.floor(length / piece.length)));
}

/** Opened as often as the length allows, and closed as often if there is something to close it with. */
function wrapped(name: string, start: string, open: string, close = "", end = ""): HostileShape {
  return {
    name,
    make: (length) => {
      const count = Math.max(1, Math.floor((length - start.length - end.length) / (open + close).length));
      return start + open.repeat(count) + close.repeat(count) + end;
    },
  };
}

function numbered(name: string, line: (n: number) => string, start = "", end = ""): HostileShape {
  return {
    name,
    make: (length) => {
      const lines = [start];
      let left = length - start.length - end.length;
      for (let n = 0; ; n++) {
        const next = line(n);
        left -= next.length;
        if (left < 0) {
          lines.push(end);
          return lines.join("");
        }
        lines.push(next);
      }
    },
  };
}

function locals(name: string, line: (n: number) => string, first = ""): HostileShape {
  return numbered(name, (n) => `${line(n)}\n`, `locals {\n${first}\n`, '}\njob "j" {}\n');
}

function many(text: string, count: number): string {
  return Array.from({ length: count }, () => text).join(", ");
}

/** "Billion laughs": each line is a list of ten times the line before. */
function aliases(): string {
  return Array.from({ length: 9 }, (_, n) =>
    n === 0 ? "a0: &a0 x\n" : `a${n}: &a${n} [${many(`*a${n - 1}`, 10)}]\n`,
  ).join("");
}
