//! `public-services-never-scale`: people outside reach services of a project that no rule scales.

use crate::lint::{Category, Context, FixAvailability, Level, Lint};
use crate::model::{
    Architecture, Claim, Gateway, Platform, Strategy, Trigger, TriggerKind, VolumeKind, Workload, WorkloadKind,
};
use std::collections::HashSet;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "public-services-never-scale",
    category: Category::Scaling,
    level: Level::Advice,
    summary: "People outside reach services of a project that no rule scales.",
    since: "0.1.0",
    fix: FixAvailability::None,
    options: &[],
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let loose = architecture.loose_targets();
    let is_fixed = |workload: &Workload| {
        architecture.scalers_of(workload).next().is_none()
            && !workload.replicas_ignored
            && workload.replicas.set().is_some_and(|replicas| *replicas > 0)
            && !workload.identity.name.set().is_some_and(|name| loose.contains(&**name))
    };
    let workloads = architecture.workloads();
    // One service that many overlays build is one that somebody wrote.
    let mut seen = HashSet::new();
    let public: Vec<_> = workloads
        .filter_map(|workload| Some((workload, public_route(architecture, workload)?)))
        .filter(|(workload, _)| seen.insert(workload.span()))
        .collect();
    let fixed: Vec<_> = public.iter().copied().filter(|(workload, _)| is_fixed(workload)).collect();
    report(cx, public.len(), &fixed);
}

/// The way by which people outside reach a service whose number of instances someone has to set.
fn public_route<'a>(architecture: &'a Architecture, workload: &'a Workload) -> Option<&'a Trigger> {
    let is_scaled_by_rules = matches!(workload.platform, Platform::Kubernetes | Platform::AwsEcs);
    if workload.kind != WorkloadKind::Service || !is_scaled_by_rules || is_bound(architecture, workload) {
        return None;
    }
    let is_public = |trigger: &&Trigger| match &trigger.kind {
        TriggerKind::Http(http) => {
            matches!(http.gateway, Gateway::ClusterIngress | Gateway::LoadBalancer)
                && http.is_public.known() == Some(&true)
                && trigger.is_surely_on()
        }
        _ => false,
    };
    architecture.triggers_of(workload).find(is_public).filter(|_| !workload.is_outside_production())
}

/// More pods of it are no matter of a rule: each has data of its own, or no two of them may be there at once.
fn is_bound(architecture: &Architecture, workload: &Workload) -> bool {
    let Some(pod) = &workload.pod else { return false };
    let recreates = pod.strategy.known() == Some(&Strategy::Recreate);
    let on_node = workload.volumes.iter().any(|volume| matches!(volume.kind, VolumeKind::HostPath(_)));
    // A claim that is not declared here may be for one node only.
    let for_many = |claim: &Claim| {
        let modes = claim.access_modes.known();
        modes.is_some_and(|modes| modes.iter().any(|mode| matches!(&**mode, "ReadWriteMany" | "ReadOnlyMany")))
    };
    let to_claim = workload.claims().any(|(claim, _)| !architecture.claim(claim).is_some_and(for_many));
    pod.is_stateful || recreates || on_node || to_claim
}

/// One finding for the whole project: that services have no rule is how most of them begin, and no news of each.
fn report(cx: &mut Context, public: usize, services: &[(&Workload, &Trigger)]) {
    let Some((first, _)) = services.first() else { return };
    let name = first.label();
    let message = match services.len() {
        1 if public == 1 => format!("`{name}` is public, and no rule scales it"),
        1 => format!("1 of {public} public services has no rule that scales it: `{name}`"),
        count => format!("{count} of {public} public services have no rule that scales them, `{name}` among them"),
    };
    let replicas = |workload: &Workload| match workload.replicas.set() {
        Some(1) => "1 instance at any load".to_string(),
        number => format!("{} instances at any load", number.copied().unwrap_or_default()),
    };
    let place = |workload: &Workload| workload.replicas.origin.written_at().unwrap_or(workload.span());
    let spiky = services
        .iter()
        .any(|(workload, _)| workload.declared.traffic.as_ref().is_some_and(|traffic| &*traffic.value == "spiky"));
    let finding = cx.report(first, place(first), replicas(first), message);
    for (workload, _) in services {
        finding.label(place(workload), replicas(workload));
    }
    for (workload, route) in services {
        finding.label(route.span, format!("leads to `{}`", workload.label()));
    }
    finding
        .level(if spiky { Level::Warning } else { Level::Advice })
        .why("containers scale by rules that somebody writes: without one the number that is written meets the peak and the night alike, and more visitors than it carries are turned away")
        .help(match (first.platform, services.len()) {
            (Platform::AwsEcs, 1) => "if it has peaks, give it a scalable target with a target tracking policy; else write the number that carries its peak",
            (_, 1) => "if it has peaks, give it a HorizontalPodAutoscaler (and its containers a CPU request); else write the number that carries its peak",
            (Platform::AwsEcs, _) => "give those with peaks a scalable target with a target tracking policy, and write the number that carries the peak at the others",
            _ => "give those with peaks a HorizontalPodAutoscaler (and their containers a CPU request), and write the number that carries the peak at the others",
        });
}
