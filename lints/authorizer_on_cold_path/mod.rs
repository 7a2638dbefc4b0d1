//! `authorizer-on-cold-path`: every request waits for an authorizer that starts slowly, because its answers are not kept.

use crate::facts::aws;
use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place};
use crate::model::{FunctionSettings, Packaging, Trigger, TriggerKind, Workload};
use crate::source::Span;
use crate::value::Sourced;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "authorizer-on-cold-path",
    category: Category::ColdStart,
    level: Level::Warning,
    summary: "Every request waits for an authorizer that starts slowly, because its answers are not kept.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// A function that is asked for every request.
struct Case<'a> {
    workload: &'a Workload,
    function: &'a FunctionSettings,
    trigger: &'a Trigger,
    kept: &'a Sourced<Option<u64>>,
    /// Whether the gateway could keep answers as it is told now.
    knows_callers: bool,
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let slow = architecture.functions().filter(|(workload, function)| {
        let is_image = function.packaging.known() == Some(&Packaging::Image);
        (is_image || function.slow_runtime().is_some()) && architecture.starts_cold(workload, function)
    });
    let cases = slow.flat_map(|(workload, function)| {
        let triggers = architecture.triggers_of(workload).filter(|trigger| trigger.is_surely_on());
        triggers.filter_map(move |trigger| match &trigger.kind {
            TriggerKind::Http(http) if http.asks_every_time() => {
                Some(Case { workload, function, trigger, kept: &http.answer_kept, knows_callers: http.knows_callers })
            }
            _ => None,
        })
    });
    let place = |case: &Case| case.kept.origin.written_at().unwrap_or(case.trigger.span);
    for (place, cases) in by_place(cases.map(|case| (place(&case), case))) {
        report(cx, place, &cases);
    }
}

fn report(cx: &mut Context, place: Span, cases: &[Case]) {
    let Some(Case { workload, function, .. }) = cases.first() else { return };
    let name = workload.label();
    let what = match function.slow_runtime() {
        Some(runtime) => format!("starts slowly on {runtime}"),
        None => "is a container image".to_string(),
    };
    let message = format!("every request waits for the authorizer `{name}`, which {what}");
    let finding = cx.report(workload, place, "answers are not kept", message);
    // How long an image takes to start, nobody can tell from the files.
    if function.slow_runtime().is_none() || workload.is_outside_production() {
        finding.level(Level::Advice);
    }
    for case in cases {
        let name = case.workload.label();
        let (slow, what) = match case.function.slow_runtime() {
            Some(_) => (&case.function.runtime.origin, "starts slowly"),
            None => (&case.function.packaging.origin, "is a container image"),
        };
        finding.label(slow.site().unwrap_or(case.workload.span()), format!("`{name}` {what}"));
        finding.label(case.trigger.span, format!("asks `{name}`")).trace(case.kept).about(&case.workload.identity);
    }
    let bare = match function.slow_runtime() {
        Some(runtime) if runtime.starts_with("dotnet") => Some(&aws::DOTNET8_INIT),
        Some(_) => Some(&aws::JAVA21_INIT),
        None => None,
    };
    let bare = bare.map(|bare| {
        let (name, time, day) = (bare.holder, bare.amount(), bare.checked);
        format!(": {name} takes {time} to start before its own code is loaded (median, {day})")
    });
    finding
        .why(format!(
            "a request runs two functions one after the other, and users wait for the cold start of both{}",
            bare.unwrap_or_default()
        ))
        .help(format!(
            "keep answers for some minutes (a REST API keeps them {} unless told otherwise), let a JWT authorizer check tokens without a function, or shorten the start with SnapStart",
            aws::REST_AUTHORIZER_KEPT_DEFAULT.amount()
        ));
    if cases.iter().all(|case| case.knows_callers) {
        let usual = &aws::REST_AUTHORIZER_KEPT_DEFAULT;
        let fix = Proposal::risky(format!("keep answers for {}", usual.amount()));
        finding.propose(cases.iter().fold(fix, |fix, case| fix.set(case.kept, New::Seconds(usual.whole()))));
    }
}
