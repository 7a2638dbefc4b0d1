//! `autoscaler-without-requests`: an autoscaler goes by a share of requested CPU or memory, but a container requests none.

use crate::lint::{Category, Context, Level, Lint, by_place};
use crate::model::{Container, Metric, MetricKind, Scaler, Workload};
use std::sync::Arc;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "autoscaler-without-requests",
    category: Category::Orchestration,
    level: Level::Error,
    summary: "An autoscaler goes by a share of requested CPU or memory, but a container requests none.",
    since: "0.1.0",
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
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let mut cases = Vec::new();
    for scaler in architecture.scalers() {
        let Some(workload) = architecture.workload(&scaler.target) else { continue };
        if !workload.pod.as_ref().is_some_and(|pod| pod.is_complete) {
            continue;
        }
        for metric in &scaler.metrics {
            let MetricKind::Utilization { resource, container: only } = &metric.kind else { continue };
            let measured = workload.main_containers().filter(|one| only.as_ref().is_none_or(|name| *name == one.name));
            for container in measured.filter(|container| lacks(container, resource)) {
                cases.push((container.span, Case { workload, container, scaler, metric, resource }));
            }
        }
    }
    for (_, cases) in by_place(cases) {
        report(cx, &cases);
    }
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
    let Some(Case { workload, container, scaler, resource, .. }) = cases.first() else { return };
    let message = format!(
        "{} `{}` cannot scale `{}`: container `{}` has no {resource} request",
        scaler.kind.name(),
        scaler.identity.label,
        workload.label(),
        container.name
    );
    let finding = cx.report(workload, container.span, format!("no {resource} request or limit"), message);
    for case in cases {
        finding.label(case.metric.span, format!("scales on a share of the {} request", case.resource));
        finding.label(case.scaler.target.span(), format!("scales `{}`", case.workload.label()));
    }
    finding
        .why(format!(
            "utilization is measured against the request of every container in the pod; without one the autoscaler reports <unknown> and never changes the number of pods ({resource} of `{}` is missing)",
            container.name
        ))
        .help(format!("give `{}` a {resource} request that fits its usual load, for example `resources.requests.{resource}: {}`", container.name, if &***resource == "cpu" { "100m" } else { "128Mi" }));
}
