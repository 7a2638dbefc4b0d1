//! ECS services and tasks, Batch jobs, and the scaling rules of Application Auto Scaling.

use super::Lowering;
use crate::facts::aws as facts;
use crate::frontends::cloudformation::written;
use crate::frontends::ecs::{self, TERRAFORM_CONTAINER};
use crate::frontends::resource::Resource;
use crate::frontends::terraform::functions::json_document;
use crate::frontends::terraform::is_ignored;
use crate::model::{Link, Metric, MetricKind, Platform, Scaler, ScalerKind, Workload, WorkloadKind};
use crate::value::{Sourced, View};
use std::collections::HashMap;
use std::sync::Arc;

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

    pub(super) fn scalable_target(&mut self, resource: &Resource) {
        let view = resource.view();
        let dimension = view.get("scalable_dimension");
        if dimension.is_text("lambda:function:ProvisionedConcurrency") {
            return self.kept_concurrency(view);
        }
        if !dimension.is_text("ecs:service:DesiredCount") {
            return;
        }
        self.declarations.scalers.push(Scaler {
            identity: resource.identity(self.unit, Sourced::absent(resource.span)),
            kind: ScalerKind::AppAutoscaling,
            target: Link::to(written(view.get("resource_id"))),
            min: view.get("min_capacity").whole().unwrap_or(0),
            max: view.get("max_capacity").whole(),
            metrics: Vec::new(),
        });
    }

    /// A scaling rule that keeps instances of a function initialised.
    fn kept_concurrency(&mut self, view: View<'_>) {
        let functions = self.resources.all_referred(view.get("resource_id"));
        for workload in &mut self.declarations.workloads {
            if functions.iter().any(|function| function.address == workload.identity.address)
                && let Some(settings) = &mut workload.function
            {
                let kept = view.get("min_capacity").whole();
                settings.provisioned_concurrency = settings.provisioned_concurrency.clone().or(|| kept);
            }
        }
    }

    /// Gives every scaler the policies that go with it.
    pub(super) fn scaling_policies(&mut self) {
        let scalers = self.declarations.scalers.iter().enumerate();
        let index: HashMap<Arc<str>, usize> = scalers.map(|(at, one)| (one.identity.address.clone(), at)).collect();
        for policy in self.resources.of("aws_appautoscaling_policy") {
            let scales = self.resources.referred(policy.view().get("resource_id"));
            if let Some(at) = scales.and_then(|target| index.get(&target.address)) {
                self.declarations.scalers[*at].metrics.push(Metric { kind: MetricKind::Other, span: policy.span });
            }
        }
    }
}

fn task(definition: &Resource, workload: &mut Workload) {
    let view = definition.view();
    let containers = json_document(view.get("container_definitions"), definition.span);
    let missing = View::missing(definition.span);
    let containers = containers.as_ref().map_or(missing, |containers| View::new(containers, definition.span));
    ecs::task(view.get("memory"), view.get("cpu"), containers, &TERRAFORM_CONTAINER, workload);
}
