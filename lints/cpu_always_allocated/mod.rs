//! `cpu-always-allocated`: a Cloud Run service pays for the CPU of its instances between requests, and nothing shows what for.

use crate::lint::{Category, Context, Level, Lint, by_place};
use crate::model::{CpuAllocation, Workload, WorkloadKind};
use crate::value::Sourced;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "cpu-always-allocated",
    category: Category::AlwaysOn,
    level: Level::Warning,
    summary: "A Cloud Run service pays for the CPU of its instances between requests, and nothing shows what for.",
    since: "0.1.0",
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let services = architecture.workloads().filter(|workload| workload.kind == WorkloadKind::Service);
    let cases = services.filter_map(|workload| {
        let allocation = workload.cpu_allocation.as_ref()?;
        // Steady load keeps instances busy, which makes this way of billing the cheaper one.
        let is_due = workload.may_work_in_background() || workload.is_declared_steady();
        let place = allocation.origin.written_at().unwrap_or(workload.span());
        (allocation.known() == Some(&CpuAllocation::Always) && !is_due).then_some((place, (workload, allocation)))
    });
    for (_, cases) in by_place(cases) {
        report(cx, &cases);
    }
}

fn report(cx: &mut Context, cases: &[(&Workload, &Sourced<CpuAllocation>)]) {
    let Some((workload, allocation)) = cases.first() else { return };
    let (name, place) = (workload.label(), allocation.origin.written_at());
    let more = if cases.len() > 1 { format!(" and {} more", cases.len() - 1) } else { String::new() };
    let finding = match allocation.default() {
        Some(_) => {
            let message = format!("`{name}`{more} sets `resources` without `cpu_idle`, so its CPU is always allocated");
            cx.report(workload, place, "`cpu_idle` not set: beside `resources` it is false", message)
        }
        None => {
            let message = format!("the CPU of `{name}`{more} is always allocated, and nothing shows what for");
            cx.report(workload, place, "CPU is allocated between requests as well", message).level(Level::Advice)
        }
    };
    let mut kept = 0;
    for (workload, allocation) in cases {
        finding.trace(allocation);
        if let Some(least) = workload.min_instances.set().filter(|least| **least > 0) {
            kept = kept.max(*least);
            finding
                .label(workload.min_instances.origin.written_at(), format!("keeps {least} running around the clock"));
        }
    }
    let clock = if kept > 0 { ", and the minimum of instances runs around the clock" } else { "" };
    finding
        .why(format!("every instance is billed from its start to its end and not for the requests that it answers{clock}"))
        .help("set `cpu_idle = true` (`google_cloud_run_service`: remove `cpu-throttling`), unless it works between requests; then write `cpu_idle = false` and say what for");
}
