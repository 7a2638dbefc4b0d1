//! `always-on-for-scheduled-work`: a service is kept running around the clock, but only a clock calls it, now and then.

use crate::cost::{Monthly, share};
use crate::fix::{Proposal, Sketch};
use crate::lint::{Category, Context, FixAvailability, Level, Lint};
use crate::model::{Platform, Traffic, Workload, WorkloadKind};

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "always-on-for-scheduled-work",
    category: Category::AlwaysOn,
    level: Level::Warning,
    summary: "A service is kept running around the clock, but only a clock calls it, now and then.",
    since: "0.1.0",
    fix: FixAvailability::Sketch,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// What works for more than this share of its time has its reasons to be there.
const MOSTLY_IDLE: f64 = 0.1;

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    for workload in architecture.workloads().filter(|workload| workload.kind == WorkloadKind::Service) {
        let Some((count, place)) = architecture.least_instances(workload).filter(|(count, _)| *count > 0) else {
            continue;
        };
        if works_in_between(workload) || architecture.clocks_only(workload).is_none() {
            continue;
        }
        let Some(traffic) = architecture.traffic(workload) else { continue };
        let Some(busy) = traffic.busy.map(|busy| busy / count as f64).filter(|busy| *busy <= MOSTLY_IDLE) else {
            continue;
        };
        let cost = cx.prices.instances(workload, count);
        let name = workload.label();
        let message = format!(
            "`{name}` is there around the clock{}, but only a clock calls it: it works for at most {} of the time",
            cost.as_ref().map(|cost| format!(" for {cost}")).unwrap_or_default(),
            share(busy)
        );
        let always = if count == 1 {
            "1 instance is always there".into()
        } else {
            format!("{count} instances are always there")
        };
        let finding = cx.report(workload, place.written_at(), always, message);
        finding.evidence(&traffic).why(why(&traffic, cost)).help(help(workload));
        finding.propose(Proposal::sketch("make it a job that its clock starts", Sketch::CalledContainer(workload.id)));
    }
}

/// Whether its owner keeps the CPU there between requests, which is for work that no request brings; or its command is
/// a loop of its own.
fn works_in_between(workload: &Workload) -> bool {
    let keeps_cpu = workload.cpu_idle.set() == Some(&false) && workload.cpu_idle.is_explicit();
    keeps_cpu || workload.cpu_idle.known().is_none() || workload.containers.iter().any(|one| one.repeats.is_some())
}

fn why(traffic: &Traffic, cost: Option<Monthly>) -> String {
    let calls = traffic.runs.map(|(least, _)| crate::cost::count(least)).unwrap_or_default();
    match cost {
        Some(cost) => format!("it is paid for all month and called {calls} times: {}", cost.terms()),
        None => format!(
            "its CPU and memory stay reserved all month for {calls} calls, and nobody waits for an answer but the clock"
        ),
    }
}

fn help(workload: &Workload) -> &'static str {
    match workload.platform {
        Platform::CloudRun => {
            "set the minimum of instances to 0: the clock can wait for a cold start; or make it a Cloud Run job that Cloud Scheduler starts"
        }
        Platform::Knative => "set `min-scale` to 0: the clock can wait for a cold start; or make it a CronJob",
        _ => "let the CronJob do the work itself, with the image of the service",
    }
}
