variable "name" {
  type = string
}

variable "visibility" {
  type     = number
  default  = 45
  nullable = false
}

output "label" {
  value = "queue ${var.name}"
}

output "visibility" {
  value = var.visibility
}

output "place" {
  value = path.module
}

output "settings" {
  value = { visibility = var.visibility, retention = var.visibility * 4 }
}
