//! Part a: gateways and other callers that hold a connection open.

use super::{lowered, timeout_label};
use crate::fix::{Proposal, Sketch};
use crate::grouping::grouped;
use crate::lint::{Context, Level};
use crate::model::{EventKind, Gateway, Trigger, TriggerKind, Workload};
use crate::source::Span;
use crate::value::Sourced;
use crate::wording::and_more;

/// A workload, a caller that waits for it, and how long.
pub(super) struct Case<'a> {
    workload: &'a Workload,
    trigger: &'a Trigger,
    limit: &'a Sourced<Option<u64>>,
    timeout: u64,
    seconds: u64,
}

/// A caller that gives up before the workload does.
pub(super) fn case<'a>(workload: &'a Workload, trigger: &'a Trigger, timeout: u64) -> Option<Case<'a>> {
    let http = trigger.waiting().filter(|http| http.gateway != Gateway::Scheduler)?;
    let limit = http.limit.set().copied()?;
    // 30 s behind a 29 s gateway is everywhere and harmless.
    let is_cut = http.is_streaming.known() == Some(&false) && timeout > limit + 1;
    is_cut.then_some(Case { workload, trigger, limit: &http.limit, timeout, seconds: limit })
}

/// One finding for workloads that are called in the same way.
pub(super) fn report(cx: &mut Context, cases: Vec<(Span, Case)>) {
    for ((place, ..), cases) in grouped(like_ones(cx, cases)) {
        gateway(cx, place, &cases);
    }
}

fn level(cx: &Context, case: &Case) -> Level {
    let level = if case.timeout >= 2 * case.seconds { Level::Error } else { Level::Warning };
    // The long timeout may be there for the events that nobody waits for.
    let mut triggers = cx.architecture.triggers_of(case.workload);
    let background = triggers.any(|trigger| !trigger.is_synchronous() && !is_permission(trigger));
    if background { level.softer() } else { level }
}

/// The permission for a gateway to call, which says no more than that there is one.
fn is_permission(trigger: &Trigger) -> bool {
    matches!(trigger.kind, TriggerKind::Event(EventKind::Gateway))
}

/// The case that says the most of several; the first of equal ones.
fn worst<'c, 'a>(cx: &Context, cases: &'c [Case<'a>]) -> Option<&'c Case<'a>> {
    cases.iter().rev().max_by_key(|case| level(cx, case))
}

/// Of what one finding can speak: the place of the timeout, who waits and how long, and how bad that is.
type Alike = (Span, &'static str, u64, Level);

/// Cases with what those of one finding share: workloads that are called in the same way.
fn like_ones<'a>(cx: &Context, cases: Vec<(Span, Case<'a>)>) -> Vec<(Alike, Case<'a>)> {
    let of_workload = grouped(cases.into_iter().map(|(place, case)| ((place, case.workload.span()), case)));
    let mut alike = Vec::new();
    for ((place, _), cases) in of_workload {
        let Some(worst) = worst(cx, &cases) else { continue };
        let key = (place, worst.trigger.name(), worst.seconds, level(cx, worst));
        alike.extend(cases.into_iter().map(|case| (key, case)));
    }
    alike
}

fn gateway(cx: &mut Context, place: Span, cases: &[Case]) {
    let Some(worst) = worst(cx, cases) else { return };
    let (timeout, limit) = (worst.timeout, worst.seconds);
    let others = cases.iter().filter(|case| case.workload.label() != worst.workload.label());
    let mut names: Vec<&str> = others.map(|case| case.workload.label()).collect();
    names.dedup();
    let more = and_more(names.len());
    let message = format!(
        "`{}`{more} may run for {timeout} s, but {} gives up after {limit} s",
        worst.workload.label(),
        worst.trigger.name()
    );
    let level = level(cx, worst);
    let proposal = lower(cx, cases, timeout);
    let finding = cx.report(worst.workload, place, timeout_label(worst.workload, timeout), message).level(level);
    for case in cases {
        if case.workload.span() != place {
            finding.label(case.workload.span(), format!("`{}` may run for {timeout} s", case.workload.label()));
        }
        finding.trace(&case.workload.timeout);
        finding.label(case.trigger.span, waits(case)).trace_written(case.limit);
    }
    let TriggerKind::Http(http) = &worst.trigger.kind else { return };
    let note = http.limit_note.as_deref().map(|note| format!(" ({note})")).unwrap_or_default();
    finding.why(format!(
        "a request that takes longer than {limit} s gets an error from {}{note}, while the function goes on for up to {} s more, is billed for it, and its answer is lost",
        worst.trigger.name(),
        timeout - limit,
    ));
    let raise = if http.limit_is_quota { ", or have the quota of this regional API raised" } else { "" };
    finding.help(format!(
        "lower the timeout to {limit} s; for work that takes longer, answer at once and hand it to a queue or a state machine{raise}"
    ));
    if let Some(proposal) = proposal {
        finding.propose(proposal);
    }
    let sketch = Sketch::QueueAndWorker(worst.workload.id);
    finding.propose(Proposal::sketch("hand the work to a queue with a worker", sketch));
}

/// The timeout as long as the callers wait, where all of them wait equally long.
fn lower(cx: &Context, cases: &[Case], timeout: u64) -> Option<Proposal> {
    let limits = || cases.iter().map(|case| case.seconds);
    let (least, most) = (limits().min()?, limits().max()?);
    // Between the 29 s of one gateway and the 30 s of another nobody chose.
    let is_alike = most <= least + 1;
    let proposal = lowered(cx, cases.iter().map(|case| case.workload), least, |workload, trigger| {
        is_permission(trigger)
            || case(workload, trigger, timeout).is_some_and(|case| (least..=most).contains(&case.seconds))
    });
    proposal.filter(|_| is_alike)
}

fn waits(case: &Case) -> String {
    format!("{} waits {} s for `{}`", case.trigger.name(), case.seconds, case.workload.label())
}
