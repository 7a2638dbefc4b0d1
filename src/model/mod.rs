//! The provider-neutral model: what runs, what sets it off, and what it rests on.
//!
//! Frontends fill [`Declarations`], one for each [`Unit`]; [`crate::link`] joins them to one [`Architecture`]; lints
//! ask it questions. A field exists if and only if a lint or a report reads it, and a field that a lint may judge is
//! [`Sourced`](crate::value::Sourced). Platform limits and defaults come from [`crate::facts`].

mod background;
mod capacity;
mod cluster;
mod cold_start;
pub mod command;
mod concurrency;
mod connection;
mod container;
pub mod database;
mod declared;
mod disruption;
mod edge;
pub mod export;
mod fields;
mod function;
mod integration;
mod invocation;
pub mod isolation;
mod limits;
pub mod local_store;
mod naming;
pub mod permission;
mod platform;
pub mod portability;
mod probe;
mod queue_work;
mod resource;
mod scaler;
mod stage;
mod state_machine;
pub mod storage;
pub mod traffic;
pub mod trigger;
pub mod unit;
mod unresolved;
pub mod workload;

pub use capacity::WarmCapacity;
pub use cluster::{Cluster, ClusterKind, Growth, NodePool};
pub use cold_start::takes_snap_start;
pub use container::{Container, PodSettings, Spread, Strategy};
pub use declared::{Declaration, Declared, Mistake};
pub use disruption::{Amount, Disruption, DisruptionBudget, LeastPods};
pub use edge::EdgeEvent;
pub use export::{Export, exported};
pub(crate) use fields::Field;
pub use function::{AsynchronousInvocation, FunctionSettings, Obstacle, Packaging};
pub use integration::{Cap, Endpoint, Integration};
pub use limits::{Bound, Limited};
pub use permission::{Action, Grant, Permissions};
pub use platform::{LaunchType, Platform, Processor};
pub use probe::{Check, LongStart, Port, Probe, Probes};
pub use queue_work::QueueSign;
pub use resource::{Alias, BackingKind, BackingService, Claim, DatabaseSettings, Queue, Redrive};
pub use scaler::{Metric, MetricKind, Presence, QueueMetric, Scaler, ScalerKind, VerticalScaler};
pub use state_machine::{Poll, State, StateKind, StateMachine, Task, WorkflowKind};
pub use storage::{Mount, Scratch, Volume, VolumeKind};
pub use traffic::{Evidence, Shape, Strength, Traffic};
pub use trigger::{
    CallPermission, EventKind, Gateway, HttpTrigger, MappingTrigger, PushTrigger, QueueTrigger, ScheduleTrigger,
    StreamKind, StreamTrigger, Trigger, TriggerKind,
};
pub use unit::{Format, Identity, Place, Unit, UnitId};
pub(crate) use unresolved::Ambiguous;
pub use unresolved::Unresolved;
pub use workload::{ConcurrencyPolicy, DeclaredAllow, Ignorable, Use, Workload, WorkloadKind};

use crate::source::Span;
use crate::value::{Origin, Value};
use std::collections::HashSet;
use std::marker::PhantomData;
use std::sync::Arc;

/// Index of a thing of one kind in the [`Architecture`].
pub struct Id<T> {
    index: u32,
    kind: PhantomData<fn() -> T>,
}

impl<T> Id<T> {
    pub(crate) fn new(index: usize) -> Self {
        Self { index: index as u32, kind: PhantomData }
    }

    pub(crate) fn index(self) -> usize {
        self.index as usize
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}
impl<T> Eq for Id<T> {}
impl<T> std::hash::Hash for Id<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.index.hash(state);
    }
}
impl<T> std::fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{}", self.index)
    }
}

