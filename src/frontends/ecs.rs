//! ECS task definitions, which CloudFormation and Terraform describe in the same words with other capitals.

use super::probes::{self, ProbeKeys};
use crate::facts::aws as facts;
use crate::model::command::command_line;
use crate::model::{Container, LaunchType, Processor, Workload};
use crate::value::{Sourced, Unknown, View};

/// What a dialect calls the attributes of a container definition.
#[derive(Debug)]
pub struct ContainerKeys {
    pub name: &'static str,
    pub image: &'static str,
    pub cpu: &'static str,
    /// Of several the first that is written counts.
    pub memory: [&'static str; 2],
    /// What the command line is made of, in order.
    pub command: [&'static str; 2],
    pub ports: &'static str,
    pub container_port: &'static str,
    pub stop_timeout: &'static str,
    pub(crate) probes: ProbeKeys,
}

/// A health check of ECS replaces a task that fails it, as a liveness probe does.
const fn health_check([liveness, delay, period, failures]: [&'static str; 4]) -> ProbeKeys {
    ProbeKeys {
        startup: "",
        readiness: "",
        liveness,
        initial_delay: (delay, &facts::ECS_HEALTH_START_DEFAULT),
        period: (period, &facts::ECS_HEALTH_INTERVAL_DEFAULT),
        failures: (failures, &facts::ECS_HEALTH_RETRIES_DEFAULT),
        http: "",
        tcp: "",
    }
}

/// `AWS::ECS::TaskDefinition`.
pub static CLOUDFORMATION_CONTAINER: ContainerKeys = ContainerKeys {
    name: "Name",
    image: "Image",
    cpu: "Cpu",
    memory: ["MemoryReservation", "Memory"],
    command: ["EntryPoint", "Command"],
    ports: "PortMappings",
    container_port: "ContainerPort",
    stop_timeout: "StopTimeout",
    probes: health_check(["HealthCheck", "StartPeriod", "Interval", "Retries"]),
};

/// The JSON in `container_definitions` of `aws_ecs_task_definition`.
pub static TERRAFORM_CONTAINER: ContainerKeys = ContainerKeys {
    name: "name",
    image: "image",
    cpu: "cpu",
    memory: ["memoryReservation", "memory"],
    command: ["entryPoint", "command"],
    ports: "portMappings",
    container_port: "containerPort",
    stop_timeout: "stopTimeout",
    probes: health_check(["healthCheck", "startPeriod", "interval", "retries"]),
};

/// Gives a workload what its task runs on: the service says so, or else the cluster.
pub fn launch_type(launch_type: View<'_>, strategies: &[View<'_>], workload: &mut Workload) {
    workload.launch_type = match strategies {
        [] => launch_type.text().map(|text| text.map(|text| kind_of(&text))),
        [first, others @ ..] => others.iter().fold(provider(*first), |found, strategy| {
            let other = provider(*strategy);
            match (found.set(), other.set()) {
                (Some(one), Some(two)) if one == two => found,
                (Some(LaunchType::Instances), Some(_)) | (_, None) => other,
                (Some(_), Some(LaunchType::Instances)) | (None, _) => found,
                _ => found.map(|_| Some(LaunchType::FargateSpot)),
            }
        }),
    };
}

/// What one capacity provider stands for.
fn provider(name: View<'_>) -> Sourced<Option<LaunchType>> {
    name.text().map(|text| text.map(|text| kind_of(&text)))
}

/// Of a launch type or of a capacity provider: Fargate has two, all others are groups of instances.
fn kind_of(name: &str) -> LaunchType {
    match name {
        "FARGATE" => LaunchType::Fargate,
        "FARGATE_SPOT" => LaunchType::FargateSpot,
        _ => LaunchType::Instances,
    }
}

/// What a task computes with, by its architecture and the family of its operating system.
pub fn processor(architecture: View<'_>, system: View<'_>) -> Sourced<Processor> {
    let system = system.text().map(|family| family.is_none_or(|family| &*family == "LINUX"));
    if system.known() != Some(&true) {
        return system.map(|_| Processor::Other);
    }
    architecture.text().map(|text| if text.as_deref() == Some("ARM64") { Processor::Arm } else { Processor::X86 })
}

/// Gives a workload what its task definition says. `memory` in MiB or GB and `cpu` in CPU units or vCPU are of the whole task.
pub fn task(memory: View<'_>, cpu: View<'_>, containers: View<'_>, keys: &ContainerKeys, workload: &mut Workload) {
    workload.memory = amount(memory, "gb");
    workload.cpu = units_to_thousandths(amount(cpu, "vcpu"));
    for container in containers.items() {
        let Some(span) = container.get(keys.name).span() else { continue };
        let (command, repeats) = command_line(container, &keys.command);
        workload.containers.push(Container {
            name: container.get(keys.name).known_text().unwrap_or_default(),
            span,
            image: container.get(keys.image).text(),
            is_init: false,
            cpu_request: units_to_thousandths(container.get(keys.cpu).whole()),
            memory_request: container.first(&keys.memory).whole(),
            ports: probes::ports(container.get(keys.ports), keys.container_port, ""),
            probes: probes::probes(container, &keys.probes),
            grace: container
                .get(keys.stop_timeout)
                .within(span)
                .whole()
                .or_fact(&facts::ECS_STOP_TIMEOUT_DEFAULT)
                .map(Some),
            pre_stop: Sourced::absent(span),
            repeats,
            command,
        });
    }
}

/// A number, or one with a unit of 1,024 behind it: `2 GB`, `.5 vCPU`.
fn amount(view: View<'_>, unit: &str) -> Sourced<Option<u64>> {
    view.text().and_then(|text| {
        let Some(text) = text else { return Ok(None) };
        let lower = text.to_ascii_lowercase();
        let (number, factor) = lower.strip_suffix(unit).map_or((&*lower, 1.0), |number| (number, 1024.0));
        let number = number.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
        let amount = number.map(|number| Some((number * factor) as u64));
        amount.ok_or_else(|| Unknown::Invalid(format!("`{text}` is no amount that ECS takes").into()))
    })
}

/// 1,024 CPU units are one vCPU.
fn units_to_thousandths(units: Sourced<Option<u64>>) -> Sourced<Option<u64>> {
    units.map(|units| units.map(|units| units.saturating_mul(1000) / 1024))
}
