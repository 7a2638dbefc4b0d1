//! `express-workflow-too-long`: An Express workflow waits for something that takes longer than it may run.

use crate::facts::aws;
use crate::fix::{Proposal, Sketch};
use crate::lint::{Category, Context, FixAvailability, Label, Level, Lint, seconds};
use crate::model::{Architecture, State, StateKind, StateMachine, Task};
use crate::source::Span;
use crate::value::Sourced;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "express-workflow-too-long",
    category: Category::Limits,
    level: Level::Error,
    summary: "An Express workflow waits for something that takes longer than it may run.",
    since: "0.1.0",
    fix: FixAvailability::Sketch,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// Something in a workflow that does not fit into five minutes.
struct Obstacle {
    /// How it reads in the message, behind "is an Express workflow, but".
    what: String,
    label: Option<Label>,
    level: Level,
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    for machine in architecture.state_machines().filter(|machine| machine.is_express()) {
        let obstacles = obstacles(architecture, machine);
        let level = obstacles.iter().map(|obstacle| obstacle.level).max();
        let worst = level.and_then(|level| obstacles.iter().find(|obstacle| obstacle.level == level));
        if let (Some(worst), Some(level)) = (worst, level) {
            report(cx, machine, worst, &obstacles, level);
        }
    }
}

fn report(cx: &mut Context, machine: &StateMachine, worst: &Obstacle, all: &[Obstacle], level: Level) {
    let name = &machine.identity.label;
    let message = format!("`{name}` is an Express workflow, but {}", worst.what);
    let primary = machine.kind.origin.written_at();
    let longest = seconds(aws::EXPRESS_WORKFLOW_MAX.whole());
    let label = format!("runs for {longest} at most");
    let finding = cx.report_on(&machine.identity, "state machine", "aws-step-functions", primary, label, message);
    finding.level(level);
    finding.label(machine.identity.span, format!("`{name}` is declared here"));
    for label in all.iter().filter_map(|obstacle| obstacle.label.as_ref()) {
        finding.label(label.span, label.text.clone());
    }
    finding.why(format!(
        "an Express workflow ends after {longest}, whatever its own timeout says, and Step Functions does not create one that waits for a job (`.sync`) or for a task token"
    ));
    finding.help("make it a Standard workflow, which may take a year, or take the part that lasts out into one and start that from here");
    if let Some(place) = primary {
        finding.propose(Proposal::sketch("make it a Standard workflow", Sketch::StandardWorkflow(place)));
    }
}

/// Everything that takes too long, in the order of the states.
fn obstacles(architecture: &Architecture, machine: &StateMachine) -> Vec<Obstacle> {
    let longest = aws::EXPRESS_WORKFLOW_MAX.whole();
    let mut found = Vec::new();
    let too_long = |value: &Sourced<Option<u64>>, from: u64| value.set().copied().filter(|seconds| *seconds >= from);
    if let Some(timeout) = too_long(&machine.timeout, longest + 1) {
        let what = format!("gives itself {}", seconds(timeout));
        let text = format!("never reaches {}", seconds(timeout));
        found.push(obstacle(what, machine.timeout.origin.written_at(), text, Level::Error));
    }
    for state in &machine.states {
        if let StateKind::Wait(wait) = &state.kind
            && let Some(wait_seconds) = too_long(wait, longest)
        {
            let what = format!("waits for {} in `{}`", seconds(wait_seconds), state.name);
            let text = format!("waits for {}", seconds(wait_seconds));
            found.push(obstacle(what, wait.origin.written_at(), text, Level::Error));
        }
    }
    for (state, task) in machine.tasks() {
        if let Some((pattern, span)) = task.waits_by {
            let what = format!("waits by `{pattern}` in `{}`", state.name);
            found.push(obstacle(what, span, format!("`{pattern}` is for Standard workflows only"), Level::Error));
        } else if task.timeout.is_absent() {
            found.extend(slow_function(architecture, state, task));
        }
    }
    found
}

/// A function that somebody gave more time than the whole workflow has.
fn slow_function(architecture: &Architecture, state: &State, task: &Task) -> Option<Obstacle> {
    let function = architecture.workload(task.function.as_ref()?)?;
    let timeout = function.timeout.set().copied().filter(|_| function.timeout.is_explicit())?;
    let what = format!("`{}` calls `{}`, which may run for {}", state.name, function.label(), seconds(timeout));
    let text = format!("`{}` may run for {}", function.label(), seconds(timeout));
    let is_longer = timeout > aws::EXPRESS_WORKFLOW_MAX.whole();
    is_longer.then(|| obstacle(what, function.timeout.origin.written_at(), text, Level::Warning))
}

fn obstacle(what: String, span: Option<Span>, text: String, level: Level) -> Obstacle {
    Obstacle { what, label: span.map(|span| Label::new(span, text)), level }
}
