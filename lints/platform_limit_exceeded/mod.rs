//! `platform-limit-exceeded`: a timeout, a size or a count lies outside what the platform accepts.

use crate::facts::kubernetes;
use crate::lint::{Category, Context, Level, Lint};
use crate::model::{Bound, FunctionSettings, Limit, Platform, Workload, WorkloadKind};

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "platform-limit-exceeded",
    category: Category::Limits,
    level: Level::Error,
    summary: "A timeout, a size or a count lies outside what the platform accepts.",
    since: "0.1.0",
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    for workload in architecture.workloads() {
        for limit in architecture.limits_of(workload) {
            if let Some(number) = limit.broken_by() {
                broken(cx, workload, limit, number);
            }
        }
        if let Some(function) = workload.function.as_ref().filter(|function| function.is_image_with_layers()) {
            image_with_layers(cx, workload, function);
        }
        if workload.platform == Platform::Kubernetes && workload.kind == WorkloadKind::ScheduledJob {
            name_length(cx, workload);
        }
    }
}

fn broken(cx: &mut Context, workload: &Workload, limit: Limit, number: u64) {
    let Limit { what, value, bound, because } = limit;
    let (name, fact) = (workload.label(), bound.fact());
    let (written, amount, holder) = (fact.unit.of(number as f64), fact.amount(), fact.holder);
    let (asks, word, label) = match bound {
        Bound::Most(_) => ("accepts at most", "at most", format!("the limit is {amount}")),
        Bound::Least(_) => ("needs at least", "at least", format!("needs at least {amount}")),
    };
    let message = match because.and_then(|cpu| cpu.set()) {
        Some(cpu) => {
            format!("`{name}` has {} vCPU and {number} MB, but Cloud Run needs at least {amount} for them", cpu / 1000)
        }
        None => format!("{what} of `{name}` is {written}, but {holder} {asks} {amount}"),
    };
    let place = value.origin.written_at().unwrap_or(workload.span());
    let finding = cx.report(workload, place, label, message);
    if place != workload.span() {
        finding.label(workload.span(), format!("`{name}` uses it"));
    }
    finding.trace(value);
    if let Some(because) = because {
        finding.trace(because);
    }
    if workload.platform == Platform::Knative {
        // The cluster's ConfigMap can raise Knative's limit, so this is no more than advice.
        finding
            .level(Level::Advice)
            .why(format!("Knative rejects the revision unless the cluster's config-defaults raises `max-revision-timeout-seconds` from {amount}"))
            .help("raise it there, or move the long work to a job");
        return;
    }
    let source = fact.citation();
    finding.why(format!("{holder} rejects the deployment: {} is {amount} ({source})", fact.what));
    finding.help(match what {
        "the timeout" => format!("set it to {amount} at most; work that takes longer belongs in a job (Cloud Run job, Fargate task, Kubernetes Job) or in steps of a state machine"),
        _ => format!("set it to {word} {amount}"),
    });
}

fn image_with_layers(cx: &mut Context, workload: &Workload, function: &FunctionSettings) {
    let place = function.layers.origin.written_at();
    let message = format!("`{}` is a container image and lists layers", workload.label());
    cx.report(workload, place, "layers are listed here", message)
        .label(function.packaging.origin.site(), "the function is an image")
        .why("AWS Lambda takes layers for archives only and rejects the deployment")
        .help("build what the layers hold into the image");
}

fn name_length(cx: &mut Context, workload: &Workload) {
    let most = &kubernetes::CRON_JOB_NAME_MAX;
    let Some(name) = workload.identity.name.set() else { return };
    let length = name.chars().count();
    if length as u64 > most.whole() {
        let message = format!(
            "the name of CronJob `{name}` has {length} characters, but Kubernetes takes at most {}",
            most.amount()
        );
        cx.report(workload, workload.span(), format!("{length} characters"), message)
            .why("the controller adds eleven characters for each Job, whose name may have 63: the API server rejects the CronJob")
            .help(format!("shorten the name to {} characters", most.amount()));
    }
}
