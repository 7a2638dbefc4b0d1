//! `cpu-always-allocated`: a Cloud Run service pays for the CPU of its instances between requests, and nothing shows what for.

use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place};
use crate::model::{Workload, WorkloadKind};
use crate::source::Span;
use crate::wording::and_more;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "cpu-always-allocated",
    category: Category::AlwaysOn,
    level: Level::Warning,
    summary: "A Cloud Run service pays for the CPU of its instances between requests, and nothing shows what for.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let services = architecture.workloads().filter(|workload| workload.kind == WorkloadKind::Service);
    let cases = services.filter(|workload| {
        // Steady load keeps instances busy, which makes this way of billing the cheaper one.
        let is_due = workload.may_work_in_background() || workload.is_declared_steady();
        workload.cpu_idle.set() == Some(&false) && !is_due
    });
    let placed = cases.map(|workload| (workload.cpu_idle.origin.written_at().unwrap_or(workload.span()), workload));
    for (place, cases) in by_place(placed) {
        report(cx, place, &cases);
    }
}

fn report(cx: &mut Context, place: Span, cases: &[&Workload]) {
    let Some(workload) = cases.first() else { return };
    let kept = cases.iter().find(|workload| is_kept(workload));
    let monthly = kept.and_then(|kept| Some((kept.label(), cx.prices.always_on(kept)?)));
    let name = workload.label();
    let more = and_more(cases.len() - 1);
    let finding = if workload.cpu_idle.default().is_some() {
        let message = format!("`{name}`{more} sets `resources` without `cpu_idle`, so its CPU is always allocated");
        cx.report(workload, place, "`cpu_idle` not set: beside `resources` it is false", message)
            .help("set `cpu_idle = true`; if it works between requests, write `cpu_idle = false`, which says that this is meant")
    } else {
        let message = format!("the CPU of `{name}`{more} is always allocated, and nothing shows what for");
        cx.report(workload, place, "CPU is allocated between requests as well", message).level(Level::Advice).help(
            "set `cpu_idle = true` (where an annotation says it: remove `cpu-throttling`); if it works between requests, say so in an allow",
        )
    };
    for workload in cases {
        finding.about(&workload.identity).trace(&workload.cpu_idle);
        if let Some(least) = workload.min_instances.set().filter(|_| is_kept(workload)) {
            let text = format!("keeps {least} running around the clock");
            finding.label(workload.min_instances.origin.written_at(), text);
        }
    }
    let kept = match (monthly, kept) {
        (Some((name, monthly)), _) => format!("; the minimum of `{name}` alone is {monthly} ({})", monthly.terms()),
        (None, Some(_)) => "; the minimum runs around the clock".to_string(),
        (None, None) => String::new(),
    };
    // What somebody wrote may be meant.
    if workload.cpu_idle.default().is_some() {
        let title = format!("allocate CPU to `{name}` while it answers requests only");
        finding.propose(Proposal::risky(title).set(&workload.cpu_idle, New::Boolean(true)));
    }
    finding.why(format!(
        "every instance is billed from its start to its end and not for the requests that it answers{kept}"
    ));
}

/// Whether instances are there around the clock.
fn is_kept(workload: &Workload) -> bool {
    workload.min_instances.set().is_some_and(|least| *least > 0)
}
