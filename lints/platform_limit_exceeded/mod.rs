//! `platform-limit-exceeded`: a timeout, a size or a count lies outside what the platform accepts.

use crate::facts::{Unit, kubernetes};
use crate::fix::{New, Proposal, Sketch};
use crate::grouping::grouped;
use crate::lint::{Category, Context, Finding, FixAvailability, Level, Lint};
use crate::model::{Bound, Limited, Packaging, Platform, Workload, WorkloadKind};
use crate::source::Span;
use crate::wording::and_more;

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

/// A value out of bounds, and whose it is.
type Case<'a> = (&'a Workload, Limited<'a>);

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let mut cases: Vec<(_, Case)> = Vec::new();
    for workload in architecture.workloads() {
        for limited in architecture.limited(workload).into_iter().filter(|limited| limited.excess().is_some()) {
            let limit = limited.bound.fact();
            cases.push(((place(workload, &limited), limited.what, limit.holder, limit.what), (workload, limited)));
        }
        memory_for_cpus(cx, workload);
        image_with_layers(cx, workload);
        name_length(cx, workload);
    }
    // Workloads that inherit one value have one cause.
    for (_, cases) in grouped(cases) {
        if let Some((worst, others)) = cases.split_first() {
            out_of_bounds(cx, worst, others);
        }
    }
}

fn place(workload: &Workload, limited: &Limited) -> Span {
    limited.value.origin.written_at().unwrap_or(workload.span())
}

fn out_of_bounds(cx: &mut Context, case: &Case, others: &[Case]) {
    let (workload, limited) = case;
    let Some(number) = limited.excess() else { return };
    let limit = limited.bound.fact();
    let accepts = match limited.bound {
        Bound::Most(_) => "accepts at most",
        Bound::Least(_) => "needs at least",
    };
    let mut names: Vec<&str> = others.iter().map(|(other, _)| other.label()).collect();
    names.retain(|name| *name != workload.label());
    names.dedup();
    let message = format!(
        "{} of `{}`{} is {}, but {} {accepts} {}",
        limited.what,
        workload.label(),
        and_more(names.len()),
        limit.unit.of(number as f64),
        limit.holder,
        limit.amount()
    );
    let finding = outside(cx, case, others, message);
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

fn outside<'c>(cx: &'c mut Context, case: &Case, others: &[Case], message: String) -> &'c mut Finding {
    let (workload, limited) = case;
    let limit = limited.bound.fact();
    let (word, label) = match limited.bound {
        Bound::Most(_) => ("at most", format!("the limit is {}", limit.amount())),
        Bound::Least(_) => ("at least", format!("needs at least {}", limit.amount())),
    };
    let place = place(workload, limited);
    let finding = cx.report(workload, place, label, message);
    for (workload, limited) in std::iter::once(case).chain(others) {
        if place != workload.span() {
            finding.label(workload.span(), format!("`{}` uses it", workload.label()));
        }
        finding.trace(limited.value);
    }
    let (holder, what) = (limit.holder, limit.what);
    finding
        .why(format!("{holder} rejects the deployment: {what} is {} ({})", limit.amount(), limit.citation()))
        .help(format!("set it to {word} {}", limit.amount()))
        .propose(clamped(case, others))
}

/// The value at its limit.
fn clamped(case: &Case, others: &[Case]) -> Proposal {
    let limit = case.1.bound.fact();
    let title = format!("set {} to {}", case.1.what, limit.amount());
    let (new, proposal) = match limit.unit {
        // What is rejected now would be deployed, and end work that needs the time it was given.
        Unit::Seconds => (New::Seconds(limit.whole()), Proposal::risky(title)),
        _ => (New::Number(limit.whole()), Proposal::safe(title)),
    };
    std::iter::once(case).chain(others).fold(proposal, |all, (_, limited)| all.set(limited.value, new.clone()))
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
    outside(cx, &(workload, limited), &[], message).trace(&workload.cpu);
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
