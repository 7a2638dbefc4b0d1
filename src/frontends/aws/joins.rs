//! What is only known once everything that refers to a function or service is lowered: published versions, custom
//! resources, state machines, and the rules of Application Auto Scaling.

use super::{asynchronous, policies};
use crate::frontends::resource::{Resource, Resources};
use crate::frontends::triggers::written;
use crate::model::{
    Declarations, FunctionSettings, Link, Metric, MetricKind, Scaler, ScalerKind, TriggerKind, UnitId, Workload,
};
use crate::value::{Data, Origin, Reference, Sourced, Value, View};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What a dialect calls the targets and policies of Application Auto Scaling.
#[derive(Debug)]
pub(crate) struct ScalingKeys {
    pub target: &'static str,
    pub dimension: &'static str,
    /// What is scaled.
    pub resource: &'static str,
    pub min: &'static str,
    pub max: &'static str,
    pub policy: &'static str,
    /// The target that a policy goes with.
    pub policy_target: &'static str,
    /// What changes the bounds of a target at a time; and where a target itself says so.
    pub scheduled: &'static str,
    pub schedules: &'static str,
    /// A service of containers.
    pub service: &'static str,
}

/// `AWS::ApplicationAutoScaling::*`.
pub(crate) static CLOUDFORMATION_SCALING: ScalingKeys = ScalingKeys {
    target: "AWS::ApplicationAutoScaling::ScalableTarget",
    dimension: "ScalableDimension",
    resource: "ResourceId",
    min: "MinCapacity",
    max: "MaxCapacity",
    policy: "AWS::ApplicationAutoScaling::ScalingPolicy",
    policy_target: "ScalingTargetId",
    scheduled: "",
    schedules: "ScheduledActions",
    service: "AWS::ECS::Service",
};

/// `aws_appautoscaling_*`.
pub(crate) static TERRAFORM_SCALING: ScalingKeys = ScalingKeys {
    target: "aws_appautoscaling_target",
    dimension: "scalable_dimension",
    resource: "resource_id",
    min: "min_capacity",
    max: "max_capacity",
    policy: "aws_appautoscaling_policy",
    policy_target: "resource_id",
    scheduled: "aws_appautoscaling_scheduled_action",
    schedules: "",
    service: "aws_ecs_service",
};

impl ScalingKeys {
    /// Whether a type is one of these.
    pub fn names(&self, kind: &str) -> bool {
        kind == self.target || kind == self.policy || kind == self.scheduled
    }

    /// Whether a target's bounds are changed by its own schedules, or Terraform leaves them to someone else.
    fn leaves_bounds(&self, target: View<'_>) -> bool {
        let ignored = target.at(&["lifecycle", "ignore_changes"]).items();
        let names = |item: View<'_>| {
            item.known_text().is_some_and(|name| &*name == self.min || &*name == self.max || &*name == "all")
        };
        target.get(self.schedules).is_present() || ignored.into_iter().any(names)
    }
}

/// Joins what the resources of one unit declare.
pub(crate) fn join(unit: UnitId, resources: &Resources, keys: &ScalingKeys, declarations: &mut Declarations) {
    policies::join(resources, declarations);
    super::balancers::join(unit, resources, keys, declarations);
    let Declarations { workloads, triggers, aliases, scalers, .. } = declarations;
    let mut functions = Functions::of(workloads);
    for alias in aliases.iter().filter(|alias| alias.is_published.known() == Some(&true)) {
        functions.change(&alias.function.written, |settings| {
            if !settings.publishes.is_explicit() {
                settings.publishes = Sourced::new(true, Origin::literal(alias.identity.span));
            }
        });
    }
    for trigger in triggers.iter().filter(|one| matches!(one.kind, TriggerKind::Orchestrator { retries: true })) {
        functions.change(&trigger.target.written, |settings| settings.is_orchestrated = true);
    }
    asynchronous::join(resources, &mut functions);
    for resource in resources.iter().filter(|resource| is_custom_resource(&resource.kind)) {
        if let Some(token) = resource.view().get("ServiceToken").value() {
            functions.change(token, |settings| settings.is_custom_resource = true);
        }
    }
    let mut policies = policies(resources, keys);
    let adjusted = adjusted(resources, keys);
    for target in resources.of(keys.target) {
        let view = target.view();
        let (dimension, scaled) = (view.get(keys.dimension), view.get(keys.resource));
        let min = view.get(keys.min).whole();
        if dimension.is_text("lambda:function:ProvisionedConcurrency") {
            // A rule that keeps instances of a function initialised.
            functions.change(&written(scaled), |settings| {
                settings.provisioned_concurrency = settings.provisioned_concurrency.clone().or(|| min.clone());
                // Nothing but a version or an alias can be scaled like this, so something publishes one.
                if !settings.publishes.is_explicit() {
                    settings.publishes = Sourced::new(true, Origin::literal(target.span));
                }
            });
        } else if dimension.is_text("ecs:service:DesiredCount") {
            let identity = target.identity(unit, Sourced::absent(target.span));
            let link = Link::to(written(scaled));
            scalers.push(Scaler {
                is_adjusted: adjusted.contains(&target.address) || keys.leaves_bounds(view),
                metrics: policies.remove(&target.address).unwrap_or_default(),
                ..Scaler::new(identity, ScalerKind::AppAutoscaling, link, min.unwrap_or(0), view.get(keys.max).whole())
            });
        }
    }
}

