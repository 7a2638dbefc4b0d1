//! ECS services and tasks, and Batch jobs.

use super::Lowering;
use crate::facts::aws as facts;
use crate::frontends::ecs::{self, TERRAFORM_CONTAINER, TERRAFORM_VOLUME};
use crate::frontends::json_text::json_document;
use crate::frontends::resource::Resource;
use crate::frontends::terraform::{ignorable, is_ignored};
use crate::model::{Platform, Workload, WorkloadKind};
use crate::value::View;

impl Lowering<'_> {
    pub(super) fn container_service(&mut self, resource: &Resource) {
        let view = resource.view();
        let identity = resource.identity(self.unit, view.get("name").text());
        let is_daemon = view.get("scheduling_strategy").is_text("DAEMON");
        let kind = if is_daemon { WorkloadKind::Daemon } else { WorkloadKind::Service };
        let mut workload = Workload::new(identity, kind, Platform::AwsEcs);
        let count = view.get("desired_count").whole();
        workload.replicas = count.or_fact(&facts::ECS_TERRAFORM_DESIRED_COUNT_DEFAULT).map(Some);
        workload.replicas_ignored = is_ignored(view, "desired_count");
        workload.replicas_ignorable = Some(ignorable(view, "desired_count"));
        workload.cluster = view.get("cluster").value().cloned();
        let strategies = view.get("capacity_provider_strategy").items();
        let strategies: Vec<View> = strategies.into_iter().map(|one| one.get("capacity_provider")).collect();
        ecs::launch_type(view.get("launch_type"), &strategies, &mut workload);
        if let Some(definition) = self.resources.referred(view.get("task_definition")) {
            task(definition, &mut workload);
        }
        self.keep(workload, resource);
    }

    /// A task definition that a rule or schedule starts is a job.
    pub(super) fn task_as_job(&mut self, job: View<'_>) {
        let Some(definition) = self.resources.referred(job) else { return };
        if &*definition.kind != "aws_ecs_task_definition" || !self.jobs.insert(definition.address.clone()) {
            return;
        }
        let identity = definition.identity(self.unit, definition.view().get("family").text());
        let mut workload = Workload::new(identity, WorkloadKind::Job, Platform::AwsEcs);
        task(definition, &mut workload);
        self.keep(workload, definition);
    }

    pub(super) fn batch_job(&mut self, resource: &Resource) {
        let view = resource.view();
        let identity = resource.identity(self.unit, view.get("name").text());
        let mut workload = Workload::new(identity, WorkloadKind::Job, Platform::AwsBatch);
        workload.timeout = view.at(&["timeout", "attempt_duration_seconds"]).whole();
        self.keep(workload, resource);
    }
}

fn task(definition: &Resource, workload: &mut Workload) {
    let view = definition.view();
    let platform = view.get("runtime_platform");
    workload.processor = ecs::processor(platform.get("cpu_architecture"), platform.get("operating_system_family"));
    let containers = json_document(view.get("container_definitions"), definition.span);
    let missing = View::missing(definition.span);
    let containers = containers.as_ref().map_or(missing, |containers| View::new(containers, definition.span));
    ecs::task(view.get("memory"), view.get("cpu"), containers, &TERRAFORM_CONTAINER, workload);
    ecs::namespaces(view.get("pid_mode"), view.get("network_mode"), workload);
    ecs::volumes(view.get("volume"), &TERRAFORM_VOLUME, workload);
}
