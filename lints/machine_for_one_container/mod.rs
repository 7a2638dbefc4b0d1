//! `machine-for-one-container`: a virtual machine runs one container and nothing else.

use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place};
use crate::model::{Platform, Workload, WorkloadKind};
use crate::wording::and_more;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "machine-for-one-container",
    category: Category::Isolation,
    level: Level::Advice,
    summary: "A virtual machine runs one container and nothing else.",
    since: "0.1.0",
    fix: FixAvailability::None,
    options: &[],
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    let machines = cx.architecture.workloads().filter(|workload| workload.kind == WorkloadKind::Machine);
    // A wall around code that nobody trusts is what a machine is for.
    let is_wall =
        |machine: &Workload| machine.declared.trust.as_ref().is_some_and(|trust| &*trust.value == "untrusted");
    let cases = machines.filter(|machine| !is_wall(machine)).filter_map(|machine| {
        let container = machine.sole_container.as_ref()?;
        Some((container.span, (machine, container)))
    });
    for (place, cases) in by_place(cases) {
        let Some((machine, container)) = cases.first() else { continue };
        let more = and_more(cases.len() - 1);
        let named = if container.is_image_known { format!(", `{}`", container.image) } else { String::new() };
        let message = format!("`{}`{more} is a machine for one container{named}", machine.label());
        let finding = cx.report(machine, place, "runs one container and nothing else", message);
        for (machine, _) in &cases {
            finding.label(machine.span(), "a machine of its own");
        }
        finding
            .why("the operating system, its updates, the container runtime and the restart of what fails are yours to look after, and a new version of the image is a new machine or a login")
            .help(format!("let {} run the image; keep the machine where the container needs its kernel, its disk or its isolation", service(machine.platform)));
    }
}

/// What runs a container without a machine to look after.
fn service(platform: Platform) -> &'static str {
    match platform {
        Platform::AwsEc2 => "an ECS service on Fargate",
        Platform::ComputeEngine => "Cloud Run (a service, or a worker pool if no request reaches it)",
        Platform::AzureVirtualMachines => "Azure Container Apps",
        Platform::GcoreInstances => "Gcore Container as a Service or Managed Kubernetes",
        _ => "a container service",
    }
}
