//! ECS services and tasks, and the scaling rules of Application Auto Scaling.

use super::lower::Lowering;
use super::sources::written;
use crate::facts::aws as facts;
use crate::frontends::ecs;
use crate::frontends::resource::Resource;
use crate::model::{Link, Metric, MetricKind, Platform, Scaler, ScalerKind, Workload, WorkloadKind};
use crate::value::{Sourced, View};
use std::collections::HashMap;
use std::sync::Arc;

impl Lowering<'_> {
    pub(super) fn container_service(&mut self, resource: &Resource) {
        let view = resource.view();
        let identity = resource.identity(self.unit, view.get("ServiceName").text());
        let kind =
            if view.get("SchedulingStrategy").is_text("DAEMON") { WorkloadKind::Daemon } else { WorkloadKind::Service };
        let mut workload = Workload::new(identity, kind, Platform::AwsEcs);
        workload.replicas = view.get("DesiredCount").whole().or_fact(&facts::ECS_DESIRED_COUNT_DEFAULT).map(Some);
        if let Some(definition) = self.resources.referred(view.get("TaskDefinition")) {
            task(definition.view(), &mut workload);
        }
        self.keep(workload, resource);
    }

    pub(super) fn scalable_target(&mut self, resource: &Resource) {
        let view = resource.view();
        if !view.get("ScalableDimension").is_text("ecs:service:DesiredCount") {
            return;
        }
        let scaler = Scaler {
            identity: resource.identity(self.unit, Sourced::absent(resource.span)),
            kind: ScalerKind::AppAutoscaling,
            target: Link::to(written(view.get("ResourceId"))),
            min: view.get("MinCapacity").whole().unwrap_or(0),
            max: view.get("MaxCapacity").whole(),
            metrics: Vec::new(),
        };
        self.declarations.scalers.push(scaler);
    }

    /// Gives every scaler the policies that go with it.
    pub(super) fn scaling_policies(&mut self) {
        let scalers = self.declarations.scalers.iter().enumerate();
        let index: HashMap<Arc<str>, usize> = scalers.map(|(at, one)| (one.identity.address.clone(), at)).collect();
        for policy in self.resources.of("AWS::ApplicationAutoScaling::ScalingPolicy") {
            let scales = self.resources.referred(policy.view().get("ScalingTargetId"));
            if let Some(at) = scales.and_then(|target| index.get(&target.address)) {
                self.declarations.scalers[*at].metrics.push(Metric { kind: MetricKind::Other, span: policy.span });
            }
        }
    }
}

/// What a task definition says about a workload.
pub(super) fn task(view: View<'_>, workload: &mut Workload) {
    let [memory, cpu, containers] = ["Memory", "Cpu", "ContainerDefinitions"].map(|key| view.get(key));
    ecs::task(memory, cpu, containers, &ecs::CLOUDFORMATION_CONTAINER, workload);
}
