//! What runs.

use super::command::SoleContainer;
use super::isolation::Isolation;
use super::{
    BackingService, Container, Declared, FunctionSettings, Id, Identity, LaunchType, Link, Platform, PodSettings,
    Processor, Queue, Volume,
};
use crate::source::Span;
use crate::value::{How, Origin, Sourced, Value};
use std::fmt;
use std::sync::Arc;

/// The execution model of a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WorkloadKind {
    /// Runs once for each event and is gone.
    Function,
    /// Runs all the time (or is started by requests) and serves.
    Service,
    /// Runs to its end when something starts it.
    Job,
    /// A job with a schedule of its own.
    ScheduledJob,
    /// One on every node.
    Daemon,
    /// A virtual machine.
    Machine,
}

impl fmt::Display for WorkloadKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Function => "function",
            Self::Service => "service",
            Self::Job => "job",
            Self::ScheduledJob => "scheduled job",
            Self::Daemon => "daemon",
            Self::Machine => "machine",
        })
    }
}

/// Something that runs.
#[derive(Debug)]
pub struct Workload {
    /// Its index; set when the architecture is linked.
    pub(crate) id: Id<Workload>,
    /// Who it is.
    pub identity: Identity,
    /// Its execution model.
    pub kind: WorkloadKind,
    /// Where it runs.
    pub platform: Platform,
    /// The namespace it lives in, where its platform has namespaces (`default` when not written).
    pub namespace: Option<Arc<str>>,
    /// The stage (environment) it is deployed to, as written: a stage, workspace or namespace name.
    pub stage: Sourced<Option<Arc<str>>>,
    /// The stage that values which depend on it are read for, where it is left to whoever deploys.
    pub default_stage: Option<Arc<str>>,
    /// Seconds after which the platform ends one run, one request or one invocation. `None`: it never does.
    pub timeout: Sourced<Option<u64>>,
    /// Memory in MiB that one instance may use.
    pub memory: Sourced<Option<u64>>,
    /// vCPU of one instance, in thousandths.
    pub cpu: Sourced<Option<u64>>,
    /// What it computes with.
    pub processor: Sourced<Processor>,
    /// What an ECS task runs on; absent where the cluster decides.
    pub launch_type: Sourced<Option<LaunchType>>,
    /// Whether an instance of Cloud Run has CPU only while it works on requests (request-based billing), as against
    /// all the time that it is there (instance-based billing). Absent on other platforms.
    pub cpu_idle: Sourced<Option<bool>>,
    /// Instances that are always there: replicas, desired count, minimum of instances.
    pub replicas: Sourced<Option<u64>>,
    /// Least and most instances of a platform that scales by itself (Cloud Run, Knative, Container Apps).
    pub min_instances: Sourced<Option<u64>>,
    pub max_instances: Sourced<Option<u64>>,
    /// Names and values of environment variables. Only what is written.
    pub environment: Vec<Variable>,
    /// The cluster that it runs in, as written.
    pub cluster: Option<Value>,
    /// What its environment names, and its cluster; found when the architecture is linked.
    pub uses: Vec<Use>,
    /// What only functions have.
    pub function: Option<FunctionSettings>,
    /// What only pods have (Kubernetes in any format; Knative).
    pub pod: Option<PodSettings>,
    /// Of a machine: the container that it starts, where it plainly does nothing else.
    pub sole_container: Option<SoleContainer>,
    /// The containers, in order; empty for functions on a managed runtime.
    pub containers: Vec<Container>,
    /// The volumes that its containers may mount. The claim template of a StatefulSet takes the place of the volume of
    /// its name.
    pub volumes: Vec<Volume>,
    /// What stands between its containers and the machine that they run on.
    pub isolation: Isolation,
    /// What a scheduled job does when a run is due while the last one still goes on.
    pub concurrency_policy: Option<Sourced<ConcurrencyPolicy>>,
    /// Handed on to other units under a name, so that these may call it.
    pub is_handed_on: bool,
    /// Whether something other than the files may change `replicas` and the tool leaves it alone
    /// (`lifecycle.ignore_changes` in Terraform, `ignoreDifferences` of Argo CD).
    pub replicas_ignored: bool,
    /// How the tool could be told to do so, where the files can say it.
    pub replicas_ignorable: Option<Ignorable>,
    /// A place that names it other than to set it off: whoever reads that may call it. Only of services that something
    /// calls on a schedule.
    pub named_by: Option<Span>,
    /// What its owner says about it.
    pub declared: Declared,
    /// Allow annotations and metadata on it: lint id with the place, and the reason.
    pub allows: Vec<DeclaredAllow>,
}

