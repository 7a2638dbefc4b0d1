//! `replicas-fight-autoscaler`: a fixed number of replicas is written for a workload that an autoscaler scales.

use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place};
use crate::model::{Format, Ignorable, Platform, Scaler, Workload};
use crate::source::Span;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "replicas-fight-autoscaler",
    category: Category::Scaling,
    level: Level::Warning,
    summary: "A fixed number of replicas is written for a workload that an autoscaler scales.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let fixed = architecture.workloads().filter(|workload| {
        workload.replicas.set().is_some() && workload.replicas.is_explicit() && !workload.replicas_ignored
    });
    // Several scalers for one target are alternatives. Which of them applies is not known, nor does it matter where each
    // of them comes to another number than the one that is written.
    let cases = fixed.flat_map(|workload| {
        let scalers: Vec<&Scaler> = architecture.scalers_of(workload).collect();
        let fights = scalers.iter().all(|scaler| !agrees(workload, scaler));
        scalers.into_iter().filter(move |_| fights).map(move |scaler| (workload, scaler))
    });
    // What has to go is the setting of the workload, wherever its number comes from.
    let place = |workload: &Workload| workload.replicas.origin.site().unwrap_or(workload.span());
    for (place, cases) in by_place(cases.map(|case| (place(case.0), case))) {
        let Some((workload, scaler)) = cases.first() else { continue };
        let replicas = workload.replicas.set().copied().unwrap_or_default();
        let message = format!(
            "`{}` fixes its replicas at {replicas}, but {} `{}` scales it",
            workload.label(),
            scaler.kind.name(),
            scaler.identity.label
        );
        let finding = cx.report(workload, place, format!("every deployment sets {replicas} again"), message);
        for (workload, scaler) in &cases {
            finding.trace(&workload.replicas);
            finding.label(scaler.target.span(), bounds(workload, scaler)).about(&workload.identity);
        }
        finding
            .why("whatever the autoscaler decided, the next deployment resets it: at peak that takes instances away from users until it has scaled out again")
            .help(remedy(architecture.unit(workload.identity.unit).format, workload, place))
            .propose(proposal(workload));
    }
}

/// Terraform keeps a first number and leaves it alone afterwards. Where a tool has no such thing, the number goes: what
/// runs may be set to the platform's default once.
fn proposal(workload: &Workload) -> Proposal {
    let Some(Ignorable { name, list }) = &workload.replicas_ignorable else {
        let setting = if workload.platform == Platform::AwsEcs { "DesiredCount" } else { "replicas" };
        return Proposal::risky(format!("remove `{setting}`")).remove(&workload.replicas);
    };
    let proposal = Proposal::safe(format!("leave `{name}` to the autoscaler"));
    match list.is_explicit() {
        true => proposal.add(list, New::text(*name)),
        false => proposal.set(list, New::List(vec![New::text(*name)])),
    }
}

/// Whether the autoscaler can only ever arrive at the number that is written.
fn agrees(workload: &Workload, scaler: &Scaler) -> bool {
    let replicas = workload.replicas.set();
    replicas.is_some() && scaler.min.known() == replicas && scaler.max.set() == replicas
}

fn remedy(format: Format, workload: &Workload, place: Span) -> String {
    if let (Format::Terraform, Some(Ignorable { name, .. })) = (format, &workload.replicas_ignorable) {
        let whom = if workload.platform == Platform::AwsEcs { "service" } else { "workload" };
        return format!("add `lifecycle {{ ignore_changes = [{name}] }}` to the {whom}");
    }
    let remedy = match (format, workload.platform) {
        (_, Platform::AwsEcs) => {
            "remove `DesiredCount` from the service: an update without it keeps the number that runs"
        }
        // A kustomization sets it, by its list of replicas or a patch.
        (Format::Kubernetes, _) if place.file != workload.span().file => {
            "remove the number here, and `replicas` from the base as well if it is written there; the autoscaler's minimum takes its place"
        }
        _ => "remove `replicas` from the workload; the autoscaler's minimum takes its place",
    };
    remedy.to_string()
}

fn bounds(workload: &Workload, scaler: &Scaler) -> String {
    let range = match (scaler.min.known(), scaler.max.set()) {
        (Some(min), Some(max)) => format!(" between {min} and {max}"),
        _ => String::new(),
    };
    format!("scales `{}`{range}", workload.label())
}