/// A reference from one declared thing to another: as it is written, and, once linked, what it leads to.
///
/// `target` stays `None` where the other end is not in the scanned set, is not known, or is ambiguous.
#[derive(Debug)]
pub struct Link<T> {
    /// What is written: a reference, a name, an ARN, a URL.
    pub written: Value,
    /// What it leads to.
    pub target: Option<Id<T>>,
    /// Whether it names a published version or an alias of the target, as against its newest, unqualified code.
    pub qualified: bool,
    /// How a reference to a published version would be written instead, where the dialect has one.
    pub versioned: Option<Arc<str>>,
    /// Which property of the target it is, where the end of the way says so: `arn`, `Endpoint.Address`.
    pub attribute: Option<Arc<str>>,
    /// What handed it on, the one nearest to the reference first; empty where the reference names its end itself.
    pub hops: Vec<Hop>,
}

/// A parameter, output or export that a link goes through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// Its name: `/shop/jobs`, `QueueArn`.
    pub name: Arc<str>,
    /// Where its value is written.
    pub span: Option<Span>,
}

impl<T> Link<T> {
    /// A link that is still to be followed.
    pub fn to(written: Value) -> Self {
        Self { written, target: None, qualified: false, versioned: None, attribute: None, hops: Vec::new() }
    }

    /// Whether it is where its target is reached, as against its name, its user or its port.
    pub fn is_address(&self) -> bool {
        self.attribute.as_ref().is_some_and(|attribute| {
            let attribute = attribute.to_ascii_lowercase();
            ["address", "endpoint", "connection_name"].iter().any(|end| attribute.ends_with(end))
        })
    }

    /// The place where the reference is written.
    pub fn span(&self) -> Option<Span> {
        self.written.origin.site()
    }
}

/// What one unit declares, before anything is joined. All indexes of links are empty.
#[derive(Debug, Default)]
pub struct Declarations {
    /// Things that run.
    pub workloads: Vec<Workload>,
    /// What sets them off.
    pub triggers: Vec<Trigger>,
    /// What gateways do with requests.
    pub integrations: Vec<Integration>,
    /// Message queues.
    pub queues: Vec<Queue>,
    /// Topics, streams, tables and buckets.
    pub backing: Vec<BackingService>,
    /// Scaling rules.
    pub scalers: Vec<Scaler>,
    /// Rules that size instances.
    pub vertical_scalers: Vec<VerticalScaler>,
    /// Kubernetes clusters.
    pub clusters: Vec<Cluster>,
    /// Their nodes.
    pub node_pools: Vec<NodePool>,
    /// Whether it has something that makes nodes wherever it is installed (Karpenter).
    pub makes_nodes: bool,
    /// Claims on persistent storage.
    pub claims: Vec<Claim>,
    /// How many pods evictions may take away.
    pub budgets: Vec<DisruptionBudget>,
    /// Published versions and aliases of functions.
    pub aliases: Vec<Alias>,
    /// State machines.
    pub state_machines: Vec<StateMachine>,
    /// What other units may read by name.
    pub exports: Vec<Export>,
    /// Where all of it is deployed to.
    pub place: Place,
}

/// Everything that was declared, joined.
#[derive(Debug, Default)]
pub struct Architecture {
    pub(crate) units: Vec<Unit>,
    /// Where each unit is deployed to.
    pub(crate) places: Vec<Place>,
    pub(crate) workloads: Vec<Workload>,
    pub(crate) triggers: Vec<Trigger>,
    pub(crate) integrations: Vec<Integration>,
    pub(crate) queues: Vec<Queue>,
    pub(crate) backing: Vec<BackingService>,
    pub(crate) scalers: Vec<Scaler>,
    pub(crate) vertical_scalers: Vec<VerticalScaler>,
    pub(crate) clusters: Vec<Cluster>,
    pub(crate) node_pools: Vec<NodePool>,
    /// Whether something in the scanned set makes nodes for a cluster that is not named (Karpenter).
    pub makes_nodes: bool,
    pub(crate) claims: Vec<Claim>,
    pub(crate) budgets: Vec<DisruptionBudget>,
    pub(crate) aliases: Vec<Alias>,
    pub(crate) state_machines: Vec<StateMachine>,
    /// Triggers by workload, scalers by workload, aliases by workload.
    pub(crate) triggers_of: Vec<Vec<Id<Trigger>>>,
    pub(crate) scalers_of: Vec<Vec<Id<Scaler>>>,
    pub(crate) aliases_of: Vec<Vec<Id<Alias>>>,
    /// Queues that the platform reads for something it then starts.
    pub(crate) queues_of_functions: HashSet<Id<Queue>>,
    /// References with more than one candidate.
    pub(crate) ambiguous: Vec<Ambiguous>,
}

