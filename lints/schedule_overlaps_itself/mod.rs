//! `schedule-overlaps-itself`: a scheduled run may still be going when the next one starts.

use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place, seconds};
use crate::model::{
    Architecture, ConcurrencyPolicy, FunctionSettings, Platform, ScheduleTrigger, Trigger, TriggerKind, Workload,
    WorkloadKind,
};
use crate::source::Span;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "schedule-overlaps-itself",
    category: Category::LongRunning,
    level: Level::Warning,
    summary: "A scheduled run may still be going when the next one starts.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// A CronJob without a deadline is only reported when it runs at least this often, in seconds.
const OFTEN: u64 = 300;

/// A schedule with the trigger that it belongs to, and the shortest time between two of its runs.
type When<'a> = (&'a Trigger, &'a ScheduleTrigger, u64);

/// A function whose timeout is longer than the time between some of its runs, the shortest first.
struct Overlap<'a> {
    workload: &'a Workload,
    timeout: u64,
    schedules: Vec<When<'a>>,
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let mut functions = Vec::new();
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
            (Some(settings), _) => functions.extend(overlap(workload, settings, schedules)),
            (None, WorkloadKind::ScheduledJob) => {
                schedules.iter().for_each(|(trigger, schedule, period)| job(cx, workload, (trigger, schedule), *period))
            }
            _ => {}
        }
    }
    // Functions that inherit one timeout have one cause.
    let at = |case: &Overlap| case.workload.timeout.origin.written_at().unwrap_or(case.workload.span());
    for (at, cases) in by_place(functions.into_iter().map(|case| (at(&case), case))) {
        report(cx, at, &cases);
    }
}

fn overlap<'a>(
    workload: &'a Workload,
    settings: &FunctionSettings,
    mut schedules: Vec<When<'a>>,
) -> Option<Overlap<'a>> {
    let timeout = *workload.timeout.set()?;
    if settings.reserved_concurrency.known().is_none_or(|reserved| *reserved == Some(1)) {
        return None;
    }
    schedules.retain(|(_, _, period)| timeout > *period);
    schedules.sort_by_key(|(_, _, period)| *period);
    (!schedules.is_empty()).then_some(Overlap { workload, timeout, schedules })
}

/// One finding for all schedules that are too close for one timeout.
fn report(cx: &mut Context, at: Span, cases: &[Overlap]) {
    let architecture = cx.architecture;
    let Some(first) = cases.iter().min_by_key(|case| case.schedules.first().map(|when| when.2)) else { return };
    let Some((closest, others)) = first.schedules.split_first() else { return };
    let (name, timeout, period) = (first.workload.label(), first.timeout, closest.2);
    let more = match others.len() {
        0 => String::new(),
        1 => " and on another schedule".to_string(),
        count => format!(" and on {count} other schedules"),
    };
    let (every, long) = (seconds(period), seconds(timeout));
    let message = match cases.len() {
        1 => format!("`{name}` starts every {every}{more}, but may run for {long}"),
        count => format!("`{name}` starts every {every}{more}, but may run for {long}; {} more like it", count - 1),
    };
    let place = |when: &When| when.1.schedule.origin.written_at().unwrap_or(when.0.span);
    let finding = cx.report(first.workload, place(closest), format!("starts every {period} s"), message);
    for case in cases {
        for when in &case.schedules {
            if place(when) != place(closest) {
                let whom = if cases.len() > 1 { format!(" `{}`", case.workload.label()) } else { String::new() };
                finding.label(place(when), format!("starts{whom} every {} s", when.2));
            }
            finding.trace(&when.1.schedule);
        }
    }
    finding.label(at, format!("may run for {timeout} s"));
    for case in cases {
        finding.trace(&case.workload.timeout).about(&case.workload.identity);
    }
    let runs: u64 = first.schedules.iter().map(|(_, _, period)| timeout.div_ceil(*period)).sum();
    finding
        .why(format!("when a run takes long, up to {runs} run side by side: they work on the same data, and a slow day makes itself slower"))
        .help(format!("reserve a concurrency of 1 so that runs never overlap, or lower the timeout below {period} s"));
    if let Some(fix) = one_at_a_time(architecture, cases) {
        finding.propose(fix);
    }
}

/// One instance for each function, unless others than its schedules would have to wait for it, or more are kept ready.
fn one_at_a_time(architecture: &Architecture, cases: &[Overlap]) -> Option<Proposal> {
    let mut fix = Proposal::risky("reserve 1 instance, so that runs wait for each other");
    for case in cases {
        let function = case.workload.function.as_ref()?;
        let is_only_scheduled = architecture.schedules_only(case.workload).is_some()
            && architecture.background_triggers(case.workload).is_some();
        let is_alone = is_only_scheduled && architecture.kept_initialised(case.workload).is_empty();
        if !is_alone || case.workload.platform != Platform::AwsLambda {
            return None;
        }
        fix = fix.set(&function.reserved_concurrency, New::Number(1));
    }
    Some(fix)
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
    // Before the next one starts.
    let ends = period - (period / 10).clamp(1, 60).min(period);
    let forbid = New::text("Forbid");
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
        .help(match workload.timeout.set() {
            Some(_) => {
                format!("set `concurrencyPolicy: Forbid`, or an `activeDeadlineSeconds` below {period}")
            }
            None => format!("set `concurrencyPolicy: Forbid` and `activeDeadlineSeconds: {ends}`"),
        })
        .propose(match workload.timeout.set() {
            Some(_) => Proposal::risky("skip a run while the last one goes on").set(policy, forbid),
            None => Proposal::risky(format!("skip a run while the last one goes on, and end each after {ends} s"))
                .set(policy, forbid)
                .set(&workload.timeout, New::Seconds(ends)),
        });
}