/// A setting that `lifecycle.ignore_changes` of Terraform could name.
#[derive(Debug, Clone)]
pub struct Ignorable {
    /// What Terraform calls the setting.
    pub name: &'static str,
    /// Whether there is a list of what is ignored.
    pub list: Sourced<bool>,
}

impl Workload {
    /// A workload of which nothing but its identity is known; frontends set the rest.
    pub fn new(identity: Identity, kind: WorkloadKind, platform: Platform) -> Self {
        let span = identity.span;
        Self {
            id: Id::new(0),
            identity,
            kind,
            platform,
            namespace: None,
            stage: Sourced::absent(None),
            default_stage: None,
            timeout: Sourced::absent(span),
            memory: Sourced::absent(span),
            cpu: Sourced::absent(span),
            processor: Sourced::new(Processor::X86, Origin::new(How::Absent, span)),
            launch_type: Sourced::absent(span),
            cpu_idle: Sourced::absent(span),
            replicas: Sourced::absent(span),
            min_instances: Sourced::absent(span),
            max_instances: Sourced::absent(span),
            environment: Vec::new(),
            cluster: None,
            uses: Vec::new(),
            function: None,
            pod: None,
            sole_container: None,
            containers: Vec::new(),
            volumes: Vec::new(),
            isolation: Isolation::usual(span),
            concurrency_policy: None,
            is_handed_on: false,
            replicas_ignored: false,
            replicas_ignorable: None,
            named_by: None,
            declared: Declared::default(),
            allows: Vec::new(),
        }
    }

    /// Gives it the environment variables of its main containers.
    pub(crate) fn take_variables(&mut self) {
        let of_containers = self.main_containers().flat_map(|container| &container.environment);
        self.environment = of_containers.cloned().collect();
    }

    /// What people call it.
    pub fn label(&self) -> &str {
        &self.identity.label
    }

    /// Where its name stands.
    pub fn span(&self) -> Span {
        self.identity.span
    }

    /// Most instances at once, where they are limited: what is set aside for a function of AWS, the maximum of others.
    pub fn instance_limit(&self) -> &Sourced<Option<u64>> {
        match &self.function {
            Some(function) if self.platform == Platform::AwsLambda => &function.reserved_concurrency,
            _ => &self.max_instances,
        }
    }

    /// The containers that run side by side for the life of the workload: no init containers.
    pub fn main_containers(&self) -> impl Iterator<Item = &Container> {
        self.containers.iter().filter(|container| !container.is_init)
    }

    /// Seconds that the container which has most of it has to finish its work, once it is told to end.
    pub fn time_to_finish(&self) -> Option<u64> {
        let left = |container: &Container| {
            let grace = container.grace.set()?;
            Some(grace.saturating_sub(container.pre_stop.known()?.unwrap_or_default()))
        };
        let left: Option<Vec<u64>> = self.main_containers().map(left).collect();
        left?.into_iter().max()
    }

    /// Whether a word of its name is one of these; `processOrder` and `process-order` have two words.
    pub fn is_named_after(&self, any: &[&str]) -> bool {
        super::naming::is_named_after(self.label(), any)
    }

    /// Another key of the environment whose name passes the test.
    pub fn variable(&self, test: impl Fn(&str) -> bool) -> Option<&Variable> {
        self.environment.iter().find(|variable| test(&variable.name))
    }
}

/// Something declared that an environment variable names, by a reference, its ARN or its URL.
#[derive(Debug)]
pub enum Use {
    Queue(Link<Queue>),
    Backing(Link<BackingService>),
}

/// One environment variable.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its name.
    pub name: Arc<str>,
    /// Where the name stands.
    pub span: Option<Span>,
    /// What is written as its value; never printed.
    pub value: Value,
}

/// What a scheduled job does about overlapping runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConcurrencyPolicy {
    /// Starts anyway.
    Allow,
    /// Skips the new run.
    Forbid,
    /// Ends the old run.
    Replace,
}

/// An allow on a workload itself: the annotation `archlint.dev/allow`, or `Metadata.archlint.allow`.
#[derive(Debug, Clone)]
pub struct DeclaredAllow {
    /// The lint id as written.
    pub lint: Arc<str>,
    /// Where the allow is written.
    pub span: Span,
    /// The reason given.
    pub reason: Arc<str>,
}

impl DeclaredAllow {
    /// Reads `lint-id: reason`, several separated by commas or line ends.
    pub fn parse(text: &str, span: Span) -> Vec<Self> {
        let entries = text.split(['\n', ',']).map(str::trim).filter(|entry| !entry.is_empty());
        entries
            .map(|entry| {
                let (lint, reason) = entry.split_once(':').unwrap_or((entry, ""));
                Self { lint: lint.trim().into(), span, reason: reason.trim().into() }
            })
            .collect()
    }
}
