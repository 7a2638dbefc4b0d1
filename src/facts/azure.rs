//! Azure Functions and Container Apps.

use super::{Fact, Unit::*, fact};

const PROVIDER: &str = "hashicorp/terraform-provider-azurerm, container_app";

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
pub static CONTAINER_APPS_REPLICAS_MAX: Fact =
    fact("Azure Container Apps", "most replicas", 1000.0, Count, PROVIDER, "2026-08-21");
/// Replicas that a container app keeps unless told otherwise.
pub static CONTAINER_APPS_MIN_REPLICAS_DEFAULT: Fact =
    fact("Azure Container Apps", "default minimum of replicas", 0.0, Count, PROVIDER, "2026-08-21");
/// Seconds that a probe of a container app waits before its first try.
pub static PROBE_DELAY_DEFAULT: Fact =
    fact("Azure Container Apps", "default initial delay of a startup probe", 0.0, Seconds, PROVIDER, "2026-08-21");
/// Seconds between two tries of a probe of a container app.
pub static PROBE_PERIOD_DEFAULT: Fact =
    fact("Azure Container Apps", "default interval of a probe", 10.0, Seconds, PROVIDER, "2026-08-21");
/// Failures in a row after which a probe of a container app has failed.
pub static PROBE_FAILURES_DEFAULT: Fact =
    fact("Azure Container Apps", "default failure count of a probe", 3.0, Count, PROVIDER, "2026-08-21");
/// Whether AKS upgrades a cluster by itself that names no channel.
pub static AKS_UPGRADE_CHANNEL_DEFAULT: Fact = fact(
    "AKS",
    "default automatic upgrade channel",
    0.0,
    Flag,
    "hashicorp/terraform-provider-azurerm, kubernetes_cluster",
    "2026-11-25",
);
