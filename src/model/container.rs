//! Pods, and the containers in them and in tasks.

use super::command::Loop;
use super::workload::Variable;
use super::{Mount, Port, Probes};
use crate::source::Span;
use crate::value::{Sourced, Value};
use std::sync::Arc;

/// What only pods have.
#[derive(Debug)]
pub struct PodSettings {
    /// How a new version replaces the old one.
    pub strategy: Sourced<Strategy>,
    /// The settings of a rolling update, which no other strategy may have; true if they are written.
    pub rolling_update: Sourced<bool>,
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
