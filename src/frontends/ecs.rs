//! ECS task definitions, which CloudFormation and Terraform describe in the same words with other capitals.

use super::containers::{capabilities, listed_variables, mounts, opening};
use super::probes::{self, ProbeKeys};
use crate::facts::aws as facts;
use crate::model::command::command_line;
use crate::model::isolation::{Opening, OpeningKind};
use crate::model::{Container, LaunchType, Processor, Scratch, Volume, VolumeKind, Workload};
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
    pub environment: &'static str,
    pub mounts: &'static str,
    /// The volume and the directory of a mount.
    pub mount: [&'static str; 2],
    pub volumes_from: &'static str,
    pub privileged: &'static str,
    /// The capabilities that are added.
    pub capabilities: [&'static str; 3],
    pub container_port: &'static str,
    pub stop_timeout: &'static str,
    pub(crate) probes: ProbeKeys,
}

/// Gives a workload what its task shares with its machine: the processes and the network, where they are `host`.
pub fn namespaces(processes: View<'_>, network: View<'_>, workload: &mut Workload) {
    for (view, kind) in [(processes, OpeningKind::HostProcesses), (network, OpeningKind::HostNetwork)] {
        if let Some(span) = view.span().filter(|_| view.is_text("host")) {
            workload.isolation.openings.push(Opening { kind, container: None, span });
        }
    }
}

/// What a dialect calls the attributes of a task definition's volumes.
#[derive(Debug)]
pub struct VolumeKeys {
    pub name: &'static str,
    /// The directory of the machine.
    pub host: &'static [&'static str],
    /// Any of these puts the files somewhere else than into the task.
    pub elsewhere: &'static [&'static str],
}

/// `Volumes` of `AWS::ECS::TaskDefinition`.
pub static CLOUDFORMATION_VOLUME: VolumeKeys = VolumeKeys {
    name: "Name",
    host: &["Host", "SourcePath"],
    elsewhere: &[
        "EFSVolumeConfiguration",
        "FSxWindowsFileServerVolumeConfiguration",
        "DockerVolumeConfiguration",
        "ConfiguredAtLaunch",
    ],
};

/// `volume` of `aws_ecs_task_definition`.
pub static TERRAFORM_VOLUME: VolumeKeys = VolumeKeys {
    name: "name",
    host: &["host_path"],
    elsewhere: &[
        "efs_volume_configuration",
        "fsx_windows_file_server_volume_configuration",
        "docker_volume_configuration",
        "configure_at_launch",
    ],
};

/// The volumes of a task definition.
pub fn volumes(view: View<'_>, keys: &VolumeKeys, workload: &mut Workload) {
    let block = workload.span();
    for view in view.items() {
        let name = view.get(keys.name);
        let host = view.at(keys.host);
        let kind = if host.is_present() {
            VolumeKind::HostPath(host.text())
        } else if view.first(keys.elsewhere).is_present() {
            VolumeKind::Elsewhere
        } else {
            VolumeKind::Scratch(Scratch::Task)
        };
        let span = if host.is_present() { host.span() } else { name.span() };
        workload.volumes.push(Volume { name: name.known_text(), kind, span: span.unwrap_or(block) });
    }
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
    environment: "Environment",
    mounts: "MountPoints",
    mount: ["SourceVolume", "ContainerPath"],
    volumes_from: "VolumesFrom",
    privileged: "Privileged",
    capabilities: ["LinuxParameters", "Capabilities", "Add"],
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
    environment: "environment",
    mounts: "mountPoints",
    mount: ["sourceVolume", "containerPath"],
    volumes_from: "volumesFrom",
    privileged: "privileged",
    capabilities: ["linuxParameters", "capabilities", "add"],
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
        let environment = listed_variables(container.get(keys.environment));
        let name = container.get(keys.name);
        let openings = &mut workload.isolation.openings;
        openings.extend(opening(container.get(keys.privileged), OpeningKind::Privileged, Some(name)));
        openings.extend(capabilities(container.at(&keys.capabilities), name));
        let [volume, path] = keys.mount;
        let own = mounts(container.get(keys.mounts), volume, &[path]);
        // What another container mounts, this one does as well: which volumes that are is not looked up.
        let borrowed = mounts(container.get(keys.volumes_from), "", &[]);
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
            environment,
            mounts: own.into_iter().chain(borrowed).collect(),
        });
    }
    workload.take_variables();
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
