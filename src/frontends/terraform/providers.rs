//! Azure and Gcore: functions, and containers that scale on request.

use super::container;
use crate::facts::azure as facts;
use crate::frontends::aws::http_trigger;
use crate::frontends::cloudformation::{always_on, take_tags};
use crate::frontends::resource::{Resource, Resources, reference_to};
use crate::model::{
    Declarations, FunctionSettings, Gateway, Link, Platform, ScheduleTrigger, Trigger, TriggerKind, UnitId, Workload,
    WorkloadKind,
};
use crate::schedule::{Dialect, Schedule};
use crate::value::{How, Origin, Sourced, Unknown, View};

struct Lowering<'r> {
    unit: UnitId,
    declarations: &'r mut Declarations,
}

type Lower = fn(&mut Lowering<'_>, &Resource);

/// The code for a type.
fn lowering_of(kind: &str) -> Option<Lower> {
    Some(match kind {
        "azurerm_container_app" => |lowering, resource| lowering.container_app(resource),
        "azurerm_container_app_job" => |lowering, resource| lowering.container_app_job(resource),
        "azurerm_container_group" => |lowering, resource| lowering.container_group(resource),
        "azurerm_linux_function_app"
        | "azurerm_windows_function_app"
        | "azurerm_function_app_flex_consumption"
        | "azurerm_function_app" => |lowering, resource| lowering.function_app(resource),
        "gcore_faas_function" => |lowering, resource| lowering.gcore_function(resource),
        "gcore_inference_deployment" => |lowering, resource| lowering.inference(resource),
        _ => return None,
    })
}

/// Whether the attributes of a type are looked at.
pub(super) fn reads(kind: &str) -> bool {
    lowering_of(kind).is_some()
}

/// Lowers everything that Azure and Gcore run.
pub(super) fn lower(unit: UnitId, resources: &Resources, declarations: &mut Declarations) {
    let mut lowering = Lowering { unit, declarations };
    for resource in resources.iter() {
        if let Some(lower) = lowering_of(&resource.kind) {
            lower(&mut lowering, resource);
        }
    }
}

impl Lowering<'_> {
    fn workload(&self, resource: &Resource, kind: WorkloadKind, platform: Platform) -> Workload {
        let identity = resource.identity(self.unit, resource.view().get("name").text());
        Workload::new(identity, kind, platform)
    }

    fn keep(&mut self, mut workload: Workload, resource: &Resource) {
        take_tags(resource.view().get("tags"), &mut workload);
        self.declarations.workloads.push(workload);
    }

    fn trigger(&mut self, resource: &Resource, kind: TriggerKind) {
        let target = Link::to(reference_to(resource.address.clone(), resource.span));
        let trigger = Trigger { unit: self.unit, span: resource.span, target, enabled: always_on(), kind };
        self.declarations.triggers.push(trigger);
    }

    /// The platform's own endpoint of something that requests reach.
    fn endpoint(&mut self, resource: &Resource, is_public: Sourced<bool>) {
        let mut http = http_trigger(Gateway::Platform, Sourced::absent(resource.span), Sourced::absent(resource.span));
        http.is_public = is_public;
        self.trigger(resource, TriggerKind::Http(http));
    }

    fn container_app(&mut self, resource: &Resource) {
        let view = resource.view();
        let template = view.get("template");
        let mut workload = self.workload(resource, WorkloadKind::Service, Platform::AzureContainerApps);
        let least = template.get("min_replicas").whole();
        workload.min_instances = least.or_fact(&facts::CONTAINER_APPS_MIN_REPLICAS_DEFAULT).map(Some);
        workload.max_instances = template.get("max_replicas").whole();
        containers(template.get("container"), &mut workload);
        self.keep(workload, resource);
        let ingress = view.get("ingress");
        if ingress.is_present() {
            let is_public = ingress.get("external_enabled").boolean().unwrap_or(false);
            self.endpoint(resource, is_public);
        }
    }

    fn container_app_job(&mut self, resource: &Resource) {
        let view = resource.view();
        let mut workload = self.workload(resource, WorkloadKind::Job, Platform::AzureContainerApps);
        workload.timeout = view.get("replica_timeout_in_seconds").whole();
        containers(view.at(&["template", "container"]), &mut workload);
        self.keep(workload, resource);
        let cron = view.at(&["schedule_trigger_config", "cron_expression"]);
        if cron.is_present() {
            let schedule = cron.text().and_then(|text| {
                let text = text.ok_or_else(|| Unknown::Invalid("a schedule without an expression".into()))?;
                Schedule::parse(&text, Dialect::Unix).map_err(|error| Unknown::Invalid(error.to_string().into()))
            });
            self.trigger(resource, TriggerKind::Schedule(ScheduleTrigger { schedule }));
        }
    }

    fn container_group(&mut self, resource: &Resource) {
        let view = resource.view();
        let kind = match view.get("restart_policy").known_text().as_deref() {
            Some("Never" | "OnFailure") => WorkloadKind::Job,
            _ => WorkloadKind::Service,
        };
        let mut workload = self.workload(resource, kind, Platform::AzureContainerInstances);
        containers(view.get("container"), &mut workload);
        self.keep(workload, resource);
    }

    /// Its functions, their triggers and the timeout (`host.json`) are in the code.
    fn function_app(&mut self, resource: &Resource) {
        let mut workload = self.workload(resource, WorkloadKind::Function, Platform::AzureFunctions);
        let in_code = || Unknown::NotEvaluated("`host.json`".into());
        workload.timeout = Sourced::unknown(in_code(), Origin::new(How::Absent, resource.span));
        workload.function = Some(FunctionSettings::unset(resource.span));
        self.keep(workload, resource);
        let enabled = Sourced::unknown(in_code(), Origin::new(How::Absent, resource.span));
        let kind = TriggerKind::Event(crate::model::EventKind::Other);
        self.trigger(resource, kind);
        if let Some(trigger) = self.declarations.triggers.last_mut() {
            trigger.enabled = enabled;
        }
    }

    fn gcore_function(&mut self, resource: &Resource) {
        let view = resource.view();
        if view.get("disabled").boolean().set() == Some(&true) {
            return;
        }
        let mut workload = self.workload(resource, WorkloadKind::Function, Platform::GcoreFunctions);
        workload.timeout = view.get("timeout").whole();
        // `80mCPU-128MB`
        let flavor = view.get("flavor").text();
        workload.memory = flavor.and_then(|flavor| match flavor {
            None => Ok(None),
            Some(flavor) => flavor_memory(&flavor).map(Some).ok_or(Unknown::Invalid("an unknown flavor".into())),
        });
        workload.min_instances = view.get("min_instances").whole();
        workload.max_instances = view.get("max_instances").whole();
        let mut settings = FunctionSettings::unset(resource.span);
        settings.runtime = view.get("runtime").text();
        settings.handler = view.get("main_method").text();
        workload.function = Some(settings);
        self.keep(workload, resource);
        let is_public = view.get("enable_api_key").boolean().map(|key| !key.unwrap_or(false));
        self.endpoint(resource, is_public);
    }

    fn inference(&mut self, resource: &Resource) {
        let view = resource.view();
        let mut workload = self.workload(resource, WorkloadKind::Service, Platform::GcoreInference);
        // Each of `containers` is the same container in another region.
        if let [region] = view.get("containers").items().as_slice() {
            workload.min_instances = region.get("scale_min").whole();
            workload.max_instances = region.get("scale_max").whole();
        }
        workload.timeout = view.get("timeout").whole();
        self.keep(workload, resource);
        let who = Unknown::NotEvaluated("who may call it".into());
        self.endpoint(resource, Sourced::unknown(who, Origin::new(How::Absent, resource.span)));
    }
}

/// The memory in MiB of a flavor of Gcore's functions.
fn flavor_memory(flavor: &str) -> Option<u64> {
    let megabytes = flavor.rsplit('-').next()?.strip_suffix("MB")?;
    megabytes.parse().ok()
}

fn containers(view: View<'_>, workload: &mut Workload) {
    for item in view.items() {
        workload.containers.extend(container(item, item.get("cpu"), item.get("memory")));
    }
}
