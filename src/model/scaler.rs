//! Rules that change how many instances a workload has, or how large they are.

use super::{Architecture, Format, Identity, Link, Platform, Workload};
use crate::source::Span;
use crate::value::{Data, How, Origin, Sourced};
use std::collections::HashSet;
use std::sync::Arc;

/// What kind of rule scales a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalerKind {
    /// HorizontalPodAutoscaler.
    Hpa,
    /// KEDA ScaledObject.
    ScaledObject,
    /// KEDA ScaledJob: a job for each piece of work.
    ScaledJob,
    /// AWS Application Auto Scaling.
    AppAutoscaling,
    /// The bounds of a Knative service.
    Knative,
    /// The bounds of a Cloud Run service.
    CloudRun,
    /// The scaling of an Azure container app.
    ContainerApps,
    /// The scaling of a Gcore inference deployment in one region.
    GcoreInference,
}

impl ScalerKind {
    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hpa => "HorizontalPodAutoscaler",
            Self::ScaledObject => "ScaledObject",
            Self::ScaledJob => "ScaledJob",
            Self::AppAutoscaling => "Application Auto Scaling",
            Self::Knative => "Knative",
            Self::CloudRun => "Cloud Run",
            Self::ContainerApps => "Azure Container Apps",
            Self::GcoreInference => "Gcore inference",
        }
    }

    /// Where it works, as [`Platform::id`].
    pub fn platform(self) -> &'static str {
        let platform = match self {
            Self::Hpa | Self::ScaledObject | Self::ScaledJob => Platform::Kubernetes,
            Self::AppAutoscaling => Platform::AwsEcs,
            Self::Knative => Platform::Knative,
            Self::CloudRun => Platform::CloudRun,
            Self::ContainerApps => Platform::AzureContainerApps,
            Self::GcoreInference => Platform::GcoreInference,
        };
        platform.id()
    }

    /// Whether the workload's own settings are the rule, as against an object beside it.
    pub fn is_part_of_workload(self) -> bool {
        matches!(self, Self::Knative | Self::CloudRun | Self::ContainerApps | Self::GcoreInference)
    }

    /// What it calls its least and its most instances.
    pub fn bounds(self) -> [&'static str; 2] {
        match self {
            Self::Hpa => ["minReplicas", "maxReplicas"],
            Self::ScaledObject | Self::ScaledJob => ["minReplicaCount", "maxReplicaCount"],
            Self::AppAutoscaling => ["the minimum capacity", "the maximum capacity"],
            Self::Knative => ["min-scale", "max-scale"],
            Self::CloudRun => ["the minimum of instances", "the maximum of instances"],
            Self::ContainerApps => ["min_replicas", "max_replicas"],
            Self::GcoreInference => ["scale_min", "scale_max"],
        }
    }
}

/// Whether the target of a rule is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It is, or it cannot be told.
    Perhaps,
    /// Its unit does not declare it, although it declares other targets for such rules.
    NotInUnit,
    /// The same file declares others.
    NotInFile,
}

/// A rule that changes how many instances a workload has.
#[derive(Debug)]
pub struct Scaler {
    /// Who it is.
    pub identity: Identity,
    /// What kind of rule.
    pub kind: ScalerKind,
    /// What it scales.
    pub target: Link<Workload>,
    /// Whether what it names is there.
    pub presence: Presence,
    /// Least instances.
    pub min: Sourced<u64>,
    /// Most instances.
    pub max: Sourced<Option<u64>>,
    /// Instances while there is nothing to do, where that differs from the least ones (KEDA).
    pub idle: Sourced<Option<u64>>,
    /// Seconds between two looks at what it goes by, and seconds without work until it goes down to nothing.
    pub polling: Sourced<Option<u64>>,
    pub cooldown: Sourced<Option<u64>>,
    /// Something other than this rule changes its bounds: a schedule, or whoever the tool leaves them to.
    pub is_adjusted: bool,
    /// It takes what another rule scales over from it, or does not mind another one.
    pub takes_over: bool,
    /// What it goes by; empty where that is not known.
    pub metrics: Vec<Metric>,
}

impl Scaler {
    /// A rule with bounds; frontends set the rest.
    pub fn new(
        identity: Identity,
        kind: ScalerKind,
        target: Link<Workload>,
        min: Sourced<u64>,
        max: Sourced<Option<u64>>,
    ) -> Self {
        let unset = || Sourced::absent(identity.span);
        Self {
            kind,
            target,
            presence: Presence::Perhaps,
            min,
            max,
            idle: unset(),
            polling: unset(),
            cooldown: unset(),
            is_adjusted: false,
            takes_over: false,
            metrics: Vec::new(),
            identity,
        }
    }

    /// Least and most instances, if both are known and there is a most.
    pub fn bounds(&self) -> Option<(u64, u64)> {
        Some((*self.min.known()?, *self.max.set()?))
    }

    /// Whether it goes down to nothing when there is no work.
    pub fn reaches_zero(&self) -> bool {
        self.min.known() == Some(&0) || self.idle.set() == Some(&0)
    }

