//! ECS services and tasks, and the scaling rules of Application Auto Scaling.

use super::lower::Lowering;
use super::sources::written;
use crate::facts::aws as facts;
use crate::frontends::resource::Resource;
use crate::model::command::repeats;
use crate::model::{Container, Link, Metric, MetricKind, Platform, Scaler, ScalerKind, Workload, WorkloadKind};
use crate::value::{Sourced, Value, View};
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
    workload.memory = view.get("Memory").whole();
    // 1,024 CPU units are one vCPU.
    workload.cpu = units_to_thousandths(view.get("Cpu").whole());
    for container in view.get("ContainerDefinitions").items() {
        let Some(span) = container.get("Name").span() else { continue };
        let words = ["EntryPoint", "Command"].into_iter().flat_map(|key| container.get(key).items());
        let command: Vec<Value> = words.filter_map(|word| word.value().cloned()).collect();
        workload.containers.push(Container {
            name: container.get("Name").known_text().unwrap_or_default(),
            span,
            image: container.get("Image").text(),
            is_init: false,
            cpu_request: units_to_thousandths(container.get("Cpu").whole()),
            memory_request: container.first(&["MemoryReservation", "Memory"]).whole(),
            has_ports: !container.get("PortMappings").items().is_empty(),
            has_probe: container.get("HealthCheck").is_present(),
            repeats: repeats(&command),
            command,
        });
    }
}

fn units_to_thousandths(units: Sourced<Option<u64>>) -> Sourced<Option<u64>> {
    units.map(|units| units.map(|units| units.saturating_mul(1000) / 1024))
}
