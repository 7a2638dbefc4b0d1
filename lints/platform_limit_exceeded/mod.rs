//! `platform-limit-exceeded`: a timeout, a size or a count lies outside what the platform accepts.

use crate::facts::{Unit, kubernetes};
use crate::fix::{New, Proposal, Sketch};
use crate::lint::{Category, Context, Finding, FixAvailability, Level, Lint};
use crate::model::{Bound, Limited, Packaging, Platform, Workload, WorkloadKind};

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "platform-limit-exceeded",
    category: Category::Limits,
    level: Level::Error,
    summary: "A timeout, a size or a count lies outside what the platform accepts.",
    since: "0.1.0",
    fix: FixAvailability::EditAndSketch,
    options: &[],
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    for workload in architecture.workloads() {
        for limited in architecture.limited(workload) {
            out_of_bounds(cx, workload, &limited);
        }
        memory_for_cpus(cx, workload);
        image_with_layers(cx, workload);
        name_length(cx, workload);
    }
}

fn out_of_bounds(cx: &mut Context, workload: &Workload, limited: &Limited) {
    let Some(number) = limited.excess() else { return };
    let limit = limited.bound.fact();
    let accepts = match limited.bound {
        Bound::Most(_) => "accepts at most",
        Bound::Least(_) => "needs at least",
    };
    let message = format!(
        "{} of `{}` is {}, but {} {accepts} {}",
        limited.what,
        workload.label(),
        limit.unit.of(number as f64),
        limit.holder,
        limit.amount()
    );
    let finding = outside(cx, workload, limited, message);
    if workload.platform == Platform::Knative {
        // The cluster's ConfigMap can raise it.
        finding
            .level(Level::Advice)
            .why(format!("Knative rejects the revision unless the cluster's config-defaults raises `max-revision-timeout-seconds` from {}", limit.amount()))
            .help("raise it there, or move the long work to a job");
    } else if limited.what == "the timeout" {
        finding.help(format!(
            "set it to {} at most; work that takes longer belongs in a job (Cloud Run job, Fargate task, Kubernetes Job) or in steps of a state machine",
            limit.amount()
        ));
        finding.propose(Proposal::sketch("run it as a job in a container", Sketch::ScheduledTask(workload.id)));
    }
}

fn outside<'c>(cx: &'c mut Context, workload: &Workload, limited: &Limited, message: String) -> &'c mut Finding {
    let limit = limited.bound.fact();
    let (word, label) = match limited.bound {
        Bound::Most(_) => ("at most", format!("the limit is {}", limit.amount())),
        Bound::Least(_) => ("at least", format!("needs at least {}", limit.amount())),
    };
    let place = limited.value.origin.written_at().unwrap_or(workload.span());
    let finding = cx.report(workload, place, label, message);
    if place != workload.span() {
        finding.label(workload.span(), format!("`{}` uses it", workload.label()));
    }
    let (holder, what) = (limit.holder, limit.what);
    finding
        .trace(limited.value)
        .why(format!("{holder} rejects the deployment: {what} is {} ({})", limit.amount(), limit.citation()))
        .help(format!("set it to {word} {}", limit.amount()))
        .propose(clamped(limited))
}

/// The value at its limit.
fn clamped(limited: &Limited) -> Proposal {
    let limit = limited.bound.fact();
    let title = format!("set {} to {}", limited.what, limit.amount());
    match limit.unit {
        // What is rejected now would be deployed, and end work that needs the time it was given.
        Unit::Seconds => Proposal::risky(title).set(limited.value, New::Seconds(limit.whole())),
        _ => Proposal::safe(title).set(limited.value, New::Number(limit.whole())),
    }
}

/// Many vCPU need a least amount of memory.
fn memory_for_cpus(cx: &mut Context, workload: &Workload) {
    let Some(least) = workload.memory_for_cpus().filter(|_| workload.memory.is_explicit()) else { return };
    let limited = Limited { value: &workload.memory, what: "the memory", bound: Bound::Least(least) };
    let (Some(cpu), Some(memory)) = (workload.cpu.set(), limited.excess()) else { return };
    let message = format!(
        "`{}` has {} vCPU and {memory} MB, but Cloud Run needs at least {} for them",
        workload.label(),
        cpu / 1000,
        least.amount()
    );
    outside(cx, workload, &limited, message).trace(&workload.cpu);
}

fn image_with_layers(cx: &mut Context, workload: &Workload) {
    let Some(function) = workload.function.as_ref().filter(|function| {
        function.packaging.known() == Some(&Packaging::Image) && function.layers.set().is_some_and(|layers| *layers > 0)
    }) else {
        return;
    };
    let message = format!("`{}` is a container image and lists layers", workload.label());
    cx.report(workload, function.layers.origin.written_at(), "layers are listed here", message)
        .label(function.packaging.origin.site(), "the function is an image")
        .why("AWS Lambda takes layers for archives only and rejects the deployment")
        .help("build what the layers hold into the image");
}

fn name_length(cx: &mut Context, workload: &Workload) {
    let is_cron_job = workload.platform == Platform::Kubernetes && workload.kind == WorkloadKind::ScheduledJob;
    let most = &kubernetes::CRON_JOB_NAME_MAX;
    let Some(name) = workload.identity.name.set().filter(|_| is_cron_job) else { return };
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