    /// Whether all that it goes by is known to be the CPU and memory of the instances themselves.
    pub fn sees_only_itself(&self) -> bool {
        let is_own = |metric: &Metric| matches!(metric.kind, MetricKind::Utilization { .. } | MetricKind::Usage(_));
        !self.metrics.is_empty() && self.metrics.iter().all(is_own)
    }

    /// What it goes by that is the length of a queue.
    pub fn queues(&self) -> impl Iterator<Item = (&Metric, &QueueMetric)> {
        self.metrics.iter().filter_map(|metric| match &metric.kind {
            MetricKind::Queue(queue) => Some((metric, queue)),
            _ => None,
        })
    }

    /// The name of what it scales, as far as it is written.
    pub fn target_name(&self) -> Option<&str> {
        match self.target.written.known()? {
            Data::Reference(reference) => reference.address.rsplit('/').next(),
            Data::Text(text) => text.rsplit('/').next(),
            _ => None,
        }
    }

    /// Itself in a sentence: "HorizontalPodAutoscaler `web`", "Knative".
    pub fn spoken(&self) -> String {
        if self.kind.is_part_of_workload() {
            return self.kind.name().to_string();
        }
        format!("{} `{}`", self.kind.name(), self.identity.label)
    }
}

/// What a scaling rule goes by.
#[derive(Debug)]
pub struct Metric {
    /// What is measured.
    pub kind: MetricKind,
    /// Where it is written, or the scaler's name for the default metric.
    pub span: Span,
}

/// Kinds of metrics.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricKind {
    /// Use of a resource as a share of the *request* of every container, or of one named container.
    Utilization { resource: Arc<str>, container: Option<Arc<str>> },
    /// Use of a resource by the instances as an absolute amount.
    Usage(Arc<str>),
    /// The length of a queue or the lag of its reader.
    Queue(QueueMetric),
    /// Anything else: requests, external systems.
    Other,
}

/// The length of a queue as a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueMetric {
    /// The kind of queue as the rule names it: `rabbitmq`, `aws-sqs-queue`.
    pub system: Arc<str>,
    /// What the rule calls the messages that one instance is to have; `None` where it cannot go without the number.
    pub target_key: Option<&'static str>,
    /// Messages that one instance is to have.
    pub per_instance: Sourced<Option<Arc<str>>>,
    /// More readers than the queue has partitions may be started.
    pub allows_idle: Sourced<bool>,
}

impl QueueMetric {
    /// A queue of a system about which nothing is said.
    pub fn of(system: impl Into<Arc<str>>, place: Span) -> Self {
        let allows_idle = Sourced::new(false, Origin::new(How::Absent, place));
        Self { system: system.into(), target_key: None, per_instance: Sourced::absent(place), allows_idle }
    }
}

/// A rule that changes the requests of a workload's containers (VerticalPodAutoscaler).
#[derive(Debug)]
pub struct VerticalScaler {
    /// Who it is.
    pub identity: Identity,
    /// What it scales.
    pub target: Link<Workload>,
    /// Whether it changes pods that run, as against new ones only, or none.
    pub acts: Sourced<bool>,
    /// The resources that it sets, where that is known.
    pub resources: Vec<Arc<str>>,
}

impl Architecture {
    /// Rules that size the instances of a workload.
    pub fn vertical_scalers_of(&self, workload: &Workload) -> impl Iterator<Item = &VerticalScaler> {
        let id = workload.id;
        self.vertical_scalers.iter().filter(move |scaler| scaler.target.target == Some(id))
    }

    /// What people call what a rule scales, or the rule where its target is not in the scanned set.
    pub fn scaled_name<'a>(&'a self, scaler: &'a Scaler) -> &'a str {
        self.workload(&scaler.target).map_or(&scaler.identity.label, |workload| workload.label())
    }

    /// The names that rules scale whose targets are not found: each may be that of any workload of its name.
    pub fn loose_targets(&self) -> HashSet<&str> {
        let loose = self.scalers().filter(|scaler| scaler.target.target.is_none());
        loose.filter_map(Scaler::target_name).collect()
    }

    /// Another rule for the number of instances of what a rule scales, which is declared before it and known to be
    /// applied with it.
    pub fn rival_of(&self, scaler: &Scaler) -> Option<&Scaler> {
        let workload = self.workload(&scaler.target)?;
        let is_rule = |one: &Scaler| matches!(one.kind, ScalerKind::Hpa | ScalerKind::ScaledObject);
        let before = self.scalers_of(workload).take_while(|one| !std::ptr::eq(*one, scaler));
        let mut rivals =
            before.filter(|one| is_rule(one) && self.are_applied_together(&one.identity, &scaler.identity));
        rivals.next().filter(|one| is_rule(scaler) && !one.takes_over && !scaler.takes_over)
    }

    /// Whether two rules are known to be applied at once, as against alternatives that lie side by side.
    pub fn are_applied_together(&self, one: &Identity, other: &Identity) -> bool {
        let unit = self.unit(one.unit);
        let is_one = one.span.file == other.span.file || unit.is_whole;
        // Of resources in Terraform it may be a condition that is not known which of them are there.
        one.unit == other.unit && unit.format == Format::Kubernetes && is_one
    }
}
