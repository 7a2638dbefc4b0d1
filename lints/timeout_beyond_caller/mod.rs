//! `timeout-beyond-caller`: a workload may run longer than the caller that waits for its answer.

use crate::facts::google;
use crate::grouping::grouped;
use crate::lint::{Category, Context, Level, Lint, seconds};
use crate::model::{Caller, Wait, Workload};
use crate::source::Span;
use crate::value::Origin;

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

/// A workload, who waits for it, and how bad it is that it may take longer.
struct Case<'a> {
    workload: &'a Workload,
    timeout: u64,
    wait: Wait<'a>,
    level: Level,
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let mut alike = Vec::new();
    for workload in architecture.workloads() {
        let Some(timeout) = workload.timeout.set().copied() else { continue };
        let place = workload.timeout.origin.written_at().unwrap_or(workload.span());
        let (mut gateways, mut pools) = (Vec::new(), Vec::new());
        for wait in architecture.triggers_of(workload).filter_map(|trigger| trigger.wait()) {
            // 30 s behind a 29 s gateway is everywhere and harmless.
            let leeway = u64::from(matches!(wait.caller, Caller::Gateway(_)));
            if timeout <= wait.seconds + leeway {
                continue;
            }
            let case = Case { workload, timeout, wait, level: Level::Warning };
            let is_raised = workload.timeout.is_explicit();
            match (wait.caller, wait.origin) {
                // The long timeout may be there for the events that nobody waits for.
                (Caller::Gateway(_), _) => {
                    let level = if timeout >= 2 * wait.seconds { Level::Error } else { Level::Warning };
                    let is_for_others = architecture.runs_in_background(workload);
                    gateways.push(Case { level: if is_for_others { level.softer() } else { level }, ..case });
                }
                (Caller::UserPool, _) => {
                    pools.push(Case { level: if is_raised { Level::Warning } else { Level::Advice }, ..case });
                }
                (_, Some(origin)) => deadline(cx, &case, origin, is_raised),
                (_, None) => {}
            }
        }
        // One finding speaks of workloads with one timeout that are called in the same way.
        for cases in [gateways, pools] {
            let Some(worst) = worst(&cases) else { continue };
            let key = (place, worst.wait.name(), worst.wait.seconds, worst.level);
            alike.extend(cases.into_iter().map(|case| (key, case)));
        }
    }
    for ((place, ..), cases) in grouped(alike) {
        held_open(cx, place, &cases);
    }
}

/// The case that says the most of several; the first of equal ones.
fn worst<'c, 'a>(cases: &'c [Case<'a>]) -> Option<&'c Case<'a>> {
    cases.iter().rev().max_by_key(|case| case.level)
}

/// Callers that hold a connection open, or a user's sign-in: the timeout must change.
fn held_open(cx: &mut Context, place: Span, cases: &[Case]) {
    let Some(worst) = worst(cases) else { return };
    let (name, caller, timeout, limit) = (worst.workload.label(), worst.wait.name(), worst.timeout, worst.wait.seconds);
    let is_pool = matches!(worst.wait.caller, Caller::UserPool);
    let others = cases.iter().map(|case| case.workload.label()).filter(|other| *other != name && !is_pool);
    let mut others: Vec<&str> = others.collect();
    others.dedup();
    let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
    let message = format!("`{name}`{more} may run for {timeout} s, but {caller} gives up after {limit} s");
    let finding = cx.report(worst.workload, place, timeout_label(worst.workload, timeout), message).level(worst.level);
    for Case { workload, wait, .. } in cases {
        let name = workload.label();
        if workload.span() != place && !is_pool {
            finding.label(workload.span(), format!("`{name}` may run for {timeout} s"));
        }
        finding.trace(&workload.timeout);
        finding.label(wait.trigger.span, format!("{} waits {} s for `{name}`", wait.name(), wait.seconds));
        wait.origin
            .filter(|origin| origin.is_explicit())
            .into_iter()
            .for_each(|origin| _ = finding.trace_origin(origin));
    }
    let Caller::Gateway(http) = worst.wait.caller else {
        finding.why(format!("Cognito waits {limit} s and then tries again, three times in all: the user sees a failed sign-in, and the function may have run three times"));
        finding.help(format!("set the timeout to {limit} s and make the function safe to run more than once"));
        return;
    };
    let note = http.limit_note.as_deref().map(|note| format!(" ({note})")).unwrap_or_default();
    let over = timeout - limit;
    finding.why(format!("a request that takes longer than {limit} s gets an error from {caller}{note}, while the function goes on for up to {over} s more, is billed for it, and its answer is lost"));
    let raise = if http.limit_is_quota { ", or have the quota of this regional API raised" } else { "" };
    finding.help(format!("lower the timeout to {limit} s; for work that takes longer, answer at once and hand it to a queue or a state machine{raise}"));
}

