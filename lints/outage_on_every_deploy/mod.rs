//! `outage-on-every-deploy`: every deployment of something that is reached from outside ends its last pod before the next one starts.

use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint};
use crate::model::{
    Architecture, Gateway, PodSettings, Scaler, Strategy, Trigger, TriggerKind, VolumeKind, Workload, WorkloadKind,
};
use crate::wording::counted;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "outage-on-every-deploy",
    category: Category::Orchestration,
    level: Level::Advice,
    summary: "Every deployment of something that is reached from outside ends its last pod before the next one starts.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    for (workload, pod) in architecture.pods() {
        let is_meant = workload.kind == WorkloadKind::Service && pod.is_complete && !workload.is_outside_production();
        let Some(pods) = gap(architecture, workload, pod).filter(|_| is_meant) else { continue };
        let routes: Vec<&Trigger> = architecture.triggers_of(workload).filter(|trigger| leads_in(trigger)).collect();
        if !routes.is_empty() {
            report(cx, workload, pod, pods, &routes);
        }
    }
}

/// How many pods there are at least, if an update leaves none of them for a while.
fn gap(architecture: &Architecture, workload: &Workload, pod: &PodSettings) -> Option<u64> {
    let least = architecture.least_pods(workload)?;
    let is_gap = match pod.strategy.known()? {
        Strategy::Recreate => least.pods > 0,
        Strategy::RollingUpdate { surge: false } => least.pods == 1,
        Strategy::RollingUpdate { surge: true } | Strategy::Never => false,
    };
    is_gap.then_some(least.pods)
}

/// A way in from outside that is not known to be for the inside only.
fn leads_in(trigger: &Trigger) -> bool {
    let TriggerKind::Http(http) = &trigger.kind else { return false };
    trigger.is_surely_on() && http.gateway == Gateway::ClusterIngress && http.is_public.known() != Some(&false)
}

fn report(cx: &mut Context, workload: &Workload, pod: &PodSettings, pods: u64, routes: &[&Trigger]) {
    let architecture = cx.architecture;
    let name = workload.label();
    let recreates = pod.strategy.known() == Some(&Strategy::Recreate);
    let scaler = architecture.scaler_of(workload);
    let written = match scaler {
        Some(scaler) => scaler.min.origin.written_at(),
        None => workload.replicas.origin.written_at(),
    };
    let count = counted(pods, "pod");
    let message = format!("nothing answers for `{name}` while it is deployed");
    let finding = if recreates {
        let place = pod.strategy.origin.written_at();
        cx.report(workload, place, "all old pods end before a new one starts", message)
    } else {
        cx.report(workload, written, format!("{count}: it ends before the next one starts"), message)
    };
    if recreates {
        finding.trace(&pod.strategy);
    } else if pod.strategy.is_explicit() {
        finding.label(pod.strategy.origin.site(), "no pod in addition while an update runs");
    }
    let has_data = workload.volumes.iter().any(|volume| {
        matches!(volume.kind, VolumeKind::Claim(_) | VolumeKind::ClaimTemplate | VolumeKind::HostPath(_))
    });
    for (_, named) in workload.claims() {
        finding.label(named, "its pods keep their data here");
    }
    for route in routes {
        finding.label(route.span, format!("requests to `{name}` come in here"));
    }
    // A volume is a reason; where there is none, and it is production, this is worth stopping for.
    if workload.is_in_production() && !has_data && scaler.is_none() {
        finding.level(Level::Warning);
    }
    finding.why("from the moment at which the old pods are told to end until the new ones are ready, requests find nobody: a few seconds or minutes with every deployment, and for good when the new version does not start");
    finding.help(match (recreates, !has_data) {
        (true, true) => "replace the pods with a rolling update (`type: RollingUpdate`), if two versions may run side by side",
        (false, false) => {
            "run at least 2 pods, if they can keep their data in step; else move it to a database or an object store, or say in an allow that the gap is accepted"
        }
        (true, false) => "keep the data outside of the pods, in a database, an object store or a volume that many nodes may mount, and replace the pods with a rolling update",
        (false, true) => "run at least 2 pods",
    });
    // Data that the pods keep to themselves has to find another place first.
    if !has_data {
        let proposal = if recreates { rolling(pod) } else { doubled(workload, scaler) };
        proposal.into_iter().for_each(|proposal| {
            finding.propose(proposal);
        });
    }
}

/// Old and new pods side by side.
fn rolling(pod: &PodSettings) -> Option<Proposal> {
    Some(Proposal::risky("replace the pods with a rolling update").set(&pod.strategy, New::text("RollingUpdate")))
}

/// A second pod, where the autoscaler still has something to scale.
fn doubled(workload: &Workload, scaler: Option<&Scaler>) -> Option<Proposal> {
    let proposal = Proposal::risky("run 2 pods at least");
    match scaler {
        None => Some(proposal.set(&workload.replicas, New::Number(2))),
        Some(scaler) => {
            let has_room = scaler.max.set().is_some_and(|most| *most > 2);
            has_room.then(|| proposal.set(&scaler.min, New::Number(2)))
        }
    }
}
