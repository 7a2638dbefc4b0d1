//! `cron-in-a-container`: a container runs around the clock to do something now and then.

use crate::fix::{Proposal, Sketch};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, seconds};
use crate::model::{Container, Platform, Workload, WorkloadKind, command::Loop};
use crate::schedule::cron_every;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "cron-in-a-container",
    category: Category::AlwaysOn,
    level: Level::Warning,
    summary: "A container runs around the clock to do something now and then.",
    since: "0.1.0",
    fix: FixAvailability::Sketch,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// A loop with a shorter sleep, in seconds, is polling or serving rather than a schedule.
const SHORTEST_PERIOD: u64 = 60;

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    for workload in architecture.workloads().filter(|workload| workload.kind == WorkloadKind::Service) {
        let mut containers = workload.main_containers();
        let (Some(container), None) = (containers.next(), containers.next()) else { continue };
        let Some(repeats) = container.repeats.as_ref().filter(|repeats| is_schedule(repeats)) else { continue };
        let reached = architecture.triggers_of(workload).next().is_some();
        if reached || !is_always_on(workload) || is_controller(container) {
            continue;
        }
        report(cx, workload, container, repeats);
    }
}

/// A cron daemon, or a loop that sleeps for long enough.
fn is_schedule(repeats: &Loop) -> bool {
    repeats.period.is_none_or(|period| period >= SHORTEST_PERIOD)
}

/// One instance that is always there; several of them would each do the work.
fn is_always_on(workload: &Workload) -> bool {
    match workload.platform {
        Platform::CloudRun | Platform::AzureContainerApps | Platform::Knative => {
            workload.min_instances.set().is_some_and(|least| *least == 1)
        }
        _ => match workload.replicas.known() {
            Some(Some(replicas)) => *replicas == 1,
            // Not written: every one of these platforms runs one.
            Some(None) => true,
            None => false,
        },
    }
}

/// Reconcilers take an interval, too, but watch in between.
fn is_controller(container: &Container) -> bool {
    let Some(image) = container.image.set() else { return false };
    ["exporter", "node-problem", "git-sync", "external-dns", "cert-manager"].iter().any(|name| image.contains(name))
}

fn report(cx: &mut Context, workload: &Workload, container: &Container, repeats: &Loop) {
    let name = workload.label();
    let (message, label) = match repeats.period {
        Some(period) => (
            format!("`{name}` runs around the clock to do something every {}", seconds(period)),
            format!("sleeps {} between runs", seconds(period)),
        ),
        None => (format!("`{name}` runs a cron daemon around the clock"), "waits here for its next run".to_string()),
    };
    // A port or a probe may mean that it serves as well.
    let may_serve = container.has_ports() || container.has_probe().known() != Some(&false);
    let level = if may_serve { Level::Advice } else { Level::Warning };
    let finding = cx.report(workload, repeats.span, label, message).level(level);
    finding.label(workload.replicas.origin.written_at(), "always one instance");
    finding.label(workload.span(), "nothing calls it: no Service, no route, no event");
    finding.why(
        "its CPU and memory stay reserved while it sleeps, a failed run is not retried or reported, and a restart forgets when the last run was",
    );
    let work = repeats.work.as_deref().map(|work| format!(" with `{work}` as its command")).unwrap_or_default();
    finding.help(match (workload.platform, repeats.period) {
        (Platform::Kubernetes, Some(period)) => {
            format!(
                "make it a CronJob with `schedule: \"{}\"`, `concurrencyPolicy: Forbid`{work}",
                cron_every(period).0
            )
        }
        (Platform::Kubernetes, None) => format!("make each line of its crontab a CronJob{work}"),
        (Platform::AwsEcs, _) => format!("let EventBridge Scheduler run the task{work}"),
        (Platform::CloudRun, _) => format!("make it a Cloud Run job that Cloud Scheduler starts{work}"),
        _ => format!("make it a scheduled job{work}"),
    });
    let title = match workload.platform {
        Platform::Kubernetes => "make it a CronJob",
        Platform::AwsEcs => "let EventBridge Scheduler start its task",
        _ => "make it a job that a schedule starts",
    };
    finding.propose(Proposal::sketch(title, Sketch::ScheduledContainer(workload.id)));
}
