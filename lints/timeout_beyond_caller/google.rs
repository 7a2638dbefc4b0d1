//! Parts c and d: Cloud Scheduler, and pushed messages of Pub/Sub.

use super::timeout_label;
use crate::facts::google;
use crate::fix::{New, Proposal};
use crate::lint::{Context, Finding, Level, seconds};
use crate::model::{Gateway, PushTrigger, Trigger, TriggerKind, Workload};

/// Cloud Scheduler waits for the answer and counts a late one as a failure.
pub(super) fn scheduler(cx: &mut Context, workload: &Workload, trigger: &Trigger, timeout: u64) {
    let TriggerKind::Http(http) = &trigger.kind else { return };
    if http.gateway != Gateway::Scheduler {
        return;
    }
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
    let leaves_time_between_runs = ends_before_the_next(cx, workload, trigger, timeout);
    let finding = cx.report(workload, place, label, message).level(level);
    finding.trace(&http.limit).label(trigger.span, "called from here");
    runs_for(finding, workload, timeout);
    let and_then = match http.retries.known() {
        Some(Some(count @ 1..)) => {
            finding
                .label(http.retries.origin.written_at(), format!("a failed attempt is tried again, {}", times(*count)));
            format!(", and is tried again beside it, {}", times(*count))
        }
        Some(_) => "; nothing tries it again before the schedule is due".to_string(),
        None => String::new(),
    };
    finding.why(format!("a run longer than {deadline} s counts as failed, while it still works{and_then}"));
    finding.help(if timeout > longest {
        "run it as a Cloud Run job that the scheduler starts and does not wait for: no HTTP deadline is longer than 1800 s".to_string()
    } else if leaves_time_between_runs {
        format!("set `attempt_deadline = \"{timeout}s\"` (at most {longest} s), or run it as a Cloud Run job")
    } else {
        "run it as a Cloud Run job, or start it less often: with a longer deadline the next run would be due before this one has to end".to_string()
    });
    if timeout <= longest && leaves_time_between_runs {
        let longer = Proposal::risky(format!("set the attempt deadline to {timeout} s"));
        finding.propose(longer.set(&http.limit, New::Seconds(timeout)));
    }
}

/// Whether attempts that take this long end before the clock is due again.
fn ends_before_the_next(cx: &Context, workload: &Workload, trigger: &Trigger, timeout: u64) -> bool {
    cx.architecture.triggers_of(workload).filter(|clock| clock.span == trigger.span).all(|clock| match &clock.kind {
        TriggerKind::Schedule(when) => when
            .schedule
            .known()
            .and_then(|schedule| schedule.shortest_period())
            .is_some_and(|period| timeout <= period),
        _ => true,
    })
}

/// How often, at most.
fn times(count: u64) -> String {
    if count == 1 { "once".into() } else { format!("{count} times at most") }
}

/// Pub/Sub sends a pushed message again unless the answer comes in time.
pub(super) fn push_subscription(cx: &mut Context, workload: &Workload, trigger: &Trigger, timeout: u64) {
    let TriggerKind::Push(PushTrigger { ack_deadline: ack }) = &trigger.kind else { return };
    let Some(deadline) = ack.known().copied().filter(|deadline| *deadline < timeout) else { return };
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
    if timeout <= longest {
        let longer = Proposal::risky(format!("set the acknowledgement deadline to {timeout} s"));
        finding.propose(longer.set(ack, New::Seconds(timeout)));
    }
}

fn runs_for(finding: &mut Finding, workload: &Workload, timeout: u64) {
    let at = workload.timeout.origin.written_at().unwrap_or(workload.span());
    finding.label(at, timeout_label(workload, timeout)).trace(&workload.timeout);
}
