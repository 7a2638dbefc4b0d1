//! `durable-execution-capped-by-caller`: a durable execution may take longer than whoever starts it can wait.

use crate::facts::{Fact, aws};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place, seconds};
use crate::model::{EventKind, FunctionSettings, Trigger, TriggerKind, Workload};
use crate::source::Span;
use crate::wording::and_more;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "durable-execution-capped-by-caller",
    category: Category::Limits,
    level: Level::Error,
    summary: "A durable execution may take longer than whoever starts it can wait.",
    since: "0.1.0",
    fix: FixAvailability::None,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// A durable function, and who waits for it no longer than it may take.
struct Case<'a> {
    workload: &'a Workload,
    function: &'a FunctionSettings,
    longest: u64,
    callers: Vec<(&'a Trigger, &'static Fact)>,
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let cases = architecture.functions().filter_map(|(workload, function)| {
        let longest = *function.durable_timeout.set()?;
        let triggers = architecture.triggers_of(workload).filter(|trigger| trigger.is_surely_on());
        let callers = triggers.filter_map(|trigger| Some((trigger, cap(trigger, function)?)));
        let callers: Vec<_> = callers.filter(|(_, cap)| longest > cap.whole()).collect();
        let place = function.durable_timeout.origin.written_at().unwrap_or(workload.span());
        (!callers.is_empty()).then_some((place, Case { workload, function, longest, callers }))
    });
    for (place, cases) in by_place(cases) {
        report(cx, place, &cases);
    }
}

/// How long an execution may take that a trigger starts, where it waits.
fn cap(trigger: &Trigger, function: &FunctionSettings) -> Option<&'static Fact> {
    let is_managed = *function.managed_instances.known()?;
    match &trigger.kind {
        _ if trigger.is_synchronous() => Some(&aws::LAMBDA_DURABLE_WAITED_MAX),
        // Brokers differ in what they may take on Managed Instances.
        TriggerKind::Event(EventKind::Broker) if is_managed => None,
        _ if trigger.is_polled() && is_managed => Some(&aws::LAMBDA_DURABLE_MANAGED_MAX),
        _ if trigger.is_polled() => Some(&aws::LAMBDA_DURABLE_WAITED_MAX),
        _ => None,
    }
}

fn report(cx: &mut Context, place: Span, cases: &[Case]) {
    let architecture = cx.architecture;
    let Some((Case { workload, longest, .. }, (caller, cap))) =
        cases.iter().find_map(|case| Some((case, case.callers.first()?)))
    else {
        return;
    };
    let more = and_more(cases.len() - 1);
    let message = format!(
        "an execution of `{}`{more} may take {}, but one that {} starts ends after {}",
        workload.label(),
        seconds(*longest),
        caller.name(),
        seconds(cap.whole())
    );
    // The long execution may be for those who do not wait.
    let is_started_otherwise = |case: &Case| {
        let mut triggers = architecture.triggers_of(case.workload);
        triggers.any(|trigger| trigger.is_background() && !trigger.is_polled())
    };
    let level = if cases.iter().all(is_started_otherwise) { Level::Warning } else { Level::Error };
    let finding = cx.report(workload, place, format!("may take {}", seconds(*longest)), message).level(level);
    for case in cases {
        for (trigger, cap) in &case.callers {
            finding
                .label(trigger.span, format!("one that {} starts ends after {}", trigger.name(), seconds(cap.whole())));
        }
        finding.trace(&case.function.durable_timeout);
    }
    finding
        .why(format!(
            "whoever starts it waits for the whole execution, its pauses included, and it is ended after {}: {} of {} ({})",
            seconds(cap.whole()),
            cap.what,
            cap.holder,
            cap.citation()
        ))
        .help("let a small function take the request or the message and start the execution without waiting (`InvocationType: Event`), or limit the execution to what the caller waits");
}
