//! `keep-warm-ping`: A function is called every few minutes so that it stays warm, which helps one request at a time.

use crate::facts::aws;
use crate::fix::{Proposal, Sketch};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place, seconds};
use crate::model::{Platform, ScheduleTrigger, Trigger, Workload};
use crate::wording::and_more;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "keep-warm-ping",
    category: Category::ColdStart,
    level: Level::Advice,
    summary: "A function is called every few minutes so that it stays warm, which helps one request at a time.",
    since: "0.1.0",
    fix: FixAvailability::Sketch,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// Calls that are further apart, in seconds, keep nothing warm: an idle instance is gone by then.
const OFTEN: u64 = 900;

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let lambdas = || architecture.functions().filter(|(workload, _)| workload.platform == Platform::AwsLambda);
    let scheduled = lambdas().filter_map(|(workload, function)| {
        let has_better = function.provisioned_concurrency.set().is_some();
        architecture.warming_schedule_of(workload, OFTEN).filter(|_| !has_better).map(|found| (workload, found))
    });
    for (_, cases) in by_place(scheduled.map(|case| (case.1.0.span, case))) {
        if let Some((workload, (trigger, schedule))) = cases.first() {
            by_schedule(cx, workload, trigger, schedule);
        }
    }
    let warmed = lambdas().filter_map(|(workload, function)| {
        let is_kept = function.kept_warm.known() == Some(&true);
        let place = function.kept_warm.origin.written_at().filter(|_| is_kept)?;
        architecture.waiting_triggers_of(workload).next().map(|_| (place, workload))
    });
    for (place, workloads) in by_place(warmed) {
        if let Some((first, more)) = workloads.split_first() {
            let others = and_more(more.len());
            let message = format!("a plugin calls `{}`{others} every few minutes to keep it warm", first.label());
            let finding = cx.report(first, place, "switched on here", message);
            for workload in &workloads {
                finding.label(workload.span(), format!("`{}` is kept warm", workload.label()));
            }
            finding.why(reason("a call keeps warm only the instance that answers it, one unless the plugin makes several calls at once", first));
            finding.help(HELP).propose(keep_ready(first));
        }
    }
}

const HELP: &str = "keep as many instances ready as are needed, by provisioned concurrency or SnapStart, or make the start short enough to do without";

fn keep_ready(workload: &Workload) -> Proposal {
    Proposal::sketch("keep an instance of a published version ready", Sketch::WarmAlias(workload.id))
}

fn by_schedule(cx: &mut Context, workload: &Workload, trigger: &Trigger, schedule: &ScheduleTrigger) {
    let architecture = cx.architecture;
    let Some(known) = schedule.schedule.known() else { return };
    let every = known.shortest_period().map(seconds).unwrap_or_default();
    let message = match schedule.input {
        Some(_) => format!("`{}` is called every {every} to keep one instance warm", workload.label()),
        None => format!(
            "`{}` answers requests and is called every {every} with no input, as if to keep one instance warm",
            workload.label()
        ),
    };
    let finding = cx.report(workload, trigger.span, format!("calls the function every {every}"), message);
    finding.trace(&schedule.schedule);
    if let Some(input) = schedule.input.as_ref().and_then(|input| input.origin.site()) {
        finding.label(input, "says that it only keeps the function warm");
    }
    for route in architecture.waiting_triggers_of(workload) {
        finding.label(route.span, format!("{} waits for the answer", route.name()));
    }
    let calls = format!("these are {:.0} calls a month, and they keep one instance warm", known.runs_per_month());
    finding.why(reason(&calls, workload));
    match schedule.input {
        Some(_) => finding.help(HELP),
        None => finding.help(format!("if the calls do work, give that a function of its own; if not, {HELP}")),
    };
    finding.propose(keep_ready(workload));
}

/// What calls at intervals do and do not do, and what the alternative costs.
fn reason(calls: &str, workload: &Workload) -> String {
    let price = workload.memory.set().map(|memory| {
        let dollars = aws::PROVISIONED_CONCURRENCY_PRICE.value * *memory as f64 / 1024.0;
        format!("; one instance of {memory} MB that is provisioned costs ${dollars:.2} a month")
    });
    format!(
        "{calls}: the second request at a time starts cold as before, and Lambda may replace the warm instance at any time{}",
        price.unwrap_or_default()
    )
}
