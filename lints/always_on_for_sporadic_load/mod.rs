//! `always-on-for-sporadic-load`: a service runs around the clock for traffic that would cost a fraction on demand.

use crate::cost::{Monthly, SECONDS, about, share};
use crate::fix::{Change, New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint};
use crate::model::{Platform, Shape, Strength, Traffic, Workload, WorkloadKind};

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "always-on-for-sporadic-load",
    category: Category::AlwaysOn,
    level: Level::Warning,
    summary: "A service runs around the clock for traffic that would cost a fraction on demand.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// What works for more than this share of its time is not idle enough.
const MOSTLY_IDLE: f64 = 0.1;
/// How many times the price on demand it has to cost: prices and traffic are not that exact.
const DEARER: f64 = 2.0;
/// Seconds for one request whose length nobody has declared.
const ASSUMED: f64 = 1.0;

/// What a service costs, and what its traffic would cost on demand.
struct Case {
    instances: u64,
    always: Monthly,
    on_demand: Monthly,
    busy: f64,
    /// Runs a month from which both cost the same.
    break_even: f64,
    /// Whether the length of a request is assumed.
    is_assumed: bool,
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    for workload in architecture.workloads().filter(|workload| workload.kind == WorkloadKind::Service) {
        // People wait for it: on Cloud Run the minimum spares them cold starts.
        let is_warm_on_purpose = workload.platform == Platform::CloudRun && architecture.is_user_facing(workload);
        let traffic = architecture.traffic(workload).filter(|traffic| traffic.strength == Strength::Declared);
        let Some(traffic) = traffic.filter(|_| !is_warm_on_purpose) else { continue };
        let Some((instances, place)) = architecture.least_instances(workload) else { continue };
        let Some(case) = case(cx, workload, &traffic, instances) else { continue };
        let message = format!(
            "`{}` is there around the clock for {}, but its traffic would cost {}{} on demand",
            workload.label(),
            case.always,
            if traffic.runs.is_none() { "at most " } else { "" },
            case.on_demand
        );
        let label = match instances {
            1 => "1 instance is always there".to_string(),
            _ => format!("{instances} instances are always there"),
        };
        let finding = cx.report(workload, place.written_at(), label, message);
        finding.evidence(&traffic).why(why(&case)).help(match workload.platform {
            Platform::CloudRun => "set the minimum of instances to 0",
            _ => "make it a function, or run it where it can scale to zero",
        });
        // Elsewhere nothing would start an instance when a request comes.
        if workload.platform == Platform::CloudRun {
            let change = Change::Set { origin: place.clone(), value: New::Number(0) };
            finding.propose(Proposal::risky("set the minimum of instances to 0").with(change));
        }
    }
}

fn case(cx: &Context, workload: &Workload, traffic: &Traffic, instances: u64) -> Option<Case> {
    let always = cx.prices.instances(workload, instances).filter(|_| instances > 0)?;
    let declared = workload.declared.seconds().map(|(seconds, _)| seconds);
    let seconds = declared.unwrap_or(ASSUMED);
    let runs = match traffic.runs {
        Some((_, most)) => most,
        // By definition it is busy for no more than that.
        None if traffic.shape == Some(Shape::Sporadic) => traffic.busy? * SECONDS / seconds,
        None => return None,
    };
    let busy = runs * seconds / SECONDS / instances as f64;
    let on_demand = cx.prices.on_demand(workload, runs, seconds)?;
    let break_even = runs * always.dollars / on_demand.dollars;
    let is_case = busy <= MOSTLY_IDLE && always.dollars > DEARER * on_demand.dollars && break_even.is_finite();
    let is_assumed = declared.is_none();
    is_case.then_some(Case { instances, always, on_demand, busy, break_even, is_assumed })
}

fn why(case: &Case) -> String {
    let assumed = match case.is_assumed {
        true => format!(" ({} s is assumed: declare `duration` or `p95-ms`)", ASSUMED),
        false => String::new(),
    };
    let each = if case.instances == 1 { "it works" } else { "each instance works" };
    format!(
        "{each} for at most {} of the time; on demand costs as much from {} requests a month on; {}; on demand {}{assumed}",
        share(case.busy),
        about(case.break_even),
        case.always.terms(),
        case.on_demand.terms(),
    )
}
