//! `database-on-ephemeral-storage`: a database or broker keeps its files where they end with the container.

use crate::fix::{Proposal, Sketch};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place};
use crate::model::database::Engine;
use crate::model::{Architecture, Container, Platform, Scratch, Volume, VolumeKind, Workload, WorkloadKind};
use crate::source::Span;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "database-on-ephemeral-storage",
    category: Category::State,
    level: Level::Warning,
    summary: "A database or broker keeps its files where they end with the container.",
    since: "0.1.0",
    fix: FixAvailability::Sketch,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// A database without a place for its files.
struct Case<'a> {
    workload: &'a Workload,
    container: &'a Container,
    engine: &'static Engine,
    /// The volume at its data path, which ends with the instance; `None`: nothing is mounted there.
    scratch: Option<&'a Volume>,
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let cases = architecture
        .workloads()
        .filter(|workload| is_kept_running(architecture, workload))
        .flat_map(|workload| workload.main_containers().filter_map(move |container| case(workload, container)));
    let place = |case: &Case| match case.scratch {
        Some(volume) => Some(volume.span),
        None => case.container.image.origin.written_at(),
    };
    let placed = cases.map(|case| (place(&case).unwrap_or(case.container.span), case));
    for (place, cases) in by_place(placed.collect::<Vec<_>>()) {
        if let Some(case) = cases.first() {
            report(cx, place, case);
        }
    }
}

/// A service in production that is not switched off: a job or a pod by itself has its database for one run.
fn is_kept_running(architecture: &Architecture, workload: &Workload) -> bool {
    let is_off = workload.replicas.set() == Some(&0) && architecture.scalers_of(workload).next().is_none();
    workload.kind == WorkloadKind::Service && !is_off && !workload.is_outside_production()
}

fn case<'a>(workload: &'a Workload, container: &'a Container) -> Option<Case<'a>> {
    let engine = container.database()?;
    // Where something lasting is mounted, a configuration may have moved the data there.
    if workload.may_keep_files(container) {
        return None;
    }
    let scratch = workload.volume_at(container, container.data_path(engine));
    // Nobody puts a database into memory by oversight.
    let is_wanted = scratch.is_some_and(|volume| matches!(volume.kind, VolumeKind::Scratch(Scratch::Memory)));
    (!is_wanted).then_some(Case { workload, container, engine, scratch })
}

/// Starts and stops instances by itself, down to none.
fn is_elastic(platform: Platform) -> bool {
    matches!(platform, Platform::CloudRun | Platform::AzureContainerApps | Platform::Knative)
}

fn report(cx: &mut Context, place: Span, case: &Case) {
    let Case { workload, container, engine, scratch } = case;
    let (name, holds) = (workload.label(), engine.holds.name());
    let path = container.data_path(engine);
    let behind = match scratch.map(|volume| &volume.kind) {
        Some(VolumeKind::Scratch(Scratch::Task)) => "a volume of the task",
        Some(_) => "an emptyDir volume",
        None => "the container itself",
    };
    let message = format!("`{name}` keeps the {holds} of {} in {behind}", engine.title);
    let label = match scratch {
        Some(_) => format!("ends with its instance, and with it the {holds} in `{path}`"),
        None => format!("keeps its {holds} in `{path}`, where no volume is mounted"),
    };
    let elastic = is_elastic(workload.platform);
    let finding = cx.report(workload, place, label, message);
    if elastic {
        finding.level(Level::Error);
    }
    if scratch.is_some() {
        finding.label(container.image.origin.site(), format!("runs {}", engine.title));
    }
    finding.trace(&container.image);
    let end = match (workload.platform, scratch) {
        (_, _) if elastic => {
            "the platform stops instances when no request comes and starts more when many do: each one starts empty, and two of them do not know of each other"
        }
        (Platform::Kubernetes, Some(_)) => {
            "an emptyDir is deleted with its pod: after an update, an eviction or the loss of a node the next pod starts empty"
        }
        (Platform::Kubernetes, None) => {
            "what a container writes outside of a volume is gone when it is started again: after a crash, a failed probe or an update it starts empty"
        }
        _ => {
            "the files are deleted when the instance is replaced: after a crash, an update or maintenance of the platform the next one starts empty"
        }
    };
    finding.why(end);
    finding.help(match workload.platform {
        Platform::Kubernetes => format!(
            "run it as a StatefulSet with `volumeClaimTemplates` and mount the claim at `{path}`, or use a managed service"
        ),
        Platform::AwsEcs => format!("use a managed service, or mount a volume with `efs_volume_configuration` at `{path}`"),
        _ if elastic => "use a managed service, or run it where instances and disks stay".to_string(),
        _ => format!("use a managed service, or mount a share at `{path}`"),
    });
    if workload.platform == Platform::Kubernetes {
        finding.propose(Proposal::sketch("make it a StatefulSet with a volume", Sketch::StatefulSet(workload.id)));
    }
}
