//! What runs.

use super::command::{Loop, SoleContainer};
use super::isolation::Isolation;
use super::{BackingService, Declared, Id, Identity, Link, Mount, Permissions, Port, Probes, Queue, Volume};
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

/// Where a workload runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Platform {
    AwsLambda,
    AwsEcs,
    AwsBatch,
    CloudRun,
    CloudRunJob,
    GoogleFunctions1,
    GoogleFunctions2,
    AzureFunctions,
    AzureContainerApps,
    AzureContainerInstances,
    GcoreFunctions,
    GcoreInference,
    Kubernetes,
    Knative,
    AwsEc2,
    ComputeEngine,
    AzureVirtualMachines,
    GcoreInstances,
    /// A function or container of a provider about which archlint knows no limits.
    Other,
}

impl Platform {
    /// Whether it starts and stops instances by the requests that come in, between a minimum and a maximum.
    pub fn scales_by_itself(self) -> bool {
        matches!(
            self,
            Self::CloudRun | Self::GoogleFunctions1 | Self::GoogleFunctions2 | Self::AzureContainerApps | Self::Knative
        )
    }

    /// The name in machine-readable reports: a contract.
    pub fn id(self) -> &'static str {
        match self {
            Self::AwsLambda => "aws-lambda",
            Self::AwsEcs => "aws-ecs",
            Self::AwsBatch => "aws-batch",
            Self::CloudRun => "google-cloud-run",
            Self::CloudRunJob => "google-cloud-run-job",
            Self::GoogleFunctions1 => "google-functions-1",
            Self::GoogleFunctions2 => "google-functions-2",
            Self::AzureFunctions => "azure-functions",
            Self::AzureContainerApps => "azure-container-apps",
            Self::AzureContainerInstances => "azure-container-instances",
            Self::GcoreFunctions => "gcore-functions",
            Self::GcoreInference => "gcore-inference",
            Self::Kubernetes => "kubernetes",
            Self::Knative => "knative",
            Self::AwsEc2 => "aws-ec2",
            Self::ComputeEngine => "google-compute-engine",
            Self::AzureVirtualMachines => "azure-virtual-machines",
            Self::GcoreInstances => "gcore-instances",
            Self::Other => "other",
        }
    }
}

/// How a function's code is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packaging {
    /// An archive on a managed runtime.
    Zip,
    /// A container image.
    Image,
}

/// What a workload's instances compute with; their price depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processor {
    /// x86_64.
    X86,
    /// arm64.
    Arm,
    /// Something that has a price of its own: Windows.
    Other,
}

/// What an ECS task runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaunchType {
    /// Fargate, at its list price.
    Fargate,
    /// Fargate, wholly or in part on spare capacity.
    FargateSpot,
    /// Instances that are paid for by themselves.
    Instances,
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
    /// A place that names it other than to set it off: whoever reads that may call it. Only of services that something
    /// calls on a schedule.
    pub named_by: Option<Span>,
    /// What its owner says about it.
    pub declared: Declared,
    /// Allow annotations and metadata on it: lint id with the place, and the reason.
    pub allows: Vec<DeclaredAllow>,
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
        is_named_after(self.label(), any)
    }

    /// Another key of the environment whose name passes the test.
    pub fn variable(&self, test: impl Fn(&str) -> bool) -> Option<&Variable> {
        self.environment.iter().find(|variable| test(&variable.name))
    }
}

/// The words of a name such as `shop-Prod_eu`, in lower case.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_ascii_lowercase)
}

/// Whether a word of a name is one of these; `processOrder` and `process-order` have two words.
pub(super) fn is_named_after(name: &str, any: &[&str]) -> bool {
    let mut spaced = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            spaced.push(' ');
        }
        spaced.push(letter);
    }
    words(&spaced).any(|word| any.contains(&&*word))
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

/// What only functions have.
#[derive(Debug)]
pub struct FunctionSettings {
    /// The runtime identifier as the platform knows it (`java21`); `None` for images.
    pub runtime: Sourced<Option<Arc<str>>>,
    /// The entry point as written.
    pub handler: Sourced<Option<Arc<str>>>,
    /// How the code is delivered.
    pub packaging: Sourced<Packaging>,
    /// Size of /tmp in MiB.
    pub disk: Sourced<Option<u64>>,
    /// Layers, as far as they can be counted.
    pub layers: Sourced<Option<u64>>,
    /// Most instances at once, set aside for this function.
    pub reserved_concurrency: Sourced<Option<u64>>,
    /// Instances kept initialised. A scheduled or target-tracked number counts as one.
    pub provisioned_concurrency: Sourced<Option<u64>>,
    /// SnapStart on published versions.
    pub snap_start: Sourced<bool>,
    /// Whether every deployment publishes a version (SnapStart and provisioned concurrency only work on one).
    pub publishes: Sourced<bool>,
    /// Whether the tool itself points the function's events at the published version (Serverless Framework, SAM
    /// with `AutoPublishAlias`).
    pub wires_versions: Sourced<bool>,
    /// Something calls it at intervals so that an instance stays ready.
    pub kept_warm: Sourced<bool>,
    /// Seconds that a durable execution may take in all.
    pub durable_timeout: Sourced<Option<u64>>,
    /// Runs on Lambda Managed Instances.
    pub managed_instances: Sourced<bool>,
    /// Mounts a file system, which rules SnapStart out.
    pub file_system: Sourced<bool>,
    /// The role that it has, as written.
    pub role: Option<Value>,
    /// What it may do, as far as its role says so.
    pub permissions: Permissions,
    /// What becomes of an asynchronous event that it fails on.
    pub asynchronous: AsynchronousInvocation,
    /// Has an interface in subnets of a virtual network.
    pub in_vpc: Sourced<bool>,
    /// Hands events that it fails on to a dead-letter queue or topic.
    pub dead_letter: Sourced<bool>,
    /// Traces its invocations (AWS X-Ray).
    pub tracing: Sourced<bool>,
    /// The region that the function itself names; most leave that to their unit.
    pub region: Sourced<Option<Arc<str>>>,
    /// Runs as a step of a state machine that retries and catches.
    pub is_orchestrated: bool,
    /// Backs a CloudFormation custom resource.
    pub is_custom_resource: bool,
    /// It may invoke itself: the permission, where it is written.
    pub invokes_itself: Option<Span>,
}

