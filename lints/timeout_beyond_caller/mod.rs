//! `timeout-beyond-caller`: a workload may run longer than the caller that waits for its answer.

mod cognito;
mod gateway;
mod google;

use crate::lint::{Category, Context, FixAvailability, Level, Lint, seconds};
use crate::model::Workload;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "timeout-beyond-caller",
    category: Category::Limits,
    level: Level::Warning,
    summary: "A workload may run longer than the caller that waits for its answer.",
    since: "0.1.0",
    fix: FixAvailability::Sketch,
    options: &[],
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let (mut gateways, mut pools) = (Vec::new(), Vec::new());
    for workload in architecture.workloads() {
        let Some(timeout) = workload.timeout.set().copied() else { continue };
        let place = workload.timeout.origin.written_at().unwrap_or(workload.span());
        for trigger in architecture.triggers_of(workload).filter(|trigger| trigger.is_surely_on()) {
            gateways.extend(gateway::case(workload, trigger, timeout).map(|case| (place, case)));
            pools.extend(cognito::case(workload, trigger, timeout).map(|case| (place, case)));
            google::scheduler(cx, workload, trigger, timeout);
            google::push_subscription(cx, workload, trigger, timeout);
        }
    }
    gateway::report(cx, gateways);
    cognito::report(cx, pools);
}

fn timeout_label(workload: &Workload, timeout: u64) -> String {
    match workload.timeout.default() {
        Some(fact) => format!("timeout not set: {} uses {timeout} s", fact.holder),
        None => format!("may run for {}", seconds(timeout)),
    }
}
