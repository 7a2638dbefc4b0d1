//! HorizontalPodAutoscaler and KEDA's ScaledObject.

use super::lower::{Lowering, is_empty, on};
use super::object::Object;
use crate::facts::kubernetes as facts;
use crate::model::{
    BackingService, EventKind, Link, Metric, MetricKind, QueueTrigger, Scaler, ScalerKind, Trigger, TriggerKind,
    exported,
};
use crate::value::{Data, Reference, Sourced, View};
use std::sync::Arc;

impl<'o> Lowering<'o, '_> {
    pub(super) fn autoscaler(&mut self, object: &'o Object) {
        let spec = object.spec();
        let target = spec.get("scaleTargetRef");
        let Some(kind) = target.get("kind").known_text() else { return };
        let Some(link) = self.objects.link(&kind, object, target.get("name")) else { return };
        let is_first = object.view().get("apiVersion").is_text("autoscaling/v1");
        let metrics = if is_first { first_metrics(object) } else { metrics(object, spec.get("metrics")) };
        let max = spec.get("maxReplicas").whole();
        self.declarations.scalers.push(Scaler {
            identity: object.identity(self.unit),
            kind: ScalerKind::Hpa,
            target: Link::to(link),
            min: spec.get("minReplicas").whole().or_fact(&facts::HPA_MIN_DEFAULT),
            max,
            metrics,
            rests: false,
        });
    }

    pub(super) fn scaled_object(&mut self, object: &'o Object) {
        let paused = ["autoscaling.keda.sh/paused", "autoscaling.keda.sh/paused-replicas"];
        if paused.iter().any(|name| object.annotation(name).is_present()) {
            return;
        }
        let spec = object.spec();
        let target = spec.get("scaleTargetRef");
        let kind =
            if target.get("kind").is_absent() { Some("Deployment".into()) } else { target.get("kind").known_text() };
        let Some(kind) = kind else { return };
        let Some(link) = self.objects.link(&kind, object, target.get("name")) else { return };
        let triggers = spec.get("triggers").items();
        for trigger in triggers.iter().filter(|trigger| !is_internal(**trigger)) {
            let (kind, source) = read_by(*trigger);
            let span = trigger.get("type").span().unwrap_or(object.span);
            let target = Link::to(link.clone());
            self.declarations
                .triggers
                .push(Trigger { source, ..Trigger::new(self.unit, span, target, on(span), kind) });
        }
        let rests = triggers.iter().any(|trigger| trigger.get("type").is_text("cron"));
        self.declarations.scalers.push(Scaler {
            identity: object.identity(self.unit),
            kind: ScalerKind::ScaledObject,
            rests,
            target: Link::to(link),
            min: spec.get("minReplicaCount").whole().or_fact(&facts::KEDA_MIN_DEFAULT),
            max: spec.get("maxReplicaCount").whole().or_fact(&facts::KEDA_MAX_DEFAULT).map(Some),
            metrics: triggers.into_iter().map(|trigger| keda_metric(object, trigger)).collect(),
        });
    }
}

/// Whether a trigger of KEDA only looks at the pods themselves. Any other one may be why there are pods at all.
fn is_internal(trigger: View<'_>) -> bool {
    matches!(trigger.get("type").known_text().as_deref(), Some("cpu" | "memory"))
}

