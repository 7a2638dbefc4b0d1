# What the expressions in recorded.txt refer to. Terraform and the tests read the same files.
variable "name" {
  type    = string
  default = "orders"
}

variable "stage" {
  default = "dev"
}

variable "timeout" {
  type    = number
  default = "30"
}

variable "port_as_text" {
  type    = string
  default = 8080
}

variable "enabled" {
  type    = bool
  default = "true"
}

variable "nothing" {
  default = null
}

variable "zones" {
  type    = list(string)
  default = ["a", "b", "c"]
}

variable "names" {
  type    = set(string)
  default = ["web", "api", "web", "batch"]
}

variable "sizes" {
  type = map(number)
  default = {
    small = 128
    large = 1024
  }
}

variable "defaults" {
  type    = map(any)
  default = {}
}

variable "functions" {
  type = map(object({
    memory  = optional(number, 128)
    timeout = optional(number)
    layers  = optional(list(string), [])
    retry   = optional(object({ attempts = optional(number, 2), age = optional(number, 60) }), {})
  }))
  default = {
    resize = { memory = 512, timeout = 20 }
    notify = { retry = { attempts = 0 } }
  }
}

variable "from_file" {
  default = "not this"
}

variable "queue" {
  type = object({
    name       = string
    visibility = optional(number, 30)
    dead       = optional(bool)
  })
  default = { name = "jobs" }
}

variable "rules" {
  type = list(object({ port = number, cidr = string }))
  default = [
    { port = 80, cidr = "10.0.0.0/8" },
    { port = 443, cidr = "0.0.0.0/0" },
  ]
}

locals {
  prefix   = "${var.name}-${var.stage}"
  is_live  = var.stage == "live"
  memory   = local.is_live ? var.sizes["large"] : var.sizes["small"]
  tags     = { team = "shop", "cost center" = "42" }
  all_tags = merge(local.tags, { stage = var.stage }, local.is_live ? { backup = "yes" } : {})
  minutes  = 5
  seconds  = local.minutes * 60
  users    = [{ name = "ann", admin = true }, { name = "bob", admin = false }, { name = "eve", admin = true }]
  nested   = { a = { b = { c = [1, 2, { d = "deep" }] } } }
  text     = <<-EOT
    first
      second
    third ${var.name}
  EOT
  listing  = <<EOT
%{for zone in var.zones~}
zone ${zone}
%{endfor~}
EOT
  settings = yamldecode(file("${path.module}/files/settings.yaml"))
  schema   = jsondecode(file("${path.module}/files/schema.json"))
}

module "queue" {
  source = "./modules/queue"
  name   = "${local.prefix}-jobs"
}

module "queues" {
  source     = "./modules/queue"
  for_each   = var.names
  name       = each.value
  visibility = length(each.key) * 10
}

module "pair" {
  source = "./modules/queue"
  count  = 2
  name   = "pair-${count.index}"
}