impl FunctionSettings {
    /// All settings as nobody wrote them; `span` is the function's name.
    pub fn unset(span: Span) -> Self {
        let origin = || Origin::new(How::Absent, span);
        Self {
            runtime: Sourced::absent(span),
            handler: Sourced::absent(span),
            packaging: Sourced::new(Packaging::Zip, origin()),
            disk: Sourced::absent(span),
            layers: Sourced::absent(span),
            reserved_concurrency: Sourced::absent(span),
            provisioned_concurrency: Sourced::absent(span),
            snap_start: Sourced::new(false, origin()),
            publishes: Sourced::new(false, origin()),
            wires_versions: Sourced::new(false, origin()),
            kept_warm: Sourced::new(false, origin()),
            durable_timeout: Sourced::absent(span),
            managed_instances: Sourced::new(false, origin()),
            file_system: Sourced::new(false, origin()),
            role: None,
            permissions: Permissions::default(),
            asynchronous: AsynchronousInvocation {
                retries: Sourced::absent(span),
                keeps_failures: Sourced::new(false, origin()),
            },
            in_vpc: Sourced::new(false, origin()),
            dead_letter: Sourced::new(false, origin()),
            tracing: Sourced::new(false, origin()),
            region: Sourced::absent(span),
            is_orchestrated: false,
            is_custom_resource: false,
            invokes_itself: None,
        }
    }
}

/// How a function treats events whose senders do not wait for it.
#[derive(Debug)]
pub struct AsynchronousInvocation {
    /// How often an event that failed is tried again.
    pub retries: Sourced<Option<u64>>,
    /// An event that failed for good goes somewhere: to a dead-letter queue or another destination.
    pub keeps_failures: Sourced<bool>,
}

/// Something about a function that rules something else out.
#[derive(Debug)]
pub struct Obstacle {
    /// What it is, after "it": "runs on nodejs22.x".
    pub what: String,
    /// Where it is written.
    pub span: Option<Span>,
}

/// What only pods have.
#[derive(Debug)]
pub struct PodSettings {
    /// How a new version replaces the old one.
    pub strategy: Sourced<Strategy>,
    /// Whether the pods must land on different nodes, and where that is written.
    pub spread: Option<Spread>,
    /// Whether all pods land on one node, or may have to for a reason that is not known.
    pub is_on_one_node: bool,
    /// Its pods have names and volumes of their own (StatefulSet).
    pub is_stateful: bool,
    /// The object has containers and is not a partial patch.
    pub is_complete: bool,
}

/// How pods are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// The old pods end before new ones start.
    Recreate,
    /// Side by side; `surge` says whether a new pod may start before an old one ends.
    RollingUpdate { surge: bool },
    /// Pods stay as they are until somebody deletes them.
    Never,
}

/// A rule that no two pods may share a node.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    /// Where the rule is written.
    pub span: Span,
}

/// One container.
#[derive(Debug)]
pub struct Container {
    /// Its name.
    pub name: Arc<str>,
    /// Where its name stands (or the container, if it has none).
    pub span: Span,
    /// The image as written.
    pub image: Sourced<Option<Arc<str>>>,
    /// Runs to its end before the others start.
    pub is_init: bool,
    /// Requested CPU in thousandths; a limit alone counts as the request.
    pub cpu_request: Sourced<Option<u64>>,
    /// Requested memory in MiB; a limit alone counts as the request.
    pub memory_request: Sourced<Option<u64>>,
    /// The ports that it says it opens.
    pub ports: Sourced<Vec<Port>>,
    /// How the platform finds out how it is doing.
    pub probes: Probes,
    /// Seconds from the decision to end it until it is killed; `None` where its platform does not say.
    pub grace: Sourced<Option<u64>>,
    /// Seconds of these that it sleeps before it is told to end; `None`: it is told at once, or so it seems.
    pub pre_stop: Sourced<Option<u64>>,
    /// The words of its command line (`command`, then `args`), as far as they are written.
    pub command: Vec<Value>,
    /// The loop or cron daemon that its command line runs, if it does.
    pub repeats: Option<Loop>,
    /// Its environment variables, which are among those of the workload. Only what is written.
    pub environment: Vec<Variable>,
    /// What it mounts.
    pub mounts: Vec<Mount>,
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
