//! Google Cloud Run, Cloud Functions, Cloud Scheduler and Pub/Sub.

use super::{Fact, Unit::*, fact};

const PROVIDER: &str = "hashicorp/terraform-provider-google, website/docs/r";
const RUN: &str = "Google Cloud documentation, Cloud Run request timeout";

/// Request timeout of a Cloud Run service that sets none.
pub static RUN_TIMEOUT_DEFAULT: Fact = fact("Cloud Run", "default request timeout", 300.0, Seconds, RUN, "2026-08-21");
/// Longest request timeout of a Cloud Run service.
pub static RUN_TIMEOUT_MAX: Fact = fact("Cloud Run", "longest request timeout", 3600.0, Seconds, RUN, "2026-08-21");
/// Task timeout of a Cloud Run job that sets none.
pub static RUN_JOB_TIMEOUT_DEFAULT: Fact = fact(
    "Cloud Run jobs",
    "default task timeout",
    600.0,
    Seconds,
    "Google Cloud documentation, Cloud Run task timeout",
    "2026-08-21",
);
/// Longest task timeout of a Cloud Run job, 168 hours.
pub static RUN_JOB_TIMEOUT_MAX: Fact = fact(
    "Cloud Run jobs",
    "longest task timeout",
    604_800.0,
    Seconds,
    "Google Cloud documentation, Cloud Run task timeout",
    "2026-08-21",
);
/// Memory that four vCPUs need at least.
pub static RUN_MEMORY_FOR_4_CPUS: Fact =
    fact("Cloud Run", "least memory with 4 vCPU", 2048.0, Mebibytes, PROVIDER, "2026-08-21");
/// Memory that six vCPUs and more need at least.
pub static RUN_MEMORY_FOR_6_CPUS: Fact =
    fact("Cloud Run", "least memory with 6 vCPU or more", 4096.0, Mebibytes, PROVIDER, "2026-08-21");
/// Minimum of instances where none is set.
pub static RUN_MIN_INSTANCES_DEFAULT: Fact =
    fact("Cloud Run", "default minimum of instances", 0.0, Count, PROVIDER, "2026-08-21");
/// vCPU of an instance that sets none.
pub static RUN_CPU_DEFAULT: Fact =
    fact("Cloud Run", "default CPU", 1.0, Cpus, "Google Cloud documentation, CPU limits of services", "2026-11-25");
/// Memory of an instance that sets none.
pub static RUN_MEMORY_DEFAULT: Fact = fact(
    "Cloud Run",
    "default memory",
    512.0,
    Mebibytes,
    "Google Cloud documentation, memory limits of services",
    "2026-11-25",
);
/// CPU is there only while requests are worked on, where a container sets no `resources`.
pub static RUN_CPU_IDLE_DEFAULT: Fact =
    fact("Cloud Run", "default cpu_idle without resources", 1.0, Flag, PROVIDER, "2026-08-21");
/// CPU is always there where a container sets `resources` without `cpu_idle`.
pub static RUN_CPU_IDLE_WITH_RESOURCES: Fact =
    fact("Cloud Run", "default cpu_idle with resources", 0.0, Flag, PROVIDER, "2026-08-21");
/// Timeout of a function of either generation that sets none.
pub static FUNCTION_TIMEOUT_DEFAULT: Fact =
    fact("Cloud Functions", "default timeout", 60.0, Seconds, PROVIDER, "2026-08-21");
/// Longest timeout of a first generation function.
pub static FUNCTION_GEN1_TIMEOUT_MAX: Fact = fact(
    "Cloud Functions (1st gen)",
    "longest timeout",
    540.0,
    Seconds,
    "Google Cloud documentation, quotas of 1st gen functions",
    "2026-08-21",
);
/// Longest timeout of a second generation function that answers HTTP requests.
pub static FUNCTION_GEN2_TIMEOUT_MAX: Fact = fact(
    "Cloud Functions (2nd gen)",
    "longest timeout",
    3600.0,
    Seconds,
    "Google Cloud documentation, Cloud Run functions quotas",
    "2026-08-21",
);
/// Memory of a function that sets none.
pub static FUNCTION_MEMORY_DEFAULT: Fact =
    fact("Cloud Functions", "default memory", 256.0, Mebibytes, PROVIDER, "2026-08-21");
/// How long Cloud Scheduler waits for an HTTP target unless told otherwise.
pub static SCHEDULER_DEADLINE_DEFAULT: Fact =
    fact("Cloud Scheduler", "default attempt deadline", 180.0, Seconds, PROVIDER, "2026-08-21");
/// The longest Cloud Scheduler waits for an HTTP target.
pub static SCHEDULER_DEADLINE_MAX: Fact =
    fact("Cloud Scheduler", "longest attempt deadline", 1800.0, Seconds, PROVIDER, "2026-08-21");
/// How long Pub/Sub waits for an acknowledgement, and for the answer to a push.
pub static PUBSUB_ACK_DEADLINE_DEFAULT: Fact =
    fact("Pub/Sub", "default acknowledgement deadline", 10.0, Seconds, PROVIDER, "2026-08-21");
/// The longest acknowledgement deadline.
pub static PUBSUB_ACK_DEADLINE_MAX: Fact =
    fact("Pub/Sub", "longest acknowledgement deadline", 600.0, Seconds, PROVIDER, "2026-08-21");
/// vCPU of a node of a pool that names no machine (`e2-medium`).
pub static GKE_MACHINE_CPUS_DEFAULT: Fact = fact(
    "GKE",
    "vCPU of the default machine type e2-medium",
    2.0,
    Cpus,
    "hashicorp/terraform-provider-google, container_cluster",
    "2026-11-25",
);
/// Zones in which a regional cluster has its nodes.
pub static GKE_REGION_ZONES: Fact =
    fact("GKE", "zones of a regional cluster", 3.0, Count, "Google Cloud, regional clusters", "2026-11-25");
