//! Virtual machines, and the groups that make them from a template.

use super::lowering::{Lower, Lowering};
use crate::frontends::machines::{booted, declared};
use crate::frontends::resource::Resource;
use crate::model::command::SoleContainer;
use crate::model::{Platform, Workload, WorkloadKind};
use crate::value::{Sourced, View};

/// The code for a type.
pub(super) fn lowering_of(kind: &str) -> Option<Lower> {
    Some(match kind {
        "aws_instance" | "aws_autoscaling_group" => |lowering, resource| {
            let own = script(resource, &["user_data", "user_data_base64"]);
            let container = own.or_else(|| lowering.of_template(resource));
            lowering.machine(resource, Platform::AwsEc2, container, "tags");
        },
        "google_compute_instance"
        | "google_compute_instance_group_manager"
        | "google_compute_region_instance_group_manager" => |lowering, resource| {
            let template = lowering.resources.referred(resource.view().at(&["version", "instance_template"]));
            lowering.machine(resource, Platform::ComputeEngine, on_google(template.unwrap_or(resource)), "labels");
        },
        "azurerm_linux_virtual_machine" | "azurerm_linux_virtual_machine_scale_set" => |lowering, resource| {
            let container = script(resource, &["custom_data", "user_data"]);
            lowering.machine(resource, Platform::AzureVirtualMachines, container, "tags");
        },
        "gcore_instancev2" | "gcore_instance" => |lowering, resource| {
            lowering.machine(resource, Platform::GcoreInstances, script(resource, &["user_data", "userdata"]), "");
        },
        _ => return None,
    })
}

/// Types whose attributes these look up.
pub(super) fn is_referred_to(kind: &str) -> bool {
    matches!(
        kind,
        "aws_launch_template"
            | "aws_launch_configuration"
            | "google_compute_instance_template"
            | "google_compute_region_instance_template"
    )
}

/// What the first of several attributes that is written makes a machine run.
fn script(resource: &Resource, attributes: &[&'static str]) -> Option<SoleContainer> {
    let view = resource.view();
    let written = attributes.iter().find(|attribute| view.get(attribute).is_present())?;
    booted(view.get(written), view.key_span(written))
}

fn on_google(resource: &Resource) -> Option<SoleContainer> {
    let metadata = resource.view().get("metadata");
    let declaration = metadata.get("gce-container-declaration");
    if declaration.is_present() {
        return declared(declaration, metadata.key_span("gce-container-declaration"));
    }
    let of_metadata = |key: &'static str| booted(metadata.get(key), metadata.key_span(key));
    let own = script(resource, &["metadata_startup_script"]);
    own.or_else(|| of_metadata("startup-script")).or_else(|| of_metadata("user-data"))
}

impl Lowering<'_> {
    fn machine(
        &mut self,
        resource: &Resource,
        platform: Platform,
        container: Option<SoleContainer>,
        tags: &'static str,
    ) {
        let identity = resource.identity(self.unit, Sourced::absent(resource.span));
        let mut machine = Workload::new(identity, WorkloadKind::Machine, platform);
        machine.sole_container = container;
        let tags = if tags.is_empty() { View::missing(resource.span) } else { resource.view().get(tags) };
        self.keep(machine, tags);
    }

    /// What the launch template of an instance or a group runs.
    fn of_template(&self, resource: &Resource) -> Option<SoleContainer> {
        let view = resource.view();
        let mixed = view.at(&["mixed_instances_policy", "launch_template", "launch_template_specification"]);
        let named = [view.get("launch_template"), mixed].into_iter().find(|one| one.is_present());
        let named = named.map_or(view.get("launch_configuration"), |one| {
            one.first(&["id", "name", "launch_template_id", "launch_template_name"])
        });
        script(self.resources.referred(named)?, &["user_data", "user_data_base64"])
    }
}
