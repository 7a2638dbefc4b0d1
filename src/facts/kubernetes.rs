//! Kubernetes, Knative and KEDA.

use super::{Fact, Unit::*, fact};

const CORE: &str = "kubernetes/api, types.go";
const KNATIVE: &str = "knative/serving, config/core/configmaps/defaults.yaml";

/// Pods of a Deployment that sets no replicas.
pub static REPLICAS_DEFAULT: Fact = fact("Kubernetes", "default replicas", 1.0, Count, CORE, "2026-07-24");
/// Share of extra pods during a rolling update.
pub static MAX_SURGE_DEFAULT: Fact = fact("Kubernetes", "default maxSurge", 25.0, Percent, CORE, "2026-07-24");
/// CPU utilisation that an HPA without metrics aims at.
pub static HPA_CPU_TARGET_DEFAULT: Fact =
    fact("HorizontalPodAutoscaler", "default CPU target", 80.0, Percent, CORE, "2026-07-24");
/// Least pods of an HPA that does not say.
pub static HPA_MIN_DEFAULT: Fact =
    fact("HorizontalPodAutoscaler", "default minReplicas", 1.0, Count, CORE, "2026-07-24");
/// Least pods of a ScaledObject that does not say.
pub static KEDA_MIN_DEFAULT: Fact =
    fact("KEDA", "default minReplicaCount", 0.0, Count, "kedacore/keda-docs 2.20, ScaledObject", "2026-08-20");
/// Most pods of a ScaledObject that does not say.
pub static KEDA_MAX_DEFAULT: Fact =
    fact("KEDA", "default maxReplicaCount", 100.0, Count, "kedacore/keda-docs 2.20, ScaledObject", "2026-08-20");
/// Request timeout of a Knative revision that sets none.
pub static KNATIVE_TIMEOUT_DEFAULT: Fact =
    fact("Knative", "default timeoutSeconds", 300.0, Seconds, KNATIVE, "2026-08-21");
/// Longest request timeout of a Knative revision, unless the cluster's ConfigMap raises it.
pub static KNATIVE_TIMEOUT_MAX: Fact =
    fact("Knative", "default max-revision-timeout-seconds", 600.0, Seconds, KNATIVE, "2026-08-21");
/// Longest name of a CronJob: eleven characters are added to it, and a Job's name ends at 63.
pub static CRON_JOB_NAME_MAX: Fact = fact("Kubernetes", "longest CronJob name", 52.0, Count, CORE, "2026-07-24");
/// Least pods of a Knative revision that does not say.
pub static KNATIVE_MIN_SCALE_DEFAULT: Fact = fact(
    "Knative",
    "default min-scale",
    0.0,
    Count,
    "knative/serving, config/core/configmaps/autoscaler.yaml",
    "2026-08-21",
);
/// Seconds without work after which KEDA goes down to nothing.
pub static KEDA_COOLDOWN_DEFAULT: Fact =
    fact("KEDA", "default cooldownPeriod", 300.0, Seconds, "kedacore/keda-docs 2.20, ScaledObject", "2026-08-20");
/// Seconds between two looks of KEDA at a queue.
pub static KEDA_POLLING_DEFAULT: Fact =
    fact("KEDA", "default pollingInterval", 30.0, Seconds, "kedacore/keda-docs 2.20, ScaledObject", "2026-08-20");
/// Seconds that a probe waits before its first try.
pub static PROBE_DELAY_DEFAULT: Fact =
    fact("Kubernetes", "default initialDelaySeconds", 0.0, Seconds, CORE, "2026-07-24");
/// Seconds between two tries of a probe.
pub static PROBE_PERIOD_DEFAULT: Fact = fact("Kubernetes", "default periodSeconds", 10.0, Seconds, CORE, "2026-07-24");
/// Failures in a row after which a probe has failed.
pub static PROBE_FAILURES_DEFAULT: Fact =
    fact("Kubernetes", "default failureThreshold", 3.0, Count, CORE, "2026-07-24");
/// Seconds from the decision to end a pod until it is killed.
pub static GRACE_DEFAULT: Fact =
    fact("Kubernetes", "default terminationGracePeriodSeconds", 30.0, Seconds, CORE, "2026-07-24");
/// Least pods of a Knative revision that does not say.
pub static KNATIVE_MIN_DEFAULT: Fact = fact(
    "Knative",
    "default min-scale",
    0.0,
    Count,
    "knative/serving, config/core/configmaps/autoscaler.yaml",
    "2026-08-21",
);
