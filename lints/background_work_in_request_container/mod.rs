//! `background-work-in-request-container`: a container works between requests, but has CPU only while it answers one.

use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint};
use crate::model::{Container, Workload, WorkloadKind};
use crate::source::Span;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "background-work-in-request-container",
    category: Category::LongRunning,
    level: Level::Warning,
    summary: "A container works between requests, but has CPU only while it answers one.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    for workload in cx.architecture.workloads().filter(|workload| workload.kind == WorkloadKind::Service) {
        // Where requests come all the time, there is CPU all the time.
        if workload.cpu_idle.set() != Some(&true) || workload.is_declared_steady() {
            continue;
        }
        let Some((work, place)) = workload.main_containers().find_map(background_work) else { continue };
        let message = format!("`{}` runs {work}, but has CPU only while it answers a request", workload.label());
        let finding = cx.report(workload, place, "waits for no request", message);
        if workload.cpu_idle.is_explicit() {
            finding.label(workload.cpu_idle.origin.written_at(), "CPU is there during requests only");
        } else {
            finding.label(workload.span(), "CPU allocation not set: CPU is there during requests only");
        }
        if let Some(least) = workload.min_instances.set().filter(|least| **least > 0) {
            let text = format!("keeps {least} running, without CPU between requests");
            finding.label(workload.min_instances.origin.written_at(), text);
        }
        finding
            .why("between requests the CPU is cut to almost nothing: jobs stand still until the next request comes, connections break off, and an idle instance is stopped in the middle of its work")
            .help("run it as a worker pool (`google_cloud_run_v2_worker_pool`), or set `cpu_idle = false` with a minimum of one instance (`google_cloud_run_service`: `cpu-throttling` \"false\")");
        if let Some(fix) = always_working(workload) {
            finding.propose(fix);
        }
    }
}

/// CPU at any time, and an instance that has it. Where several containers share an instance, each of them says for itself
/// when there is CPU.
fn always_working(workload: &Workload) -> Option<Proposal> {
    let least = *workload.min_instances.set()?;
    let [_] = workload.containers.as_slice() else { return None };
    if least > 0 {
        return Some(Proposal::risky("allocate CPU always").set(&workload.cpu_idle, New::Boolean(false)));
    }
    let fix = Proposal::risky("allocate CPU always, and keep at least 1 instance");
    Some(fix.set(&workload.cpu_idle, New::Boolean(false)).set(&workload.min_instances, New::Number(1)))
}

/// What a container does without being asked, and where that is written.
fn background_work(container: &Container) -> Option<(&'static str, Span)> {
    if let Some(worker) = container.worker() {
        return Some((worker.name, worker.span));
    }
    let repeats = container.repeats.as_ref()?;
    Some((if repeats.period.is_some() { "a loop" } else { "a cron daemon" }, repeats.span))
}
