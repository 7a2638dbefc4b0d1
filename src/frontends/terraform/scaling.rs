//! What Azure Container Apps and Gcore inference deployments scale by, in their own words.

use crate::model::{Metric, MetricKind, QueueMetric};
use crate::source::Span;
use crate::value::View;

/// The scale rules of a container app; `template` is its template.
pub(super) fn container_app_rules(template: View<'_>) -> Vec<Metric> {
    let mut metrics = Vec::new();
    let rules = |block: &'static str| template.get(block).items();
    for rule in rules("azure_queue_scale_rule") {
        let Some(span) = place(rule) else { continue };
        let queue =
            QueueMetric { per_instance: rule.get("queue_length").text(), ..QueueMetric::of("azure-queue", span) };
        metrics.push(Metric { kind: MetricKind::Queue(queue), span });
    }
    for rule in rules("custom_scale_rule") {
        let Some(span) = place(rule) else { continue };
        let kind = rule.get("custom_rule_type").known_text();
        let kind = match kind.as_deref() {
            Some("cpu" | "memory") => MetricKind::Usage(kind.unwrap_or_default()),
            Some("azure-queue" | "azure-servicebus" | "rabbitmq" | "kafka" | "aws-sqs-queue") => {
                MetricKind::Queue(QueueMetric::of(kind.unwrap_or_default(), span))
            }
            _ => MetricKind::Other,
        };
        metrics.push(Metric { kind, span });
    }
    for rule in rules("http_scale_rule").into_iter().chain(rules("tcp_scale_rule")) {
        metrics.extend(place(rule).map(|span| Metric { kind: MetricKind::Other, span }));
    }
    metrics
}

/// The triggers of an inference deployment in one region.
pub(super) fn inference_triggers(region: View<'_>, place: Span) -> Vec<Metric> {
    let mut metrics = Vec::new();
    let mut add = |key: &'static str, kind: MetricKind| {
        if region.get(key).is_present() {
            metrics.push(Metric { kind, span: region.get(key).span().unwrap_or(place) });
        }
    };
    add("triggers_cpu_threshold", MetricKind::Usage("cpu".into()));
    add("triggers_memory_threshold", MetricKind::Usage("memory".into()));
    for other in ["triggers_gpu_memory_threshold", "triggers_gpu_utilization_threshold", "triggers_http_rate"] {
        add(other, MetricKind::Other);
    }
    let sqs = QueueMetric {
        target_key: Some("triggers_sqs_queue_length"),
        per_instance: region.get("triggers_sqs_queue_length").text(),
        ..QueueMetric::of("SQS", region.get("triggers_sqs_queue_url").span().unwrap_or(place))
    };
    add("triggers_sqs_queue_url", MetricKind::Queue(sqs));
    metrics
}

fn place(rule: View<'_>) -> Option<Span> {
    rule.get("name").span().or(rule.span())
}
