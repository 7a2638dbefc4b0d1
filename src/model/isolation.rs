//! What stands between the containers of a workload and the machine that they run on, and whether they run code that
//! nobody vouches for.

use super::database::is_image;
use super::{Container, Volume, VolumeKind, Workload};
use crate::source::Span;
use crate::value::Sourced;
use std::sync::Arc;

/// How a workload's containers are kept apart from their machine.
#[derive(Debug)]
pub struct Isolation {
    /// Settings that let a container at the machine, in the order in which they are read. Only what is known.
    pub openings: Vec<Opening>,
    /// What runs the containers, where it is another runtime than usual (`runtimeClassName`).
    pub runtime_class: Sourced<Option<Arc<str>>>,
    /// It is kept to nodes that others stay away from, or in a user namespace of its own.
    pub is_set_apart: bool,
}

impl Isolation {
    /// Containers as they are by default; `block` is the workload's name.
    pub fn usual(block: Span) -> Self {
        Self { openings: Vec::new(), runtime_class: Sourced::absent(block), is_set_apart: false }
    }
}

/// A setting that lets a container at the machine.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Which one.
    pub kind: OpeningKind,
    /// The container that has it; `None`: all of them.
    pub container: Option<Arc<str>>,
    /// Where it is written.
    pub span: Span,
}

/// Settings that let a container at the machine, the worst first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum OpeningKind {
    /// All capabilities and all devices.
    Privileged,
    /// The socket by which containers are started on the machine.
    ContainerSocket,
    /// A capability that is nearly as much as all of them, by its name.
    Capability(Arc<str>),
    /// The processes of the machine.
    HostProcesses,
    /// The network of the machine.
    HostNetwork,
}

impl OpeningKind {
    /// What it lets a container do.
    pub fn reach(&self) -> String {
        match self {
            Self::Privileged => "privileged: has all devices and capabilities of the machine".to_string(),
            Self::ContainerSocket => "whoever has this socket starts any container on the machine".to_string(),
            Self::Capability(name) => format!("{name} is nearly as much as root on the machine"),
            Self::HostProcesses => "sees the processes of the machine".to_string(),
            Self::HostNetwork => "has the network of the machine".to_string(),
        }
    }
}

/// Why the code in a workload is taken for code that nobody vouches for.
#[derive(Debug)]
pub enum Untrusted<'w> {
    /// Its owner says so.
    Declared(Span),
    /// Its image is made to run what others send; the name, and where it is written.
    Runner(&'w str, Option<Span>),
}

/// Images that build, test or run what others send.
const RUNNERS: [&str; 20] = [
    "gitlab-runner",
    "gitlab-runner-helper",
    "actions-runner",
    "actions-runner-dind",
    "github-runner",
    "myoung34/github-runner",
    "buildkite/agent",
    "azure-pipelines-agent",
    "circleci/runner",
    "inbound-agent",
    "jnlp-slave",
    "buildkit",
    "dind",
    "singleuser",
    "k8s-singleuser-sample",
    "code-server",
    "drone-runner-docker",
    "act_runner",
    "forgejo/runner",
    "woodpecker-agent",
];

/// Runtime classes that share the kernel as ever.
const SHARING: [&str; 4] = ["runc", "crun", "nvidia", "nvidia-cdi"];

impl Workload {
    /// What lets code that nobody vouches for at the machine, the worst first.
    pub fn openings_to_untrusted(&self) -> Vec<Opening> {
        let is_everywhere = self.declared.trust.is_some();
        let runs = |name: &Arc<str>| self.main_containers().any(|one| one.name == *name && is_runner(one));
        let sockets = self.main_containers().flat_map(|container| {
            let mounted = container.mounts.iter().filter_map(|mount| self.mounted(mount));
            mounted.filter(|volume| is_socket(volume)).map(|volume| Opening {
                kind: OpeningKind::ContainerSocket,
                container: Some(container.name.clone()),
                span: volume.span,
            })
        });
        let all = self.isolation.openings.iter().cloned().chain(sockets);
        let mut found: Vec<Opening> =
            all.filter(|opening| is_everywhere || opening.container.as_ref().is_none_or(runs)).collect();
        found.sort_by(|a, b| a.kind.cmp(&b.kind));
        found
    }

    /// Whether its containers are known to share the kernel of their machine with those of others.
    pub fn shares_kernel(&self) -> bool {
        let class = self.isolation.runtime_class.known();
        let is_usual = class.is_some_and(|class| class.as_ref().is_none_or(|class| SHARING.contains(&&**class)));
        is_usual && !self.isolation.is_set_apart
    }

    /// Whether it runs code that nobody vouches for, by what its owner says or by its images.
    pub fn untrusted(&self) -> Option<Untrusted<'_>> {
        if let Some(trust) = &self.declared.trust {
            return (&*trust.value == "untrusted").then_some(Untrusted::Declared(trust.span));
        }
        let runner = self.main_containers().find(|container| is_runner(container))?;
        Some(Untrusted::Runner(&runner.name, runner.image.origin.site()))
    }
}

/// Whether a container's image is made to run what others send.
fn is_runner(container: &Container) -> bool {
    let called = |image: &str| RUNNERS.iter().any(|called| is_image(image, called)) || has_docker_inside(image);
    container.image.set().is_some_and(|image| called(image))
}

/// Whether a volume is the socket by which containers are started on the machine.
fn is_socket(volume: &Volume) -> bool {
    let VolumeKind::HostPath(path) = &volume.kind else { return false };
    let name = path.set().and_then(|path| path.rsplit('/').next());
    matches!(name, Some("docker.sock" | "containerd.sock" | "crio.sock"))
}

/// `docker:24-dind`: the image says in its tag that it runs a daemon of its own.
fn has_docker_inside(image: &str) -> bool {
    is_image(image, "docker")
        && image.rsplit_once(':').is_some_and(|(_, tag)| tag.split('-').any(|word| word == "dind"))
}
