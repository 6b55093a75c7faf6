import type { Command, Invocation } from "../command.ts";
import { write } from "../files.ts";

const short = `job "example" {
  type = "service"

  group "web" {
    count = 1

    network {
      port "http" {}
    }

    service {
      name     = "example"
      port     = "http"
      provider = "nomad"

      check {
        type     = "http"
        path     = "/"
        interval = "10s"
        timeout  = "2s"
      }
    }

    task "server" {
      driver = "raw_exec"

      config {
        command = "python3"
        args    = ["-m", "http.server", "\${NOMAD_PORT_http}"]
      }

      resources {
        cpu    = 100
        memory = 64
      }
    }
  }
}
`;

/** What the long form says about the lines of the short one, by how they begin. */
const comments: Readonly<Record<string, string>> = {
  'job "example"': "A job is what is run, updated and stopped as a whole.",
  "  type =": "service runs on, batch runs to its end, system runs on every node.",
  '  group "web"': "The tasks of a group run on one node; count says how many such groups there are.",
  "    network": "A port without a number is chosen by the scheduler: NOMAD_PORT_http holds it.",
  "    service": "Others find the service by its name; it is listed while its check passes.",
  '    task "server"':
    "A driver runs the task: raw_exec a program as it is, exec one set apart, docker an image.",
  "      resources": "What the scheduler sets aside: MHz of processor time and megabytes of memory.",
};

export const init: Command = {
  arguments: "[file]",
  takes: [0, 1],
  words:
    "Writes a job file to begin with, example.nomad.hcl unless another name is given. A file that is there is left alone.",
  flags: [{ name: "short", words: "without the comments" }],
  examples: [{ line: "job init", words: "write example.nomad.hcl" }],
  run: async ({ context, arguments: [path = "example.nomad.hcl"], flags }: Invocation) => {
    const text = flags.is("short") ? short : commented(short);
    await write(context.surroundings.directory, path, text, { isNew: true });
    context.print(`Example job file written to ${path}`);
  },
};

function commented(text: string): string {
  const lines = text.split("\n").flatMap((line) => {
    const words = Object.entries(comments).find(([start]) => line.startsWith(start))?.[1];
    return words ? [`${/^ */.exec(line)?.[0] ?? ""}# ${words}`, line] : [line];
  });
  return lines.join("\n");
}
