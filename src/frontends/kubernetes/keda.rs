//! What KEDA's ScaledObject and ScaledJob have in common: bounds, clocks, and the triggers that they go by.

use super::object::Object;
use super::scalers::utilization;
use crate::facts::kubernetes as facts;
use crate::model::{Link, Metric, MetricKind, QueueMetric, Scaler, ScalerKind, UnitId, Workload};
use crate::value::{Sourced, View};

/// A rule of KEDA for what `target` leads to.
pub(super) fn scaler(object: &Object, unit: UnitId, kind: ScalerKind, target: Link<Workload>) -> Scaler {
    let spec = object.spec();
    let min = spec.get("minReplicaCount").whole().or_fact(&facts::KEDA_MIN_DEFAULT);
    let max = spec.get("maxReplicaCount").whole().or_fact(&facts::KEDA_MAX_DEFAULT).map(Some);
    let triggers = spec.get("triggers").items();
    // A formula may make anything of what the triggers say.
    let is_computed = spec.at(&["advanced", "scalingModifiers", "formula"]).is_present();
    Scaler {
        polling: spec.get("pollingInterval").whole(),
        cooldown: spec.get("cooldownPeriod").whole(),
        metrics: triggers.into_iter().filter(|_| !is_computed).map(|trigger| metric(object, trigger)).collect(),
        ..Scaler::new(object.identity(unit), kind, target, min, max)
    }
}

/// Whether a trigger only looks at the pods themselves. Any other one may be why there are pods at all.
pub(super) fn is_internal(trigger: View<'_>) -> bool {
    matches!(trigger.get("type").known_text().as_deref(), Some("cpu" | "memory"))
}

fn metric(object: &Object, trigger: View<'_>) -> Metric {
    let kind = trigger.get("type");
    let span = kind.span().unwrap_or(object.span);
    let metadata = trigger.get("metadata").within(span);
    let Some(name) = kind.known_text() else { return Metric { kind: MetricKind::Other, span } };
    if is_internal(trigger) {
        // The older way to say it is inside of `metadata`.
        let written = trigger.get("metricType");
        let written = if written.is_present() { written } else { metadata.get("type") };
        let is_share: Sourced<bool> = written.text().map(|text| text.is_none_or(|text| &*text == "Utilization"));
        let kind = match is_share.known() {
            Some(true) => utilization(name, metadata.get("containerName")),
            _ => MetricKind::Usage(name),
        };
        return Metric { kind, span };
    }
    let Some(keys) = target_keys(&name) else { return Metric { kind: MetricKind::Other, span } };
    let queue = QueueMetric {
        target_key: keys.first().copied(),
        per_instance: metadata.first(keys).text(),
        allows_idle: metadata.get("allowIdleConsumers").boolean().map(|allows| allows.unwrap_or(false)),
        ..QueueMetric::of(name, span)
    };
    Metric { kind: MetricKind::Queue(queue), span }
}

/// What triggers for queues call the messages of one replica, in the present and in older spellings. None for those
/// that KEDA refuses without a number; `None` for triggers that are about something else.
fn target_keys(trigger: &str) -> Option<&'static [&'static str]> {
    Some(match trigger {
        "aws-sqs-queue" | "azure-queue" => &["queueLength"],
        "artemis-queue" => &["queueLength", "value"],
        "azure-servicebus" => &["messageCount"],
        "activemq" => &["targetQueueSize"],
        "gcp-pubsub" => &["value", "subscriptionSize"],
        "kafka" | "apache-kafka" | "nats-jetstream" | "stan" => &["lagThreshold"],
        "pulsar" => &["msgBacklogThreshold", "msgBacklog"],
        "redis" | "redis-cluster" | "redis-sentinel" => &["listLength"],
        "aws-kinesis-stream" => &["shardCount"],
        "azure-eventhub" => &["unprocessedEventThreshold"],
        "ibmmq" => &["queueDepth"],
        "rabbitmq"
        | "redis-streams"
        | "redis-cluster-streams"
        | "redis-sentinel-streams"
        | "solace-event-queue"
        | "beanstalkd" => &[],
        _ => return None,
    })
}
