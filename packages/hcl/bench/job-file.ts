/** A generator of plausible job files: docker tasks, templates, constraints, services, variables. */

/** The same seed gives the same file. */
export function jobFile(seed: number): string {
  const random = generator(seed + 1);
  const name = `${pick(random, names)}-${seed}`;
  const groups = times(random(4) === 0 ? 2 : 1, (index) => group(random, `${name}-g${index}`, seed));
  const header = random(8) === 0 ? variables(random) : "";
  return `${header}job "${name}" {
  datacenters = ["dc1", "dc2"]
  type        = "${pick(random, ["service", "service", "batch", "system"])}"
  # Written for node class ${pick(random, ["large", "small"])}.
${constraint(random, 2)}
${groups.join("\n\n")}
}
`;
}

type Random = (below: number) => number;

/** A linear congruential generator: https://en.wikipedia.org/wiki/Linear_congruential_generator. */
function generator(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const names = ["web", "cache", "queue", "gallery", "metrics", "proxy", "backup", "mail"];
const images = ["nginx:1.27", "redis:7", "postgres:16", "traefik:v3.1", "grafana/grafana:11.2.0"];

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[random(items.length)];
}

function times<Item>(count: number, make: (index: number) => Item): Item[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function variables(random: Random): string {
  return `variable "image_tag" {
  type        = string
  default     = "v${random(9)}.${random(20)}"
  description = "What to run."
  validation {
    condition     = length(split(".", var.image_tag)) == 2
    error_message = "The tag is major.minor."
  }
}

variable "ports" {
  type    = map(number)
  default = { http = 8080, admin = ${9000 + random(99)} }
}

locals {
  registry = "registry.example.org"
  image    = "\${local.registry}/\${lower("APP")}:\${var.image_tag}"
  tags     = [for key, port in var.ports : "\${key}=\${port}" if port > 8000]
}

`;
}

function constraint(random: Random, indentation: number): string {
  const text = `constraint {
  attribute = "\${attr.${pick(random, ["kernel.name", "cpu.arch", "unique.hostname"])}}"
  operator  = "="
  value     = "${pick(random, ["linux", "amd64", "node-1"])}"
}`;
  return indent(text, indentation);
}

function indent(text: string, count: number): string {
  return text.replaceAll(/^(?=.)/gm, " ".repeat(count));
}

function group(random: Random, name: string, seed: number): string {
  const text = `group "${name}" {
  count = ${1 + random(5)}

  network {
    mode = "bridge"
    port "http" {
      static = ${8000 + (seed % 1000)}
      to     = 80
    }
    port "metrics" {}
  }

  restart {
    attempts = ${2 + random(8)}
    interval = "30m"
    delay    = "15s"
    mode     = "fail"
  }

  service {
    name = "${name}"
    port = "http"
    tags = ["traefik.enable=true", "traefik.http.routers.${name}.rule=Host(\`${name}.example.org\`)"]

    check {
      type     = "http"
      path     = "/health"
      interval = "10s"
      timeout  = "2s"
    }
  }

${times(random(4) === 0 ? 2 : 1, (index) => indent(task(random, `${name}-t${index}`), 2)).join("\n\n")}
}`;
  return indent(text, 2);
}

function task(random: Random, name: string): string {
  return `task "${name}" {
  driver = "docker"

  config {
    image = "${pick(random, images)}"
    ports = ["http", "metrics"]
    args  = ["--port", "\${NOMAD_PORT_http}", "--name=${name}"]
    volumes = [
      "local/config.toml:/etc/config.toml:ro",
      "/srv/${name}:/data",
    ]
    labels = {
      "com.example.task" = "${name}"
      replicas           = ${random(9)} * 2
    }
  }

  env {
    PORT      = "\${NOMAD_PORT_http}"
    NODE_NAME = "\${node.unique.name}"
    LOG_LEVEL = ${random(2)} > 0 ? "debug" : "info"
  }

  template {
    destination = "local/config.toml"
    change_mode = "restart"
    data        = <<-EOT
      # written by hand
      [server]
      address = ":{{ env "NOMAD_PORT_http" }}"
      {{ range service "postgres" }}
      database = "postgres://{{ .Address }}:{{ .Port }}/${name}"
      {{ end }}
      workers = ${1 + random(16)}
    EOT
  }

  resources {
    cpu    = ${100 * (1 + random(20))}
    memory = ${128 * (1 + random(16))}
  }

  kill_timeout = "20s" // long enough to drain
}`;
}