impl Architecture {
    /// All workloads.
    pub fn workloads(&self) -> impl Iterator<Item = &Workload> {
        self.workloads.iter()
    }

    /// All functions with the settings that only functions have.
    pub fn functions(&self) -> impl Iterator<Item = (&Workload, &FunctionSettings)> {
        self.workloads.iter().filter_map(|workload| Some((workload, workload.function.as_ref()?)))
    }

    /// All workloads that run as pods, with their pod settings.
    pub fn pods(&self) -> impl Iterator<Item = (&Workload, &PodSettings)> {
        self.workloads.iter().filter_map(|workload| Some((workload, workload.pod.as_ref()?)))
    }

    /// All queues.
    pub fn queues(&self) -> impl Iterator<Item = &Queue> {
        self.queues.iter()
    }

    /// What gateways do with requests.
    pub fn integrations(&self) -> impl Iterator<Item = &Integration> {
        self.integrations.iter()
    }

    /// All scaling rules.
    pub fn scalers(&self) -> impl Iterator<Item = &Scaler> {
        self.scalers.iter()
    }

    /// All triggers that are not known to be switched off.
    pub fn triggers(&self) -> impl Iterator<Item = &Trigger> {
        self.triggers.iter().filter(|trigger| trigger.is_on())
    }

    /// The unit of a thing.
    pub fn unit(&self, id: UnitId) -> &Unit {
        &self.units[id.0 as usize]
    }

    /// What sets a workload off; triggers that are switched off are left out.
    pub fn triggers_of(&self, workload: &Workload) -> impl Iterator<Item = &Trigger> {
        self.triggers_of[workload.id.index()]
            .iter()
            .map(|id| &self.triggers[id.index()])
            .filter(|trigger| trigger.is_on())
    }

    /// The scaling rules of a workload.
    pub fn scalers_of(&self, workload: &Workload) -> impl Iterator<Item = &Scaler> {
        self.scalers_of[workload.id.index()].iter().map(|id| &self.scalers[id.index()])
    }

    /// The one scaling rule of a workload; `None` where there is none or more than one.
    pub fn scaler_of(&self, workload: &Workload) -> Option<&Scaler> {
        let mut scalers = self.scalers_of(workload);
        scalers.next().filter(|_| scalers.next().is_none())
    }

