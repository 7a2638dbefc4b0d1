//! ECS task definitions, which CloudFormation and Terraform describe in the same words with other capitals.

use super::environment;
use crate::model::command::command_line;
use crate::model::{Container, Workload};
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
    pub health_check: &'static str,
    /// A list of variables, and what name and value of one are called.
    pub environment: [&'static str; 3],
}

/// `AWS::ECS::TaskDefinition`.
pub static CLOUDFORMATION_CONTAINER: ContainerKeys = ContainerKeys {
    name: "Name",
    image: "Image",
    cpu: "Cpu",
    memory: ["MemoryReservation", "Memory"],
    command: ["EntryPoint", "Command"],
    ports: "PortMappings",
    health_check: "HealthCheck",
    environment: ["Environment", "Name", "Value"],
};

/// The JSON in `container_definitions` of `aws_ecs_task_definition`.
pub static TERRAFORM_CONTAINER: ContainerKeys = ContainerKeys {
    name: "name",
    image: "image",
    cpu: "cpu",
    memory: ["memoryReservation", "memory"],
    command: ["entryPoint", "command"],
    ports: "portMappings",
    health_check: "healthCheck",
    environment: ["environment", "name", "value"],
};

/// Gives a workload what its task definition says. `memory` in MiB or GB and `cpu` in CPU units or vCPU are of the whole task.
pub fn task(memory: View<'_>, cpu: View<'_>, containers: View<'_>, keys: &ContainerKeys, workload: &mut Workload) {
    workload.memory = amount(memory, "gb");
    workload.cpu = units_to_thousandths(amount(cpu, "vcpu"));
    let [list, name, value] = keys.environment;
    let lists: Vec<View> = containers.items().into_iter().map(|container| container.get(list)).collect();
    workload.environment = environment::listed(&lists, name, &[value]);
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
            has_ports: !container.get(keys.ports).items().is_empty() || container.get(keys.ports).is_unknown(),
            has_probe: container.has(&[keys.health_check]),
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
