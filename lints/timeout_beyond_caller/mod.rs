//! `timeout-beyond-caller`: a workload may run longer than the caller that waits for its answer.

mod cognito;
mod gateway;
mod google;

use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, seconds};
use crate::model::{Trigger, Workload};

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "timeout-beyond-caller",
    category: Category::Limits,
    level: Level::Warning,
    summary: "A workload may run longer than the caller that waits for its answer.",
    since: "0.1.0",
    fix: FixAvailability::EditAndSketch,
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

/// Lowers the timeouts of workloads to what all of their callers wait. `None` where others call one of them as well, for
/// whom the long timeout may be there: `is_meant` tells who these callers are.
fn lowered<'w>(
    cx: &Context,
    workloads: impl Iterator<Item = &'w Workload>,
    limit: u64,
    is_meant: impl Fn(&Workload, &Trigger) -> bool,
) -> Option<Proposal> {
    let mut proposal = Proposal::risky(format!("set the timeout to {limit} s"));
    for workload in workloads {
        if !cx.architecture.triggers_of(workload).all(|trigger| is_meant(workload, trigger)) {
            return None;
        }
        proposal = proposal.set(&workload.timeout, New::Seconds(limit));
    }
    Some(proposal)
}
