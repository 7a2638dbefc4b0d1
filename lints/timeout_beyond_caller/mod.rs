//! `timeout-beyond-caller`: a workload may run longer than the caller that waits for its answer.

use crate::facts::{aws, google};
use crate::grouping::grouped;
use crate::lint::{Category, Context, Finding, Level, Lint, by_place, seconds};
use crate::model::{Gateway, Trigger, TriggerKind, Workload};
use crate::source::Span;
use crate::value::Sourced;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "timeout-beyond-caller",
    category: Category::Limits,
    level: Level::Warning,
    summary: "A workload may run longer than the caller that waits for its answer.",
    since: "0.1.0",
    page: include_str!("README.md"),
    check,
};

/// A workload, a caller that waits for it, and how long.
struct Case<'a> {
    workload: &'a Workload,
    trigger: &'a Trigger,
    limit: &'a Sourced<Option<u64>>,
    timeout: u64,
    seconds: u64,
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let (mut gateways, mut pools) = (Vec::new(), Vec::new());
    for workload in architecture.workloads() {
        let Some(timeout) = workload.timeout.set().copied() else { continue };
        let place = workload.timeout.origin.written_at().unwrap_or(workload.span());
        for trigger in architecture.triggers_of(workload).filter(|trigger| trigger.is_surely_on()) {
            match &trigger.kind {
                TriggerKind::Http(http) if http.gateway == Gateway::Scheduler => {
                    scheduler(cx, workload, trigger, timeout)
                }
                TriggerKind::Http(http) => {
                    let buffered = http.is_streaming.known() == Some(&false) && trigger.waiting().is_some();
                    // 30 s behind a 29 s gateway is everywhere and harmless.
                    if let Some(limit) = http.limit.set().copied().filter(|limit| buffered && timeout > limit + 1) {
                        gateways.push((place, Case { workload, trigger, limit: &http.limit, timeout, seconds: limit }));
                    }
                }
                TriggerKind::Push(push) => {
                    if let Some(deadline) = push.ack_deadline.known().copied().filter(|deadline| *deadline < timeout) {
                        push_subscription(cx, workload, trigger, &push.ack_deadline, deadline, timeout);
                    }
                }
                TriggerKind::UserPool(event)
                    if !event.contains("sender") && timeout > aws::COGNITO_TRIGGER_TIMEOUT.whole() =>
                {
                    pools.push((place, (workload, trigger, timeout)));
                }
                _ => {}
            }
        }
    }
    for ((place, ..), cases) in grouped(like_ones(cx, gateways)) {
        gateway(cx, place, &cases);
    }
    for (place, cases) in by_place(pools) {
        user_pool(cx, place, &cases);
    }
}

