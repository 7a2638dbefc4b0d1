//! Sketches: a new resource, written out of the offending one, for people to look at and complete.
//!
//! A lint names what it wants in terms of the model ([`Sketch`]); [`super::propose`] asks [`draft`] for it. The builders
//! in this folder look up the resource in its file ([`site`]), copy what carries over ([`copy`]) and hand back
//! operations that the writers print in the syntax of the file at hand. What cannot be written with what is known is
//! refused: no sketch is better than a wrong one.

mod alias;
mod aws;
mod copy;
mod dead_letter;
mod file_store;
mod folder;
mod google;
mod kubernetes;
mod run_task;
mod scaled_object;
mod secrets;
mod site;
mod stack;
mod standard_workflow;
mod stateful_set;
mod worker_pair;

pub(super) use folder::Folders;

use super::operation::Operation;
use super::place::Places;
use crate::model::{Architecture, Id, Workload};
use crate::read::Workspace;
use crate::source::Span;

/// What people have to fill in.
const CHANGE_ME: &str = "CHANGE_ME";

/// A new resource that a lint asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sketch {
    /// Something that a clock starts in the place of a container that waits for its time: a CronJob, a task that
    /// EventBridge Scheduler starts, a job of Cloud Run with its schedule.
    ScheduledContainer(Id<Workload>),
    /// The same in the place of a service that only a clock calls.
    CalledContainer(Id<Workload>),
    /// A task or a job that the schedule of a function starts in its place.
    ScheduledTask(Id<Workload>),
    /// A container that stays, in the place of a function.
    Service(Id<Workload>),
    /// A queue for the events that a function fails on, and what sends them there.
    FailureQueue(Id<Workload>),
    /// The same for the records of the stream that a trigger at a place reads, with an end to the retries.
    StreamFailureQueue(Id<Workload>, Span),
    /// A rule that scales a worker by the length of its queue, down to nothing.
    QueueScaler(Id<Workload>),
    /// A queue and a function that works on it, in the place of a function that its caller cannot wait for.
    QueueAndWorker(Id<Workload>),
    /// A published version with instances that are kept ready, and the routes led to it.
    WarmAlias(Id<Workload>),
    /// A StatefulSet with a volume for each pod in the place of a Deployment.
    StatefulSet(Id<Workload>),
    /// A Standard workflow in the place of the Express workflow whose type is written at a place.
    StandardWorkflow(Span),
    /// A bucket for the files that a setting at a place keeps in the instance.
    FileStore(Id<Workload>, Span),
}

/// What a sketch comes to.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// What the reader should know and fill in; the title ends with it.
    pub remarks: Vec<String>,
    /// What is written.
    pub operations: Vec<Operation>,
}

/// What builders are given.
#[derive(Clone, Copy)]
pub(super) struct Desk<'a> {
    pub workspace: &'a Workspace,
    pub architecture: &'a Architecture,
    pub places: &'a Places<'a>,
    pub folders: &'a Folders,
}

/// Writes a sketch, or says why it cannot be written.
pub(super) fn draft(desk: Desk<'_>, sketch: Sketch) -> Result<Draft, String> {
    let mut draft = built(desk, sketch)?;
    if secrets::masked(&mut draft.operations) {
        draft.remarks.push("fill in what may be secret and was left out".into());
    }
    Ok(draft)
}

fn built(desk: Desk<'_>, sketch: Sketch) -> Result<Draft, String> {
    let workloads = &desk.architecture.workloads;
    let workload = |id: Id<Workload>| workloads.get(id.index()).ok_or("it is not there");
    match sketch {
        Sketch::ScheduledContainer(id) => run_task::of_container(desk, workload(id)?),
        Sketch::CalledContainer(id) => run_task::of_called(desk, workload(id)?),
        Sketch::ScheduledTask(id) => run_task::of_function(desk, workload(id)?),
        Sketch::Service(id) => run_task::service(desk, workload(id)?),
        Sketch::FailureQueue(id) => dead_letter::of_function(desk, workload(id)?),
        Sketch::StreamFailureQueue(id, place) => dead_letter::of_stream(desk, workload(id)?, place),
        Sketch::QueueScaler(id) => scaled_object::of(desk, workload(id)?),
        Sketch::QueueAndWorker(id) => worker_pair::of(desk, workload(id)?),
        Sketch::WarmAlias(id) => alias::of(desk, workload(id)?),
        Sketch::StatefulSet(id) => stateful_set::of(desk, workload(id)?),
        Sketch::FileStore(id, place) => file_store::of(desk, workload(id)?, place),
        Sketch::StandardWorkflow(place) => standard_workflow::of(desk, place),
    }
}
