//! `function-waits-idle`: A state machine calls a function again and again only to ask whether something is done.

use crate::lint::{Category, Context, FixAvailability, Level, Lint};
use crate::model::{Poll, StateMachine, Workload};

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "function-waits-idle",
    category: Category::LongRunning,
    level: Level::Warning,
    summary: "A state machine calls a function again and again only to ask whether something is done.",
    since: "0.1.0",
    fix: FixAvailability::None,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// Questions that are further apart, in seconds, cost next to nothing.
const OFTEN: u64 = 60;

/// Words in the name of a state or a function that say that it only asks.
const ASKS: [&str; 18] = [
    "check",
    "checks",
    "complete",
    "completed",
    "completion",
    "describe",
    "done",
    "finished",
    "monitor",
    "poll",
    "poller",
    "polling",
    "progress",
    "ready",
    "status",
    "verify",
    "wait",
    "waiting",
];

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    for machine in architecture.state_machines() {
        for poll in machine.polls() {
            let function = poll.call.function.as_ref().and_then(|function| architecture.workload(function));
            let asks = poll.task.is_named_after(&ASKS) || function.is_some_and(|one| one.is_named_after(&ASKS));
            let seconds = poll.seconds.set().copied().filter(|seconds| (1..OFTEN).contains(seconds));
            if let Some(seconds) = seconds.filter(|_| asks || poll.job.is_some()) {
                report(cx, machine, poll, seconds, function);
            }
        }
    }
}

fn report(cx: &mut Context, machine: &StateMachine, poll: Poll, seconds: u64, function: Option<&Workload>) {
    let name = &machine.identity.label;
    let place = poll.seconds.origin.written_at();
    let label = format!("asks again after {seconds} s");
    let finding = match function {
        Some(function) => {
            let message =
                format!("`{name}` calls `{}` every {seconds} s to ask whether it can go on", function.label());
            cx.report(function, place, label, message)
        }
        None => {
            let message = format!("`{name}` calls a function every {seconds} s to ask whether it can go on");
            cx.report_on(&machine.identity, "state machine", "aws-step-functions", place, label, message)
        }
    };
    finding.label(poll.task.span, format!("`{}` calls the function", poll.task.name));
    finding.label(poll.wait.span, format!("`{}` comes before it", poll.wait.name));
    finding.why(format!(
        "an hour of waiting is {} calls of a function and three state transitions with each, and the answer comes up to {seconds} s late",
        3600 / seconds
    ));
    match poll.job {
        // It is a job of AWS, so there is no need to ask at all.
        Some((action, span)) => {
            finding.label(span, format!("`{action}` starts a job and does not wait for it"));
            finding.help(format!("call `{action}.sync`, which ends when the job does, and leave out the circle"))
        }
        None => {
            finding.level(Level::Advice);
            finding.help("let Step Functions wait: by `.sync` for a job of AWS, by `.waitForTaskToken` for what can call back; where neither is possible, ask less often")
        }
    };
}
