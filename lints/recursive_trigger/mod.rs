//! `recursive-trigger`: A function writes to the bucket or queue that sets it off, so that each run may start another.

use crate::facts::aws;
use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place};
use crate::model::{Action, Trigger, TriggerKind, Workload};

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "recursive-trigger",
    category: Category::Scaling,
    level: Level::Warning,
    summary: "A function writes to the bucket or queue that sets it off, so that each run may start another.",
    since: "0.1.0",
    fix: FixAvailability::None,
    options: &[],
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let cases = architecture.workloads().flat_map(|workload| {
        let triggers = architecture.triggers_of(workload).filter(|trigger| trigger.is_surely_on());
        triggers.filter_map(move |trigger| {
            let write = architecture.write_to_own_source(workload, trigger)?;
            Some((trigger.span, (workload, trigger, write)))
        })
    });
    for (_, cases) in by_place(cases) {
        if let Some((workload, trigger, write)) = cases.first() {
            report(cx, workload, trigger, write);
        }
    }
}

fn report(cx: &mut Context, workload: &Workload, trigger: &Trigger, write: &Action) {
    let name = workload.label();
    let is_queue = matches!(trigger.kind, TriggerKind::Queue(_));
    let (message, label, allowed, help) = if is_queue {
        (
            format!("`{name}` is set off by the only queue that it may send to"),
            "reads the queue here",
            "may send to the same queue, and to no other",
            "send to another queue, or let a message that comes back wait (`DelaySeconds`) and count its rounds",
        )
    } else {
        (
            format!("`{name}` is set off by every new object in the only bucket that it may write to"),
            "fires on every new object, whatever its name",
            "may write anywhere in the same bucket, and in no other",
            "write to another bucket, or limit the trigger to a prefix and write below another one",
        )
    };
    let finding = cx.report(workload, trigger.span, label, message);
    finding.label(write.span, allowed);
    let thing = if is_queue { "message that it sends" } else { "object that it writes" };
    finding.why(format!(
        "each {thing} there starts it again: one round leads to the next, and each may start several; Lambda stops a loop that it notices after about {} rounds and drops the event, and one that it does not notice goes on until somebody does",
        aws::LAMBDA_LOOP_STOP.amount()
    ));
    finding.help(help);
}