    /// How many instances of a service are there whatever it has to do, and the value that says so. `None` where that is
    /// not known, or where something takes it down at times.
    pub fn least_instances<'a>(&'a self, workload: &'a Workload) -> Option<(u64, &'a Origin)> {
        if workload.platform.scales_by_itself() {
            return Some((*workload.min_instances.set()?, &workload.min_instances.origin));
        }
        let mut scalers = self.scalers_of(workload);
        match (scalers.next(), scalers.next()) {
            (Some(scaler), None) if !scaler.is_adjusted && scaler.idle.is_absent() => {
                Some((*scaler.min.known()?, &scaler.min.origin))
            }
            (None, _) if !workload.replicas_ignored => Some((*workload.replicas.set()?, &workload.replicas.origin)),
            _ => None,
        }
    }

    /// Versions and aliases of a function.
    pub fn aliases_of(&self, workload: &Workload) -> impl Iterator<Item = &Alias> {
        self.aliases_of[workload.id.index()].iter().map(|id| &self.aliases[id.index()])
    }

    /// The workload at the end of a link.
    pub fn workload(&self, link: &Link<Workload>) -> Option<&Workload> {
        link.target.map(|id| &self.workloads[id.index()])
    }

    /// The queue at the end of a link.
    pub fn queue(&self, link: &Link<Queue>) -> Option<&Queue> {
        link.target.map(|id| &self.queues[id.index()])
    }

    /// The topic, stream, table or bucket at the end of a link.
    pub fn backing(&self, link: &Link<BackingService>) -> Option<&BackingService> {
        link.target.map(|id| &self.backing[id.index()])
    }

    /// The claim at the end of a link.
    pub fn claim(&self, link: &Link<Claim>) -> Option<&Claim> {
        link.target.map(|id| &self.claims[id.index()])
    }

    /// The triggers on which someone waits for the answer.
    pub fn waiting_triggers_of<'a>(&'a self, workload: &'a Workload) -> impl Iterator<Item = &'a Trigger> {
        self.triggers_of(workload).filter(|trigger| trigger.is_synchronous())
    }

    /// The databases that a workload is told to connect to: its environment names their addresses.
    pub fn databases_of<'a>(
        &'a self,
        workload: &'a Workload,
    ) -> impl Iterator<Item = (&'a Link<BackingService>, &'a BackingService)> {
        let mut seen = Vec::new();
        let named = workload.uses.iter().filter_map(|used| match used {
            Use::Backing(link) if link.is_address() => Some((link, self.backing(link)?)),
            _ => None,
        });
        named.filter(move |(link, backing)| {
            let is_new = !seen.contains(&link.target);
            seen.push(link.target);
            is_new && backing.kind == BackingKind::Database
        })
    }

    /// Whether a workload is known to run as often at once as its callers want: something sets it off that is neither a
    /// clock nor a stream nor a queue whose mapping is limited.
    pub fn is_scaled_by_callers(&self, workload: &Workload) -> bool {
        self.triggers_of(workload).filter(|trigger| trigger.is_surely_on()).any(|trigger| match &trigger.kind {
            TriggerKind::Http(http) => !matches!(http.gateway, Gateway::Scheduler),
            TriggerKind::UserPool(_) => true,
            TriggerKind::Queue(queue) => queue.is_unlimited() && self.is_fifo(queue) == Some(false),
            TriggerKind::Event(kind) => matches!(kind, EventKind::Topic | EventKind::Storage | EventKind::Bus),
            _ => false,
        })
    }

    /// Whether a person waits for this workload: declared so, or a public route that is not plainly a machine's.
    pub fn is_user_facing(&self, workload: &Workload) -> bool {
        let declared = workload.declared.is_user_facing();
        declared.unwrap_or_else(|| self.triggers_of(workload).any(Trigger::is_user_route))
    }

    /// Whether a workload is switched off: it has no replicas, and nothing gives it any.
    pub fn is_off(&self, workload: &Workload) -> bool {
        workload.replicas.set() == Some(&0) && self.scalers_of(workload).next().is_none()
    }

    /// What lets a workload have no instances at all while nobody asks for it: its own minimum, or that of its scaler.
    pub fn scales_to_zero<'a>(&'a self, workload: &'a Workload) -> Option<&'a Origin> {
        if workload.min_instances.set() == Some(&0) {
            return Some(&workload.min_instances.origin);
        }
        let scaler = self.scaler_of(workload).filter(|scaler| scaler.kind == ScalerKind::ScaledObject)?;
        (scaler.min.known() == Some(&0)).then_some(&scaler.min.origin)
    }

    /// The schedules, if they are all that sets the workload off (and there is one).
    pub fn schedules_only(&self, workload: &Workload) -> Option<Vec<(&Trigger, &ScheduleTrigger)>> {
        let triggers: Vec<_> = self.triggers_of(workload).collect();
        let schedules = schedules(&triggers);
        (!schedules.is_empty() && schedules.len() == triggers.len()).then_some(schedules)
    }

    /// Runs a month (of 730 hours), if every trigger is a schedule that is known.
    pub fn runs_per_month(&self, workload: &Workload) -> Option<f64> {
        let schedules = self.schedules_only(workload)?;
        schedules.iter().map(|(_, schedule)| Some(schedule.schedule.known()?.runs_per_month())).sum()
    }
}

/// The clocks among some triggers.
fn schedules<'a>(triggers: &[&'a Trigger]) -> Vec<(&'a Trigger, &'a ScheduleTrigger)> {
    let clock = |trigger: &&'a Trigger| match &trigger.kind {
        TriggerKind::Schedule(schedule) => Some((*trigger, schedule)),
        _ => None,
    };
    triggers.iter().filter_map(clock).collect()
}
