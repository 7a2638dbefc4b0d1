//! What only functions have.

use super::Permissions;
use crate::source::Span;
use crate::value::{How, Origin, Sourced, Value};
use std::sync::Arc;

/// How a function's code is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packaging {
    /// An archive on a managed runtime.
    Zip,
    /// A container image.
    Image,
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
    /// Whether the tool itself points everything that calls the function at the published version (Serverless
    /// Framework).
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