fn level(cx: &Context, case: &Case) -> Level {
    let level = if case.timeout >= 2 * case.seconds { Level::Error } else { Level::Warning };
    // The long timeout may be there for the events that nobody waits for.
    let background = cx.architecture.triggers_of(case.workload).any(|trigger| !trigger.is_synchronous());
    if background { level.softer() } else { level }
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

/// Part a: gateways and other callers that hold a connection open.
fn gateway(cx: &mut Context, place: Span, cases: &[Case]) {
    let Some(worst) = worst(cx, cases) else { return };
    let (timeout, limit) = (worst.timeout, worst.seconds);
    let others = cases.iter().filter(|case| case.workload.label() != worst.workload.label());
    let mut names: Vec<&str> = others.map(|case| case.workload.label()).collect();
    names.dedup();
    let more = if names.is_empty() { String::new() } else { format!(" and {} more", names.len()) };
    let message = format!(
        "`{}`{more} may run for {timeout} s, but {} gives up after {limit} s",
        worst.workload.label(),
        worst.trigger.name()
    );
    let level = level(cx, worst);
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
}

fn timeout_label(workload: &Workload, timeout: u64) -> String {
    match workload.timeout.default() {
        Some(fact) => format!("timeout not set: {} uses {timeout} s", fact.holder),
        None => format!("may run for {}", seconds(timeout)),
    }
}

fn waits(case: &Case) -> String {
    format!("{} waits {} s for `{}`", case.trigger.name(), case.seconds, case.workload.label())
}

/// Part b: Cognito asks during sign-up and sign-in.
fn user_pool(cx: &mut Context, place: Span, cases: &[(&Workload, &Trigger, u64)]) {
    let Some((workload, _, timeout)) = cases.first() else { return };
    let fact = &aws::COGNITO_TRIGGER_TIMEOUT;
    let message =
        format!("`{}` may run for {timeout} s, but Cognito gives up after {}", workload.label(), fact.amount());
    let level = if workload.timeout.is_explicit() { Level::Warning } else { Level::Advice };
    let finding = cx.report(workload, place, timeout_label(workload, *timeout), message).level(level);
    for (workload, trigger, _) in cases {
        finding
            .trace(&workload.timeout)
            .label(trigger.span, format!("Cognito waits {} for `{}`", fact.amount(), workload.label()));
    }
    finding.why(format!(
        "Cognito waits {} and then tries again, three times in all: the user sees a failed sign-in, and the function may have run three times",
        fact.amount()
    ));
    finding.help(format!("set the timeout to {} and make the function safe to run more than once", fact.amount()));
}

/// Part c: Cloud Scheduler waits for the answer and counts a late one as a failure.
fn scheduler(cx: &mut Context, workload: &Workload, trigger: &Trigger, timeout: u64) {
    let TriggerKind::Http(http) = &trigger.kind else { return };
    let Some(deadline) = http.limit.set().copied().filter(|deadline| *deadline < timeout) else { return };
    let longest = google::SCHEDULER_DEADLINE_MAX.whole();
    let message = format!(
        "Cloud Scheduler gives up on `{}` after {deadline} s, but it may run for {timeout} s",
        workload.label()
    );
    let label = match http.limit.default() {
        Some(fact) => format!("attempt_deadline not set: {} uses {deadline} s", fact.holder),
        None => format!("waits {}", seconds(deadline)),
    };
    let place = http.limit.origin.written_at().unwrap_or(trigger.span);
    let level = if workload.timeout.is_explicit() { Level::Warning } else { Level::Advice };
    let finding = cx.report(workload, place, label, message).level(level);
    finding.trace(&http.limit).label(trigger.span, "called from here");
    runs_for(finding, workload, timeout);
    let and_then = match http.retries.known() {
        Some(Some(count @ 1..)) => {
            finding.label(
                http.retries.origin.written_at(),
                format!("a failed attempt is tried again, {count} times at most"),
            );
            format!(", and is tried again beside it, {count} times at most")
        }
        Some(_) => "; nothing tries it again before the schedule is due".to_string(),
        None => String::new(),
    };
    finding.why(format!("a run longer than {deadline} s counts as failed, while it still works{and_then}"));
    finding.help(if timeout > longest {
        "run it as a Cloud Run job that the scheduler starts and does not wait for: no HTTP deadline is longer than 1800 s".to_string()
    } else {
        format!("set `attempt_deadline = \"{timeout}s\"` (at most {longest} s), or run it as a Cloud Run job")
    });
}

/// Part d: Pub/Sub sends a pushed message again unless the answer comes in time.
fn push_subscription(
    cx: &mut Context,
    workload: &Workload,
    trigger: &Trigger,
    ack: &Sourced<u64>,
    deadline: u64,
    timeout: u64,
) {
    let message = format!(
        "the push subscription sends a message to `{}` again after {deadline} s, but it may work on it for {timeout} s",
        workload.label()
    );
    let label = match ack.default() {
        Some(fact) => format!("ack_deadline_seconds not set: {} uses {deadline} s", fact.holder),
        None => format!("waits {}", seconds(deadline)),
    };
    let place = ack.origin.written_at().unwrap_or(trigger.span);
    // A handler that nobody gave a timeout rarely needs all of it.
    let level = if workload.timeout.is_explicit() && timeout > 60 { Level::Warning } else { Level::Advice };
    let finding = cx.report(workload, place, label, message).level(level);
    finding.trace(ack).label(trigger.span, "pushed from here");
    runs_for(finding, workload, timeout);
    finding.why("for a push subscription the acknowledgement deadline is also the HTTP timeout: a slower message is cut off and delivered again while the first delivery still runs");
    let longest = google::PUBSUB_ACK_DEADLINE_MAX.whole();
    finding.help(if timeout > longest {
        format!(
            "no deadline is longer than {longest} s: acknowledge at once and do the work in a job or a pulling worker"
        )
    } else {
        format!("set `ack_deadline_seconds = {timeout}`, or acknowledge at once and do the work in a job")
    });
}

fn runs_for(finding: &mut Finding, workload: &Workload, timeout: u64) {
    let at = workload.timeout.origin.written_at().unwrap_or(workload.span());
    finding.label(at, timeout_label(workload, timeout)).trace(&workload.timeout);
}
