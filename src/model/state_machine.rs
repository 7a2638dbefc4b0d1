//! State machines (AWS Step Functions): how long they may run, what their tasks call, and where they go round in circles.

use super::{Architecture, Identity, Link, Workload};
use crate::source::Span;
use crate::value::Sourced;
use std::collections::HashMap;
use std::sync::Arc;

/// How a state machine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkflowKind {
    /// For up to a year, every step kept.
    Standard,
    /// For up to five minutes, in memory.
    Express,
}

/// A state machine.
#[derive(Debug)]
pub struct StateMachine {
    /// Who it is.
    pub identity: Identity,
    /// How it runs.
    pub kind: Sourced<WorkflowKind>,
    /// Seconds after which it gives up by its own definition.
    pub timeout: Sourced<Option<u64>>,
    /// Its states and those within them, as far as the definition is known.
    pub states: Vec<State>,
}

/// One state.
#[derive(Debug)]
pub struct State {
    /// Its name.
    pub name: Arc<str>,
    /// Where the name stands.
    pub span: Option<Span>,
    /// What it does.
    pub kind: StateKind,
    /// The states that may follow when nothing fails, by their index.
    pub next: Vec<usize>,
}

/// What a state does.
#[derive(Debug)]
pub enum StateKind {
    /// Calls something.
    Task(Box<Task>),
    /// Waits for a number of seconds; `None`: until something that the input says.
    Wait(Sourced<Option<u64>>),
    /// Decides what follows.
    Choice,
    /// Changes its input.
    Pass,
    /// Anything else.
    Other,
}

/// A call of something.
#[derive(Debug)]
pub struct Task {
    /// How it waits for what it starts, if it does: `.sync` or `.waitForTaskToken`, and where that is written.
    pub waits_by: Option<(&'static str, Option<Span>)>,
    /// The action of another service that it calls (`glue:startJobRun`), and where that is written.
    pub action: Option<(Arc<str>, Option<Span>)>,
    /// It says itself that what it calls is a Lambda function.
    pub names_function: bool,
    /// What it calls by a reference or a name, which may be a function.
    pub function: Option<Link<Workload>>,
    /// Seconds after which the state machine gives the call up.
    pub timeout: Sourced<Option<u64>>,
}

impl Task {
    /// Whether it is known to call a Lambda function.
    pub fn is_call_of_function(&self) -> bool {
        self.names_function || self.function.as_ref().is_some_and(|function| function.target.is_some())
    }
}

/// States that go round in a circle until a function says that something is done.
#[derive(Debug, Clone, Copy)]
pub struct Poll<'a> {
    /// Who asks.
    pub task: &'a State,
    /// The call.
    pub call: &'a Task,
    /// The state that waits before the function asks again.
    pub wait: &'a State,
    /// For how many seconds.
    pub seconds: &'a Sourced<Option<u64>>,
    /// The task right before the circle starts something of AWS that Step Functions could wait for: the action, and where
    /// it is written.
    pub job: Option<(&'a str, Option<Span>)>,
}

/// Actions that take `.sync`.
const JOBS: [&str; 12] = [
    "athena:startQueryExecution",
    "batch:submitJob",
    "codebuild:startBuild",
    "databrew:startJobRun",
    "ecs:runTask",
    "eks:runJob",
    "emr-serverless:startJobRun",
    "glue:startJobRun",
    "mediaconvert:createJob",
    "sagemaker:createTrainingJob",
    "sagemaker:createTransformJob",
    "states:startExecution",
];

/// States in a row that are looked at.
const MAX_STEPS: usize = 8;
/// Branches of one choice that are looked at.
const MAX_BRANCHES: usize = 64;

impl State {
    /// Whether a word of its name is one of these.
    pub fn is_named_after(&self, any: &[&str]) -> bool {
        super::naming::is_named_after(&self.name, any)
    }
}

impl StateMachine {
    /// Whether it is known to be an Express workflow.
    pub fn is_express(&self) -> bool {
        self.kind.known() == Some(&WorkflowKind::Express)
    }

    /// Its tasks.
    pub fn tasks(&self) -> impl Iterator<Item = (&State, &Task)> {
        self.states.iter().filter_map(|state| match &state.kind {
            StateKind::Task(task) => Some((state, &**task)),
            _ => None,
        })
    }

    /// Circles of nothing but a wait, the call of one function, and a choice that leads back to the wait.
    pub fn polls(&self) -> impl Iterator<Item = Poll<'_>> {
        let jobs = self.unawaited_jobs();
        self.states.iter().enumerate().filter_map(move |(at, wait)| {
            let StateKind::Wait(seconds) = &wait.kind else { return None };
            let task = self.behind(at)?;
            let state = self.states.get(task)?;
            let StateKind::Task(call) = &state.kind else { return None };
            let choice = self.behind(task)?;
            let decides = self.states.get(choice).filter(|state| matches!(state.kind, StateKind::Choice))?;
            let leads_back = self.leads_to(decides, at, 1);
            let job = jobs.get(&at).or_else(|| jobs.get(&task)).copied();
            (call.is_call_of_function() && leads_back).then_some(Poll { task: state, call, wait, seconds, job })
        })
    }

    /// Jobs that are started and not waited for, by the state that their task goes over to.
    fn unawaited_jobs(&self) -> HashMap<usize, (&str, Option<Span>)> {
        let mut jobs = HashMap::new();
        for (state, task) in self.tasks().filter(|(_, task)| task.waits_by.is_none()) {
            let Some((action, span)) = &task.action else { continue };
            let action = action.trim_start_matches("aws-sdk:");
            if JOBS.contains(&action) {
                let next = state.next.iter().filter_map(|next| self.passed(*next));
                jobs.extend(next.map(|next| (next, (action, *span))));
            }
        }
        jobs
    }

    /// Whether a choice may lead to a state, also by way of a second one.
    fn leads_to(&self, choice: &State, at: usize, more: usize) -> bool {
        choice.next.iter().take(MAX_BRANCHES).filter_map(|next| self.passed(*next)).any(|next| {
            let second = self.states.get(next).filter(|state| more > 0 && matches!(state.kind, StateKind::Choice));
            next == at || second.is_some_and(|second| self.leads_to(second, at, more - 1))
        })
    }

    /// The one state behind another, with those left out that only change their input.
    fn behind(&self, at: usize) -> Option<usize> {
        match self.states.get(at)?.next[..] {
            [next] => self.passed(next),
            _ => None,
        }
    }

    fn passed(&self, mut at: usize) -> Option<usize> {
        for _ in 0..MAX_STEPS {
            let state = self.states.get(at)?;
            match (&state.kind, &state.next[..]) {
                (StateKind::Pass, [next]) => at = *next,
                _ => return Some(at),
            }
        }
        None
    }
}

impl Architecture {
    /// All state machines.
    pub fn state_machines(&self) -> impl Iterator<Item = &StateMachine> {
        self.state_machines.iter()
    }
}
