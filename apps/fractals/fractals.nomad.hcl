# Fractals as a job: message broker, API with the gallery, and workers that draw.
# `npm start` runs it; by hand: fractus job run -var code=… -var data=… -var node=… fractals.nomad.hcl

variable "code" {
  type        = string
  description = "the checkout, with its packages installed"
}

variable "data" {
  type        = string
  description = "the directory for the database, the pictures and the queue"
}

variable "node" {
  type        = string
  description = "the Node.js program that runs everything"
}

variable "workers" {
  type    = number
  default = 1
}

variable "port" {
  type        = number
  default     = 8080
  description = "the front door: gallery and API"
}

variable "amqp_port" {
  type    = number
  default = 5672
}

variable "host" {
  type    = string
  default = "127.0.0.1"
}

variable "isolated" {
  type        = bool
  default     = false
  description = "each task in a root file system, namespaces and limits of its own: needs root"
}

locals {
  driver   = var.isolated ? "exec" : "raw_exec"
  volumes  = var.isolated ? { code = true, data = false } : {}
  code     = var.isolated ? "/fractals/code" : var.code
  data     = var.isolated ? "/fractals/data" : var.data
  node     = replace(var.node, var.code, local.code)
  programs = "${local.code}/apps/fractals"
  front    = "http://localhost:${var.port}"
  queue    = "amqp://guest:guest@localhost:${var.amqp_port}/"
}

job "fractals" {
  datacenters = ["*"]
  type        = "service"

  group "queue" {
    network {
      port "amqp" {
        static = var.amqp_port
      }
    }

    dynamic "volume" {
      for_each = local.volumes
      labels   = [volume.key]
      content {
        type      = "host"
        source    = "fractals-${volume.key}"
        read_only = volume.value
      }
    }

    restart {
      attempts = 100
      interval = "1m"
      delay    = "200ms"
      mode     = "delay"
    }

    service {
      name     = "fractals-queue"
      port     = "amqp"
      provider = "nomad"

      check {
        type     = "tcp"
        interval = "5s"
        timeout  = "2s"
      }
    }

    task "broker" {
      driver = local.driver
      user   = var.isolated ? "root" : ""

      config {
        command = local.node
        args = [
          "${local.code}/packages/messaging/src/fractus-broker.ts",
          "--host", var.host,
          "--port", "${NOMAD_PORT_amqp}",
          "--data", "${local.data}/broker",
        ]
      }

      dynamic "volume_mount" {
        for_each = local.volumes
        content {
          volume      = volume_mount.key
          destination = "/fractals/${volume_mount.key}"
          read_only   = volume_mount.value
        }
      }

      resources {
        cpu    = 50
        memory = 300
      }
    }
  }

  group "api" {
    network {
      port "http" {}
    }

    dynamic "volume" {
      for_each = local.volumes
      labels   = [volume.key]
      content {
        type      = "host"
        source    = "fractals-${volume.key}"
        read_only = volume.value
      }
    }

    restart {
      attempts = 100
      interval = "1m"
      delay    = "200ms"
      mode     = "delay"
    }

    update {
      min_healthy_time  = "2s"
      healthy_deadline  = "2m"
      progress_deadline = "5m"
      auto_revert       = true
    }

    service {
      name     = "fractals-api"
      port     = "http"
      provider = "nomad"
      tags     = ["fractus.port=${var.port}"]

      check {
        type     = "http"
        path     = "/readyz"
        interval = "2s"
        timeout  = "2s"
      }
    }

    task "api" {
      driver = local.driver
      user   = var.isolated ? "root" : ""

      config {
        command = local.node
        args = [
          "${local.programs}/api/src/faafo-api.ts",
          "--bind-host", "127.0.0.1",
          "--listen-port", "${NOMAD_PORT_http}",
          "--database-url", "sqlite:///${local.data}/fractals.db",
          "--image-store", "${local.data}/images",
          "--transport-url", local.queue,
        ]
      }

      dynamic "volume_mount" {
        for_each = local.volumes
        content {
          volume      = volume_mount.key
          destination = "/fractals/${volume_mount.key}"
          read_only   = volume_mount.value
        }
      }

      resources {
        cpu    = 100
        memory = 400
      }
    }
  }

  group "worker" {
    count = var.workers

    dynamic "volume" {
      for_each = var.isolated ? { code = true } : {}
      labels   = [volume.key]
      content {
        type      = "host"
        source    = "fractals-${volume.key}"
        read_only = volume.value
      }
    }

    restart {
      attempts = 100
      interval = "1m"
      delay    = "200ms"
      mode     = "delay"
    }

    meta = {
      "fractus.after" = "fractals-api:healthy"
    }

    task "worker" {
      driver = local.driver

      config {
        command = local.node
        args = [
          "${local.programs}/worker/src/faafo-worker.ts",
          "--name", "worker-${NOMAD_ALLOC_INDEX}",
          "--endpoint-url", local.front,
          "--transport-url", local.queue,
        ]
      }

      dynamic "volume_mount" {
        for_each = var.isolated ? { code = true } : {}
        content {
          volume      = volume_mount.key
          destination = local.code
          read_only   = true
        }
      }

      resources {
        cpu    = 100
        memory = 400
      }
    }
  }
}
