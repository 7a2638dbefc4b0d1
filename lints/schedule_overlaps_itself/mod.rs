//! `schedule-overlaps-itself`: a scheduled run may still be going when the next one starts.

use crate::lint::{Category, Context, Level, Lint, seconds};
use crate::model::{
    ConcurrencyPolicy, FunctionSettings, ScheduleTrigger, Trigger, TriggerKind, Workload, WorkloadKind,
};

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "schedule-overlaps-itself",
    category: Category::LongRunning,
    level: Level::Warning,
    summary: "A scheduled run may still be going when the next one starts.",
    since: "0.1.0",
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// A CronJob without a deadline is only reported when it runs at least this often, in seconds.
const OFTEN: u64 = 300;

/// A schedule with the trigger that it belongs to, and the shortest time between two of its runs.
type When<'a> = (&'a Trigger, &'a ScheduleTrigger, u64);

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    for workload in architecture.workloads() {
        let triggers = architecture.triggers_of(workload).filter(|trigger| trigger.is_surely_on());
        let schedules: Vec<When> = triggers
            .filter_map(|trigger| match &trigger.kind {
                TriggerKind::Schedule(schedule) => {
                    Some((trigger, schedule, schedule.schedule.known()?.shortest_period()?))
                }
                _ => None,
            })
            .collect();
        match (&workload.function, workload.kind) {
            (Some(settings), _) => function(cx, workload, settings, &schedules),
            (None, WorkloadKind::ScheduledJob) => {
                schedules.iter().for_each(|(trigger, schedule, period)| job(cx, workload, (trigger, schedule), *period))
            }
            _ => {}
        }
    }
}

/// One finding for all schedules of a function: what they have in common is its timeout.
fn function(cx: &mut Context, workload: &Workload, settings: &FunctionSettings, schedules: &[When]) {
    let Some(timeout) = workload.timeout.set().copied() else { return };
    if settings.reserved_concurrency.known().is_none_or(|reserved| *reserved == Some(1)) {
        return;
    }
    let mut cases: Vec<&When> = schedules.iter().filter(|(_, _, period)| timeout > *period).collect();
    cases.sort_by_key(|(_, _, period)| *period);
    let Some((first, others)) = cases.split_first() else { return };
    let period = first.2;
    let more = match others.len() {
        0 => String::new(),
        1 => " and on another schedule".to_string(),
        count => format!(" and on {count} other schedules"),
    };
    let message =
        format!("`{}` starts every {}{more}, but may run for {}", workload.label(), seconds(period), seconds(timeout));
    let place = |when: &When| when.1.schedule.origin.written_at().unwrap_or(when.0.span);
    let at = workload.timeout.origin.written_at().unwrap_or(workload.span());
    let runs: u64 = cases.iter().map(|(_, _, period)| timeout.div_ceil(*period)).sum();
    let finding = cx.report(workload, place(first), format!("starts every {period} s"), message);
    for when in others {
        finding.label(place(when), format!("starts every {} s", when.2));
    }
    for (_, schedule, _) in &cases {
        finding.trace(&schedule.schedule);
    }
    finding
        .label(at, format!("may run for {timeout} s"))
        .trace(&workload.timeout)
        .why(format!("when a run takes long, up to {runs} run side by side: they work on the same data, and a slow day makes itself slower"))
        .help(format!("reserve a concurrency of 1 so that runs never overlap, or lower the timeout below {period} s"));
}

fn job(cx: &mut Context, workload: &Workload, when: (&Trigger, &ScheduleTrigger), period: u64) {
    let Some(policy) = &workload.concurrency_policy else { return };
    if policy.known() != Some(&ConcurrencyPolicy::Allow) {
        return;
    }
    let message = match workload.timeout.known() {
        Some(None) if period <= OFTEN => {
            format!(
                "CronJob `{}` starts every {}, whether or not the last run has ended",
                workload.label(),
                seconds(period)
            )
        }
        Some(Some(deadline)) if *deadline > period => {
            format!(
                "CronJob `{}` starts every {}, but a run may take {}",
                workload.label(),
                seconds(period),
                seconds(*deadline)
            )
        }
        _ => return,
    };
    let place = when.1.schedule.origin.written_at().unwrap_or(when.0.span);
    let finding = cx.report(workload, place, format!("starts every {period} s"), message);
    finding.trace(&when.1.schedule);
    if policy.is_explicit() {
        finding.label(policy.origin.written_at(), "runs may overlap");
    } else {
        finding.label(workload.span(), "concurrencyPolicy not set: Kubernetes uses Allow");
    }
    if let Some(deadline) = workload.timeout.set() {
        finding.label(workload.timeout.origin.written_at(), format!("a run may take {deadline} s"));
    } else {
        finding.label(workload.span(), "no activeDeadlineSeconds: a run may take for ever");
    }
    finding
        .why(
            "runs that hang or take long pile up, each with its own pod, until the node or what they work on gives way",
        )
        .help(format!(
            "set `concurrencyPolicy: Forbid` and `activeDeadlineSeconds: {}`",
            period - (period / 10).clamp(1, 60).min(period)
        ));
}