/// Resources that a function of the template answers for, which names it by `ServiceToken`.
pub(crate) fn is_custom_resource(kind: &str) -> bool {
    kind.starts_with("Custom::") || kind == "AWS::CloudFormation::CustomResource"
}

/// The addresses of targets whose bounds a scheduled action changes: it names the target, or what the target scales.
fn adjusted(resources: &Resources, keys: &ScalingKeys) -> HashSet<Arc<str>> {
    let scaled_by = |resource: &Resource| named(resource.view().get(keys.resource));
    let actions = || resources.of(keys.scheduled);
    let named: HashSet<Named> = actions().filter_map(scaled_by).collect();
    let direct = actions().flat_map(|action| resources.all_referred(action.view().get(keys.resource)));
    let same = resources.of(keys.target).filter(|target| scaled_by(target).is_some_and(|of| named.contains(&of)));
    direct.chain(same).map(|target| target.address.clone()).collect()
}

/// What a value names, to hold it against what another one does: its text, or the references in it.
type Named = (Option<Arc<str>>, Vec<Reference>);

fn named(view: View<'_>) -> Option<Named> {
    let data = view.value()?.known()?;
    Some((data.to_text(), data.references().into_iter().cloned().collect()))
}

/// What the policies of each target go by, by the target's address.
fn policies(resources: &Resources, keys: &ScalingKeys) -> HashMap<Arc<str>, Vec<Metric>> {
    let mut policies: HashMap<Arc<str>, Vec<Metric>> = HashMap::new();
    for policy in resources.of(keys.policy) {
        if let Some(target) = resources.referred(policy.view().get(keys.policy_target)) {
            let metric = Metric { kind: MetricKind::Other, span: policy.span };
            policies.entry(target.address.clone()).or_default().push(metric);
        }
    }
    policies
}

/// The functions of a unit by their addresses and by their names on the platform.
pub(super) struct Functions<'w> {
    by_address: HashMap<Arc<str>, &'w mut FunctionSettings>,
    addresses: HashMap<Arc<str>, Arc<str>>,
}

impl<'w> Functions<'w> {
    fn of(workloads: &'w mut [Workload]) -> Self {
        let mut functions = Self { by_address: HashMap::new(), addresses: HashMap::new() };
        for workload in workloads {
            let Some(settings) = workload.function.as_mut() else { continue };
            let address = &workload.identity.address;
            if let Some(name) = workload.identity.name.set() {
                functions.addresses.insert(name.clone(), address.clone());
            }
            functions.by_address.insert(address.clone(), settings);
        }
        functions
    }

    /// Changes the settings of every function that a value refers to, or whose name it is; returns how many there are.
    pub fn change(&mut self, value: &Value, mut change: impl FnMut(&mut FunctionSettings)) -> usize {
        let Some(data) = value.known() else { return 0 };
        let mut addresses: Vec<_> = data.references().iter().map(|reference| reference.address.clone()).collect();
        if let Data::Text(name) = data {
            addresses.extend(self.addresses.get(name).cloned());
        }
        let mut found = 0;
        for address in addresses {
            if let Some(settings) = self.by_address.get_mut(&address) {
                change(settings);
                found += 1;
            }
        }
        found
    }

    /// Changes the settings of all functions.
    pub fn change_all(&mut self, change: impl FnMut(&mut FunctionSettings)) {
        self.by_address.values_mut().map(|settings| &mut **settings).for_each(change);
    }
}
