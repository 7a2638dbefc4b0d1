//! Azure Functions and Container Apps.

use super::{Fact, Unit::*, fact};

/// How long the load balancer in front of Azure Functions waits for an HTTP answer, on every plan.
pub static FUNCTIONS_HTTP_TIMEOUT: Fact = fact(
    "Azure Functions",
    "longest HTTP response time",
    230.0,
    Seconds,
    "MicrosoftDocs/azure-docs, functions-timeout-duration.md",
    "2026-09-16",
);
/// How long the ingress of Container Apps waits for a response.
pub static CONTAINER_APPS_HTTP_TIMEOUT: Fact = fact(
    "Azure Container Apps",
    "ingress request timeout",
    240.0,
    Seconds,
    "MicrosoftDocs/azure-docs, container-apps ingress-overview.md",
    "2023-10-01",
);
/// Most replicas of a container app.
pub static CONTAINER_APPS_REPLICAS_MAX: Fact = fact(
    "Azure Container Apps",
    "most replicas",
    1000.0,
    Count,
    "hashicorp/terraform-provider-azurerm, container_app",
    "2026-08-21",
);
/// Replicas that a container app keeps unless told otherwise.
pub static CONTAINER_APPS_MIN_REPLICAS_DEFAULT: Fact = fact(
    "Azure Container Apps",
    "default minimum of replicas",
    0.0,
    Count,
    "hashicorp/terraform-provider-azurerm, container_app",
    "2026-08-21",
);
/// Whether AKS upgrades a cluster by itself that names no channel.
pub static AKS_UPGRADE_CHANNEL_DEFAULT: Fact = fact(
    "AKS",
    "default automatic upgrade channel",
    0.0,
    Flag,
    "hashicorp/terraform-provider-azurerm, kubernetes_cluster",
    "2026-11-25",
);
