//! `autoscaler-without-requests`: an autoscaler goes by a share of requested CPU or memory, but a container requests none.

use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place};
use crate::model::{Container, Metric, MetricKind, Scaler, ScalerKind, Workload};
use std::sync::Arc;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "autoscaler-without-requests",
    category: Category::Orchestration,
    level: Level::Error,
    summary: "An autoscaler goes by a share of requested CPU or memory, but a container requests none.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// A container without the request that a metric is a share of.
struct Case<'a> {
    workload: &'a Workload,
    container: &'a Container,
    scaler: &'a Scaler,
    metric: &'a Metric,
    resource: &'a Arc<str>,
    /// The metric is about this container alone.
    is_only: bool,
    /// No other metric of the autoscaler works, either.
    is_hopeless: bool,
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let mut cases = Vec::new();
    for scaler in architecture.scalers() {
        let Some(workload) = architecture.workload(&scaler.target) else { continue };
        if !workload.pod.as_ref().is_some_and(|pod| pod.is_complete) {
            continue;
        }
        let is_hopeless = scaler.metrics.iter().all(|metric| lacking(workload, metric).next().is_some());
        for metric in &scaler.metrics {
            let MetricKind::Utilization { resource, container: only } = &metric.kind else { continue };
            for container in lacking(workload, metric) {
                let is_only = only.is_some();
                cases.push((
                    container.span,
                    Case { workload, container, scaler, metric, resource, is_only, is_hopeless },
                ));
            }
        }
    }
    for (_, cases) in by_place(cases) {
        report(cx, &cases);
    }
}

/// The containers that keep a metric from working.
fn lacking<'a>(workload: &'a Workload, metric: &'a Metric) -> impl Iterator<Item = &'a Container> {
    let measured = match &metric.kind {
        MetricKind::Utilization { resource, container } => Some((resource, container)),
        _ => None,
    };
    measured.into_iter().flat_map(|(resource, only)| {
        let named = workload.main_containers().filter(|one| only.as_ref().is_none_or(|name| *name == one.name));
        named.filter(|container| lacks(container, resource))
    })
}

/// Known to have neither a request nor a limit that would become one.
fn lacks(container: &Container, resource: &str) -> bool {
    match resource {
        "cpu" => container.cpu_request.is_absent(),
        "memory" => container.memory_request.is_absent(),
        _ => false,
    }
}

fn report(cx: &mut Context, cases: &[Case]) {
    // Of several autoscalers the one that does nothing at all.
    let Some(case) = cases.iter().find(|case| case.is_hopeless).or(cases.first()) else { return };
    let Case { workload, container, scaler, resource, is_hopeless, .. } = case;
    let message = format!(
        "{} `{}` cannot scale `{}`{}: container `{}` has no {resource} request",
        scaler.kind.name(),
        scaler.identity.label,
        workload.label(),
        if *is_hopeless { "" } else { " down" },
        container.name
    );
    let finding = cx.report(workload, container.span, format!("no {resource} request or limit"), message);
    finding.level(if *is_hopeless { Level::Error } else { Level::Warning });
    for case in cases {
        let whose = if case.is_only { format!(" of `{}`", case.container.name) } else { String::new() };
        finding.label(case.metric.span, format!("scales on a share of the {} request{whose}", case.resource));
        finding.label(case.scaler.target.span(), format!("scales `{}`", case.workload.label()));
        finding.about(&case.workload.identity);
    }
    finding.why(consequence(case)).help(format!(
        "give `{}` a {resource} request that fits its usual load, for example `resources.requests.{resource}: {}`",
        container.name,
        small(resource)
    ));
    finding.propose(proposal(container, cases));
}

/// What a small service requests: a value to start from where nobody wrote any.
fn small(resource: &str) -> &'static str {
    if resource == "cpu" { "100m" } else { "128Mi" }
}

/// All requests that the container lacks for its autoscalers. A limit would count as one, so there is none to go by.
fn proposal(container: &Container, cases: &[Case]) -> Proposal {
    let is_lacking = |resource: &&str| cases.iter().any(|case| **case.resource == **resource);
    let lacking: Vec<&str> = ["cpu", "memory"].into_iter().filter(is_lacking).collect();
    let amounts: Vec<String> = lacking.iter().map(|resource| format!("{} of {resource}", small(resource))).collect();
    let what = if lacking.len() == 1 { "an amount" } else { "amounts" };
    let title =
        format!("request {} for `{}`, {what} to choose by its usual load", amounts.join(" and "), container.name);
    lacking.iter().fold(Proposal::risky(title), |proposal, resource| {
        let request = if *resource == "cpu" { &container.cpu_request } else { &container.memory_request };
        proposal.set(request, New::text(small(resource)))
    })
}

fn consequence(case: &Case) -> String {
    let Case { container, resource, .. } = case;
    let measured = match case.is_only {
        true => format!("utilization is measured against the {resource} request of container `{}`", container.name),
        false => format!(
            "utilization is measured against the {resource} request of every container in the pod, and `{}` has none",
            container.name
        ),
    };
    let keda = case.scaler.kind == ScalerKind::ScaledObject;
    let effect = match (case.is_hopeless, keda) {
        (true, false) => "without one the autoscaler reports <unknown> and never changes the number of pods",
        (true, true) => {
            "without one the admission webhook of KEDA refuses the ScaledObject, and where that is not installed the number of pods never follows the load"
        }
        (false, false) => {
            "without one this metric is <unknown>, and until it is known the autoscaler adds pods by its other metrics but takes none away: what a peak brought stays"
        }
        (false, true) => {
            "without one the admission webhook of KEDA refuses the ScaledObject, and where that is not installed its HorizontalPodAutoscaler adds pods by the other triggers but takes none away"
        }
    };
    format!("{measured}; {effect}")
}
