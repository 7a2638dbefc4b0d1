//! `async-failure-dropped`: Events that a function fails on are lost, because nothing says where they should go.

use crate::facts::aws;
use crate::fix::{Proposal, Sketch};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place, seconds};
use crate::model::{EventKind, Trigger, TriggerKind, Workload};

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "async-failure-dropped",
    category: Category::Limits,
    level: Level::Advice,
    summary: "Events that a function fails on are lost, because nothing says where they should go.",
    since: "0.1.0",
    fix: FixAvailability::Sketch,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// Words in the name of a function that say that money moves in it, and words that say that it only tells of it.
const MONEY: [&str; 8] = ["invoice", "invoices", "payment", "payments", "payout", "payouts", "refund", "refunds"];
const TELLS: [&str; 10] =
    ["alert", "audit", "email", "log", "mail", "metrics", "notification", "notify", "report", "slack"];

/// A trigger whose events are lost, and who sends them.
type Lost<'a> = (&'a Trigger, &'static str);

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let cases = architecture.workloads().filter_map(|workload| {
        let lost = architecture.dropped_events_of(workload);
        (!lost.is_empty()).then(|| (workload.span(), (workload, lost)))
    });
    for (_, cases) in by_place(cases) {
        if let Some((workload, lost)) = cases.first() {
            report(cx, workload, lost);
        }
    }
}

fn report(cx: &mut Context, workload: &Workload, lost: &[Lost]) {
    let Some(function) = &workload.function else { return };
    let retries = match (function.asynchronous.retries.known(), function.asynchronous.retries.set()) {
        (Some(None), _) => Some(aws::LAMBDA_ASYNCHRONOUS_RETRIES.whole()),
        (_, set) => set.copied(),
    };
    let tried = match retries {
        Some(0) => "at once".to_string(),
        Some(1) => "after 1 retry".to_string(),
        Some(retries) => format!("after {retries} retries"),
        None => "after its retries".to_string(),
    };
    let message = format!("an event that `{}` fails on is dropped {tried}", workload.label());
    let finding = cx.report(workload, workload.span(), "no dead-letter queue and no destination on failure", message);
    for (trigger, sender) in lost {
        finding.label(trigger.span, format!("{sender} hands events over here and does not wait"));
    }
    finding.trace_written(&function.asynchronous.retries);
    let stake = stake(workload, lost);
    let reason = stake.as_ref().map(|stake| format!("; {stake}")).unwrap_or_default();
    let age = seconds(aws::LAMBDA_ASYNCHRONOUS_AGE.whole());
    let fate = match retries {
        Some(0) => "Lambda is told not to try it again, and deletes it".to_string(),
        Some(1) => format!("Lambda tries it once more, within {age} at most, and then deletes it"),
        Some(retries) => format!("Lambda tries it {retries} more times, within {age} at most, and then deletes it"),
        None => format!("Lambda tries it again for {age} at most, and then deletes it"),
    };
    finding.why(format!("nobody waits for the answer, so nobody learns of an event that failed: {fate}{reason}"));
    finding.help("name a queue or topic that failed events go to (a destination on failure, or a dead-letter queue), and raise an alarm when something arrives there");
    finding.propose(Proposal::sketch("keep what it fails on in a queue", Sketch::FailureQueue(workload.id)));
    if stake.is_some() {
        finding.level(Level::Warning);
    }
}

/// What makes a lost event worth stopping for: it is known to be one of production, or money depends on it.
fn stake(workload: &Workload, lost: &[Lost]) -> Option<String> {
    let is_business = |(trigger, _): &Lost| {
        matches!(&trigger.kind, TriggerKind::Event(EventKind::Topic | EventKind::Storage | EventKind::Bus))
    };
    if !lost.iter().any(is_business) || workload.is_outside_production() {
        return None;
    }
    if workload.is_named_after(&MONEY) && !workload.is_named_after(&TELLS) {
        return Some(format!("`{}` is named like something that moves money", workload.label()));
    }
    let stage = workload.stage.set().filter(|_| workload.is_in_production())?;
    Some(format!("this happens in the stage `{stage}`"))
}