/// What a trigger of KEDA looks at, for those of AWS.
fn read_by(trigger: View<'_>) -> (TriggerKind, Option<Link<BackingService>>) {
    let metadata = trigger.get("metadata");
    let region = metadata.get("awsRegion").known_text().unwrap_or_default();
    let named = |key: &str, kind: &str| {
        let view = metadata.get(key);
        let value = view.value()?;
        Some(match value.known() {
            Some(Data::Text(name)) if !name.starts_with("https://") => {
                let reference = Reference { address: exported::thing(kind, name).into(), attribute: region.clone() };
                Sourced::new(Data::Reference(reference), value.origin.clone())
            }
            _ => value.clone(),
        })
    };
    let other = TriggerKind::Event(EventKind::Other);
    match trigger.get("type").known_text().as_deref() {
        Some("aws-sqs-queue") => match named("queueURL", "aws_sqs_queue") {
            Some(queue) => (TriggerKind::Queue(QueueTrigger::of(queue)), None),
            None => (other, None),
        },
        Some("aws-kinesis-stream") => (other, named("streamName", "aws_kinesis_stream").map(Link::to)),
        Some("aws-dynamodb-streams" | "aws-dynamodb") => {
            (other, named("tableName", "aws_dynamodb_table").map(Link::to))
        }
        _ => (other, None),
    }
}

fn utilization(resource: Arc<str>, container: View<'_>) -> MetricKind {
    // A container that cannot be told could be any of them.
    if container.is_present() && container.known_text().is_none() {
        return MetricKind::Other;
    }
    MetricKind::Utilization { resource, container: container.known_text() }
}

/// The only metric that the first version of the API knows. Anything under `metrics` is not part of it.
fn first_metrics(object: &Object) -> Vec<Metric> {
    let target = object.spec().get("targetCPUUtilizationPercentage");
    let annotated = object.annotation("autoscaling.alpha.kubernetes.io/metrics");
    if target.is_absent() && annotated.is_present() {
        return Vec::new();
    }
    default_metric(target.span().unwrap_or(object.span))
}

/// What an autoscaler goes by that names nothing: the use of the CPU.
fn default_metric(span: crate::source::Span) -> Vec<Metric> {
    vec![Metric { kind: MetricKind::Utilization { resource: "cpu".into(), container: None }, span }]
}

fn metrics(object: &Object, written: View<'_>) -> Vec<Metric> {
    if is_empty(written) {
        return default_metric(object.span);
    }
    written.items().into_iter().map(|metric| one_metric(object, metric)).collect()
}

/// One that cannot be told is another one: it may work.
fn one_metric(object: &Object, metric: View<'_>) -> Metric {
    let kind = metric.get("type").known_text().unwrap_or_default();
    let source = match &*kind {
        "Resource" => metric.get("resource"),
        "ContainerResource" => metric.get("containerResource"),
        _ => return Metric { kind: MetricKind::Other, span: metric.span().unwrap_or(object.span) },
    };
    let target = source.get("target");
    // `targetAverageUtilization` is how v2beta1 says it.
    let share = target.first(&["averageUtilization"]);
    let share = if share.is_present() { share } else { source.get("targetAverageUtilization") };
    let goes_by_share = share.is_present() && !target.get("averageValue").is_present();
    let name = source.get("name");
    let span = share.span().or(metric.span()).unwrap_or(object.span);
    let kind = match name.known_text().filter(|_| goes_by_share && !share.is_unknown()) {
        Some(resource) if &*kind == "Resource" => utilization(resource, View::missing(None)),
        Some(resource) if source.get("container").is_present() => utilization(resource, source.get("container")),
        _ => MetricKind::Other,
    };
    Metric { kind, span }
}

fn keda_metric(object: &Object, trigger: View<'_>) -> Metric {
    let kind = trigger.get("type");
    let metadata = trigger.get("metadata");
    // The older way to say it is inside of `metadata`.
    let written = trigger.get("metricType");
    let written = if written.is_present() { written } else { metadata.get("type") };
    let resource = kind.known_text().filter(|kind| matches!(&**kind, "cpu" | "memory"));
    let is_share: Sourced<bool> = written.text().map(|text| text.is_none_or(|text| &*text == "Utilization"));
    let metric = match resource {
        Some(resource) if is_share.known() == Some(&true) => utilization(resource, metadata.get("containerName")),
        _ => MetricKind::Other,
    };
    Metric { kind: metric, span: kind.span().unwrap_or(object.span) }
}
