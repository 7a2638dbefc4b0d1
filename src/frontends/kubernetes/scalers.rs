//! HorizontalPodAutoscaler, VerticalPodAutoscaler, and what KEDA's ScaledObject scales.

use super::keda;
use super::lower::{Lowering, is_empty, on};
use super::object::Object;
use crate::facts::kubernetes as facts;
use crate::model::{
    BackingService, EventKind, Link, Metric, MetricKind, QueueTrigger, Scaler, ScalerKind, Trigger, TriggerKind,
    VerticalScaler, exported,
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
        let min = spec.get("minReplicas").whole().or_fact(&facts::HPA_MIN_DEFAULT);
        let identity = object.identity(self.unit);
        self.declarations.scalers.push(Scaler {
            presence: self.objects.presence(&kind, object, target.get("name")),
            metrics,
            ..Scaler::new(identity, ScalerKind::Hpa, Link::to(link), min, max)
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
        for trigger in triggers.iter().filter(|trigger| !keda::is_internal(**trigger)) {
            let (kind, source) = read_by(*trigger);
            let span = trigger.get("type").span().unwrap_or(object.span);
            let target = Link::to(link.clone());
            self.declarations
                .triggers
                .push(Trigger { source, ..Trigger::new(self.unit, span, target, on(span), kind) });
        }
        let handed_over = "scaledobject.keda.sh/transfer-hpa-ownership";
        let minds = object.annotation("validations.keda.sh/hpa-ownership");
        let scaler = Scaler {
            presence: self.objects.presence(&kind, object, target.get("name")),
            takes_over: object.annotation(handed_over).is_present() || minds.is_present(),
            idle: spec.get("idleReplicaCount").whole(),
            ..keda::scaler(object, self.unit, ScalerKind::ScaledObject, Link::to(link))
        };
        self.declarations.scalers.push(scaler);
    }

    pub(super) fn vertical_autoscaler(&mut self, object: &'o Object) {
        let spec = object.spec();
        let target = spec.get("targetRef");
        let Some(kind) = target.get("kind").known_text() else { return };
        let Some(link) = self.objects.link(&kind, object, target.get("name")) else { return };
        let mode = spec.at(&["updatePolicy", "updateMode"]).within(object.span).text();
        self.declarations.vertical_scalers.push(VerticalScaler {
            identity: object.identity(self.unit),
            target: Link::to(link),
            acts: mode.map(|mode| !matches!(mode.as_deref(), Some("Off" | "Initial"))),
            resources: sized(spec.at(&["resourcePolicy", "containerPolicies"])),
        });
    }
}

/// The resources that a VerticalPodAutoscaler sets in every container. What it does otherwise in one of them counts
/// for all.
fn sized(policies: View<'_>) -> Vec<Arc<str>> {
    let mut resources: Vec<Arc<str>> = vec!["cpu".into(), "memory".into()];
    if policies.is_unknown() {
        return Vec::new();
    }
    for policy in policies.items() {
        let mode = policy.get("mode");
        let controlled = policy.get("controlledResources");
        if mode.is_present() && !mode.is_text("Auto") || controlled.is_unknown() {
            return Vec::new();
        }
        if controlled.is_present() {
            let named: Vec<Arc<str>> = controlled.items().into_iter().filter_map(View::known_text).collect();
            resources.retain(|resource| named.contains(resource));
        }
    }
    resources
}

/// What a trigger of KEDA looks at, for those of AWS.
fn read_by(trigger: View<'_>) -> (TriggerKind, Option<Link<BackingService>>) {
    let metadata = trigger.get("metadata");
    let region = metadata.get("awsRegion").known_text().unwrap_or_default();
    let named = |key: &'static str, kind: &str| {
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

pub(super) fn utilization(resource: Arc<str>, container: View<'_>) -> MetricKind {
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
    let is_share = goes_by_share && !share.is_unknown();
    let kind = match name.known_text() {
        Some(resource) if is_share && &*kind == "Resource" => utilization(resource, View::missing(None)),
        Some(resource) if is_share && source.get("container").is_present() => {
            utilization(resource, source.get("container"))
        }
        Some(resource) => MetricKind::Usage(resource),
        None => MetricKind::Other,
    };
    Metric { kind, span }
}
