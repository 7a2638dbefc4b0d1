//! `unbounded-cronjob`: a run of a CronJob that hangs keeps all further runs from starting, and nothing ends it.

use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, seconds};
use crate::model::{ConcurrencyPolicy, Container, ScheduleTrigger, Trigger, TriggerKind, Workload, WorkloadKind};

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "unbounded-cronjob",
    category: Category::LongRunning,
    level: Level::Warning,
    summary: "A run of a CronJob that hangs keeps all further runs from starting, and nothing ends it.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// What runs at least this often, in seconds, is missed before anybody looks; a day's job has somebody who does.
const OFTEN: u64 = 3600;

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    for workload in architecture.workloads().filter(|workload| may_hang(workload)) {
        let triggers = architecture.triggers_of(workload).filter(|trigger| trigger.is_surely_on());
        let schedule = triggers.filter_map(|trigger| match &trigger.kind {
            TriggerKind::Schedule(schedule) => Some((trigger, schedule, schedule.schedule.known()?.shortest_period()?)),
            _ => None,
        });
        if let Some(when) = schedule.min_by_key(|(_, _, period)| *period) {
            report(cx, workload, when);
        }
    }
}

/// A scheduled job of which one run at a time may go on, as long as it likes.
fn may_hang(workload: &Workload) -> bool {
    let one_at_a_time = |workload: &Workload| {
        workload.concurrency_policy.as_ref().is_some_and(|policy| policy.known() == Some(&ConcurrencyPolicy::Forbid))
    };
    workload.kind == WorkloadKind::ScheduledJob
        && workload.pod.as_ref().is_some_and(|pod| pod.is_complete)
        && workload.timeout.is_absent()
        && one_at_a_time(workload)
        && !workload.main_containers().any(Container::ends_by_itself)
}

fn report(cx: &mut Context, workload: &Workload, (trigger, schedule, period): (&Trigger, &ScheduleTrigger, u64)) {
    let name = workload.label();
    let every = seconds(period);
    let deadline = deadline(period);
    let message = format!("one run of CronJob `{name}` that hangs stops all runs after it");
    let place = workload.timeout.origin.site().unwrap_or(workload.span());
    let finding = cx.report(workload, place, "no activeDeadlineSeconds: a run may take for ever", message);
    if let Some(policy) = &workload.concurrency_policy {
        finding.label(policy.origin.written_at(), "no run starts while one goes on").trace(policy);
    }
    finding
        .label(schedule.schedule.origin.written_at().unwrap_or(trigger.span), format!("is due every {every}"))
        .trace(&schedule.schedule)
        .level(if period <= OFTEN { Level::Warning } else { Level::Advice })
        .why(format!("a connection that never answers or an image that cannot be pulled is enough: the run stays, every later one is skipped without an error, and nobody is told that what is due every {every} does not happen"))
        .help(format!(
            "set `activeDeadlineSeconds: {deadline}` on the job, or less if its longest run takes less"
        ))
        .propose(
            Proposal::risky(format!("end a run after {}", seconds(deadline)))
                .set(&workload.timeout, New::Seconds(deadline)),
        );
}

/// Ends a run before the next one is due, and no earlier than it has to: what takes longer than the period costs runs as
/// it is.
fn deadline(period: u64) -> u64 {
    let most = period - (period / 10).max(1).min(period);
    if period > OFTEN { most - most % OFTEN } else { most.max(1) }
}
