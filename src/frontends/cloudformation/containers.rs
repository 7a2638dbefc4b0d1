//! ECS services and tasks.

use super::lower::Lowering;
use crate::facts::aws as facts;
use crate::frontends::ecs;
use crate::frontends::resource::Resource;
use crate::model::{Platform, Workload, WorkloadKind};
use crate::value::View;

impl Lowering<'_> {
    pub(super) fn container_service(&mut self, resource: &Resource) {
        let view = resource.view();
        let identity = resource.identity(self.unit, view.get("ServiceName").text());
        let kind =
            if view.get("SchedulingStrategy").is_text("DAEMON") { WorkloadKind::Daemon } else { WorkloadKind::Service };
        let mut workload = Workload::new(identity, kind, Platform::AwsEcs);
        workload.replicas = view.get("DesiredCount").whole().or_fact(&facts::ECS_DESIRED_COUNT_DEFAULT).map(Some);
        workload.cluster = view.get("Cluster").value().cloned();
        let strategies = view.get("CapacityProviderStrategy").items();
        let strategies: Vec<View> = strategies.into_iter().map(|one| one.get("CapacityProvider")).collect();
        ecs::launch_type(view.get("LaunchType"), &strategies, &mut workload);
        if let Some(definition) = self.resources.referred(view.get("TaskDefinition")) {
            task(definition.view(), &mut workload);
        }
        self.keep(workload, resource);
    }
}

/// What a task definition says about a workload.
pub(super) fn task(view: View<'_>, workload: &mut Workload) {
    let [memory, cpu, containers] = ["Memory", "Cpu", "ContainerDefinitions"].map(|key| view.get(key));
    let platform = view.get("RuntimePlatform");
    workload.processor = ecs::processor(platform.get("CpuArchitecture"), platform.get("OperatingSystemFamily"));
    ecs::task(memory, cpu, containers, &ecs::CLOUDFORMATION_CONTAINER, workload);
    ecs::namespaces(view.get("PidMode"), view.get("NetworkMode"), workload);
    ecs::volumes(view.get("Volumes"), &ecs::CLOUDFORMATION_VOLUME, workload);
}
