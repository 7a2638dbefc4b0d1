//! `warm-capacity-outside-production`: instances are kept warm around the clock in a stage that is not production.

use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place};
use crate::model::{Architecture, Platform, WarmCapacity, Workload, WorkloadKind};
use crate::wording::and_more;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "warm-capacity-outside-production",
    category: Category::AlwaysOn,
    level: Level::Warning,
    summary: "Instances are kept warm around the clock in a stage that is not production.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

type Case<'a> = (&'a Workload, WarmCapacity<'a>, &'a str);

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let cases =
        architecture.workloads().filter(|workload| scales_to_zero(architecture, workload)).filter_map(|workload| {
            let warm = architecture.warm_capacity(workload)?;
            let stage = workload.stage_outside_production_of(warm.value)?;
            Some((warm.value.origin.written_at().unwrap_or(workload.span()), (workload, warm, stage)))
        });
    for (_, cases) in by_place(cases) {
        report(cx, &cases);
    }
}

/// Whether it would do its work without warm instances, only later. Where nobody waits, in no stage,
/// `warm-capacity-on-background-function` says so.
fn scales_to_zero(architecture: &Architecture, workload: &Workload) -> bool {
    match workload.platform {
        _ if workload.kind == WorkloadKind::Function => architecture.background_triggers(workload).is_none(),
        Platform::CloudRun | Platform::AzureContainerApps | Platform::GcoreInference => {
            let is_called = architecture.triggers_of(workload).next().is_some();
            is_called && workload.cpu_idle.set() != Some(&false) && !workload.may_work_in_background()
        }
        _ => false,
    }
}

fn report(cx: &mut Context, cases: &[Case]) {
    let Some((workload, warm, stage)) = cases.first() else { return };
    let more = and_more(cases.len() - 1);
    let (instances, name) = (warm.instances, warm.name);
    let monthly = cx.prices.warm(workload, instances);
    let (noun, kept) = if instances == 1 { ("instance", "is") } else { ("instances", "are") };
    let message = format!("{instances} {noun} of `{}`{more} {kept} kept warm in `{stage}`", workload.label());
    let place = warm.value.origin.written_at().unwrap_or(workload.span());
    let finding = cx.report(workload, place, format!("{name}: paid for around the clock"), message);
    for (workload, warm, stage) in cases {
        finding.trace(warm.value).about(&workload.identity);
        finding.label(workload.stage.origin.written_at(), format!("the stage is `{stage}`"));
    }
    let price = match monthly {
        Some(monthly) => format!("costs {monthly} ({})", monthly.terms()),
        None => "costs as much as in production".to_string(),
    };
    finding
        .why(format!("whoever meets a cold start outside production waits for a moment, a few times a day; avoiding it by {name} {price}"))
        .help(format!("set the {name} for each stage by itself, and leave it out in `{stage}`"));
    if cases.iter().all(|(workload, warm, _)| may_be_none(workload, warm)) {
        let fix = Proposal::risky(format!("keep no instances warm in `{stage}`"));
        finding.propose(cases.iter().fold(fix, |fix, (workload, warm, _)| none_kept(fix, workload, warm)));
    }
}

/// Whether it runs without any, too: a number that nothing moves is all that there is of it.
fn may_be_none(workload: &Workload, warm: &WarmCapacity) -> bool {
    warm.value.origin.written_at() != workload.max_instances.origin.written_at()
}

/// In a table or a variable, whose entry something reads, none is 0; provisioned concurrency that is written on the
/// function itself goes as a whole, as 0 of it is rejected by most tools.
fn none_kept(fix: Proposal, workload: &Workload, warm: &WarmCapacity) -> Proposal {
    match workload.platform == Platform::AwsLambda && warm.value.origin.is_at_its_use() {
        true => fix.remove(warm.value),
        false => fix.set(warm.value, New::Number(0)),
    }
}