fn timeout_label(workload: &Workload, timeout: u64) -> String {
    match workload.timeout.default() {
        Some(fact) => format!("timeout not set: {} uses {timeout} s", fact.holder),
        None => format!("may run for {}", seconds(timeout)),
    }
}

/// Callers with a deadline of their own, which must change: Cloud Scheduler counts a late answer as a failure, Pub/Sub
/// sends a message again.
fn deadline(cx: &mut Context, case: &Case, origin: &Origin, is_raised: bool) {
    let Case { workload, timeout, wait, .. } = case;
    let (name, limit) = (workload.label(), wait.seconds);
    let (message, setting, from, longest, is_worth_a_warning) = match wait.caller {
        Caller::Scheduler(_) => (
            format!("Cloud Scheduler gives up on `{name}` after {limit} s, but it may run for {timeout} s"),
            "attempt_deadline",
            "called from here",
            google::SCHEDULER_DEADLINE_MAX.whole(),
            is_raised,
        ),
        _ => (
            format!(
                "the push subscription sends a message to `{name}` again after {limit} s, but it may work on it for {timeout} s"
            ),
            "ack_deadline_seconds",
            "pushed from here",
            google::PUBSUB_ACK_DEADLINE_MAX.whole(),
            // A handler that nobody gave a timeout rarely needs all of it.
            is_raised && *timeout > 60,
        ),
    };
    let label = match origin.default() {
        Some(fact) => format!("{setting} not set: {} uses {limit} s", fact.holder),
        None => format!("waits {}", seconds(limit)),
    };
    let place = origin.written_at().unwrap_or(wait.trigger.span);
    let finding = cx.report(workload, place, label, message);
    finding.level(if is_worth_a_warning { Level::Warning } else { Level::Advice });
    finding.trace_origin(origin).label(wait.trigger.span, from);
    let at = workload.timeout.origin.written_at().unwrap_or(workload.span());
    finding.label(at, timeout_label(workload, *timeout)).trace(&workload.timeout);
    if let Caller::Scheduler(http) = wait.caller {
        let again = "a failed attempt is tried again";
        if let Some(count) = http.tries_again() {
            finding.label(http.retries.origin.written_at(), format!("{again}, {count} times at most"));
        }
        let and_then = match (http.tries_again(), http.retries.known()) {
            (Some(count), _) => format!(", and is tried again beside it, {count} times at most"),
            (None, Some(_)) => "; nothing tries it again before the schedule is due".to_string(),
            (None, None) => String::new(),
        };
        finding.why(format!("a run longer than {limit} s counts as failed, while it still works{and_then}"));
        finding.help(match *timeout > longest {
            true => format!("run it as a Cloud Run job that the scheduler starts and does not wait for: no HTTP deadline is longer than {longest} s"),
            false => format!("set `attempt_deadline = \"{timeout}s\"` (at most {longest} s), or run it as a Cloud Run job"),
        });
    } else {
        finding.why("for a push subscription the acknowledgement deadline is also the HTTP timeout: a slower message is cut off and delivered again while the first delivery still runs");
        finding.help(match *timeout > longest {
            true => format!("no deadline is longer than {longest} s: acknowledge at once and do the work in a job or a pulling worker"),
            false => format!("set `ack_deadline_seconds = {timeout}`, or acknowledge at once and do the work in a job"),
        });
    }
}
