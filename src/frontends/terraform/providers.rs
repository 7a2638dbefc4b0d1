//! Azure and Gcore: functions, and containers that scale on request.

use super::container;
use super::lowering::{Lower, Lowering, set_elsewhere};
use super::scaling;
use super::storage::{container_app_volumes, container_group_volumes};
use crate::facts::azure as facts;
use crate::frontends::aws;
use crate::frontends::declared::take_stage_name;
use crate::frontends::probes::AZURE;
use crate::frontends::resource::Resource;
use crate::frontends::triggers::{always_on, schedule};
use crate::model::{
    Container, EventKind, FunctionSettings, Platform, Scaler, ScalerKind, TriggerKind, Workload, WorkloadKind,
};
use crate::schedule::Dialect;
use crate::value::{Form, How, Origin, Sourced, Unknown, View};

/// The code for a type.
pub(super) fn lowering_of(kind: &str) -> Option<Lower> {
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

impl Lowering<'_> {
    fn container_app(&mut self, resource: &Resource) {
        let view = resource.view();
        let template = view.get("template");
        let mut workload = self.workload(resource, WorkloadKind::Service, Platform::AzureContainerApps);
        let least = template.get("min_replicas").whole();
        workload.min_instances = least.or_fact(&facts::CONTAINER_APPS_MIN_REPLICAS_DEFAULT).map(Some);
        workload.max_instances = template.get("max_replicas").whole();
        containers(template.get("container"), &mut workload);
        self.declarations.scalers.push(Scaler {
            metrics: scaling::container_app_rules(template),
            polling: template.get("polling_interval_in_seconds").whole(),
            cooldown: template.get("cooldown_period_in_seconds").whole(),
            ..self.own_scaler(resource, ScalerKind::ContainerApps, &workload)
        });
        container_app_volumes(template.get("volume"), &mut workload);
        self.keep(workload, resource.view().get("tags"));
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
        container_app_volumes(view.at(&["template", "volume"]), &mut workload);
        self.keep(workload, resource.view().get("tags"));
        let cron = view.at(&["schedule_trigger_config", "cron_expression"]);
        if cron.is_present() {
            self.own_trigger(resource, always_on(), schedule(cron, Dialect::Unix));
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
        container_group_volumes(view.get("container"), &mut workload);
        self.keep(workload, resource.view().get("tags"));
    }

    /// Its functions, their triggers and the timeout (`host.json`) are in the code.
    fn function_app(&mut self, resource: &Resource) {
        let mut workload = self.workload(resource, WorkloadKind::Function, Platform::AzureFunctions);
        let in_code = || Unknown::NotEvaluated("`host.json`".into());
        workload.timeout = Sourced::unknown(in_code(), Origin::new(How::Absent, resource.span));
        workload.function = Some(FunctionSettings::unset(resource.span));
        // Of the Premium plan, and of Flex Consumption.
        let ready = resource.view().get("always_ready");
        let least = resource.view().at(&["site_config", "elastic_instance_minimum"]).whole().in_form(Form::NotZero);
        workload.min_instances = least.or(|| sum(ready, "instance_count"));
        workload.environment = aws::variables(resource.view().get("app_settings"));
        self.keep(workload, resource.view().get("tags"));
        let enabled = Sourced::unknown(in_code(), Origin::new(How::Absent, resource.span));
        self.own_trigger(resource, enabled, TriggerKind::Event(EventKind::Unseen));
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
        workload.environment = aws::variables(view.get("envs"));
        let mut settings = FunctionSettings::unset(resource.span);
        settings.runtime = view.get("runtime").text();
        settings.handler = view.get("main_method").text();
        workload.function = Some(settings);
        take_stage_name(view.get("namespace"), &mut workload);
        self.keep(workload, resource.view().get("tags"));
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
        for region in view.get("containers").items() {
            self.declarations.scalers.push(Scaler {
                min: region.get("scale_min").whole().unwrap_or(0),
                max: region.get("scale_max").whole(),
                polling: region.get("polling_interval").whole(),
                cooldown: region.get("cooldown_period").whole(),
                metrics: scaling::inference_triggers(region, resource.span),
                ..self.own_scaler(resource, ScalerKind::GcoreInference, &workload)
            });
        }
        workload.timeout = view.get("timeout").whole();
        self.keep(workload, resource.view().get("tags"));
        self.endpoint(resource, set_elsewhere(resource));
    }
}

/// The sum of a number that each of several blocks has.
fn sum(blocks: View<'_>, key: &'static str) -> Sourced<Option<u64>> {
    let numbers = blocks.items().into_iter().map(|block| block.get(key).whole());
    if blocks.is_unknown() {
        return blocks.whole();
    }
    let added = numbers.reduce(|sum, number| match (sum.set(), number.set()) {
        (Some(so_far), Some(more)) => {
            let both = so_far.saturating_add(*more);
            sum.map(|_| Some(both)).via(How::Computed, None)
        }
        (Some(_), None) => number,
        _ => sum,
    });
    added.unwrap_or_else(|| Sourced::absent(blocks.block()))
}

/// The memory in MiB of a flavor of Gcore's functions.
fn flavor_memory(flavor: &str) -> Option<u64> {
    let megabytes = flavor.rsplit('-').next()?.strip_suffix("MB")?;
    megabytes.parse().ok()
}

fn containers(view: View<'_>, workload: &mut Workload) {
    for item in view.items() {
        let own = container(item, item.get("cpu"), item.get("memory"), &AZURE);
        workload.containers.extend(own.map(|own| {
            let mut environment = own.environment;
            // Container groups have a map where the others have a list.
            environment.extend(aws::variables(item.get("environment_variables")));
            Container { environment, ..own }
        }));
    }
    workload.take_variables();
}
