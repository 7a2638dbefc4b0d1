//! `platform-limit-exceeded`: a timeout, a size or a count lies outside what the platform accepts.

use crate::facts::{Fact, aws, azure, google, kubernetes};
use crate::lint::{Category, Context, Finding, Level, Lint};
use crate::model::{FunctionSettings, Packaging, Platform, Workload, WorkloadKind};
use crate::source::Span;
use crate::value::Sourced;

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
        match (workload.platform, &workload.function) {
            (Platform::AwsLambda, Some(function)) => lambda(cx, workload, function),
            (Platform::GoogleFunctions1, _) => timeout(cx, workload, &google::FUNCTION_GEN1_TIMEOUT_MAX),
            (Platform::GoogleFunctions2, _) => timeout(cx, workload, &google::FUNCTION_GEN2_TIMEOUT_MAX),
            (Platform::CloudRun, _) => cloud_run(cx, workload),
            (Platform::CloudRunJob, _) => timeout(cx, workload, &google::RUN_JOB_TIMEOUT_MAX),
            (Platform::AzureContainerApps, _) => {
                over(
                    cx,
                    workload,
                    &workload.max_instances,
                    "the maximum of replicas",
                    &azure::CONTAINER_APPS_REPLICAS_MAX,
                );
            }
            (Platform::Knative, _) => knative(cx, workload),
            (Platform::Kubernetes, _) if workload.kind == WorkloadKind::ScheduledJob => name_length(cx, workload),
            _ => {}
        }
    }
}

fn lambda(cx: &mut Context, workload: &Workload, function: &FunctionSettings) {
    let (Some(managed), Some(durable)) = (function.managed_instances.known(), function.durable_timeout.known()) else {
        return;
    };
    if durable.is_some() {
        over(cx, workload, &function.durable_timeout, "the durable execution timeout", &aws::LAMBDA_DURABLE_MAX);
    }
    let waits = cx.architecture.waiting_triggers_of(workload).next().is_some();
    let longest = if *managed && !waits { &aws::LAMBDA_MANAGED_TIMEOUT_MAX } else { &aws::LAMBDA_TIMEOUT_MAX };
    timeout(cx, workload, longest);
    let (least, most) = if *managed {
        (&aws::LAMBDA_MANAGED_MEMORY_MIN, &aws::LAMBDA_MANAGED_MEMORY_MAX)
    } else {
        (&aws::LAMBDA_MEMORY_MIN, &aws::LAMBDA_MEMORY_MAX)
    };
    over(cx, workload, &workload.memory, "the memory", most);
    if workload.memory.is_explicit() {
        under(cx, workload, &workload.memory, "the memory", least);
    }
    over(cx, workload, &function.disk, "the size of /tmp", &aws::LAMBDA_DISK_MAX);
    under(cx, workload, &function.disk, "the size of /tmp", &aws::LAMBDA_DISK_DEFAULT);
    over(cx, workload, &function.layers, "the number of layers", &aws::LAMBDA_LAYERS_MAX);
    image_with_layers(cx, workload, function);
}

fn timeout(cx: &mut Context, workload: &Workload, most: &'static Fact) {
    if let Some(finding) = over(cx, workload, &workload.timeout, "the timeout", most) {
        finding.help(format!(
            "set it to {} at most; work that takes longer belongs in a job (Cloud Run job, Fargate task, Kubernetes Job) or in steps of a state machine",
            most.amount()
        ));
    }
}

/// Reports a value above a limit.
fn over<'c>(
    cx: &'c mut Context,
    workload: &Workload,
    value: &Sourced<Option<u64>>,
    what: &str,
    most: &'static Fact,
) -> Option<&'c mut Finding> {
    let number = value.set().copied().filter(|number| *number > most.whole())?;
    Some(outside(
        cx,
        workload,
        value,
        format!(
            "{what} of `{}` is {}, but {} accepts at most {}",
            workload.label(),
            most.unit.of(number as f64),
            most.holder,
            most.amount()
        ),
        Bound::Most(most),
    ))
}

/// Reports a value below a limit.
fn under(cx: &mut Context, workload: &Workload, value: &Sourced<Option<u64>>, what: &str, least: &'static Fact) {
    if let Some(number) = value.set().copied().filter(|number| *number < least.whole()) {
        let message = format!(
            "{what} of `{}` is {}, but {} needs at least {}",
            workload.label(),
            least.unit.of(number as f64),
            least.holder,
            least.amount()
        );
        outside(cx, workload, value, message, Bound::Least(least));
    }
}

/// On which side of a limit a value must stay.
enum Bound {
    Most(&'static Fact),
    Least(&'static Fact),
}

fn outside<'c, T>(
    cx: &'c mut Context,
    workload: &Workload,
    value: &Sourced<T>,
    message: String,
    bound: Bound,
) -> &'c mut Finding {
    let (limit, word, label) = match bound {
        Bound::Most(limit) => (limit, "at most", format!("the limit is {}", limit.amount())),
        Bound::Least(limit) => (limit, "at least", format!("needs at least {}", limit.amount())),
    };
    let place = value.origin.written_at().unwrap_or(workload.span());
    let finding = cx.report(workload, place, label, message);
    if place != workload.span() {
        finding.label(workload.span(), format!("`{}` uses it", workload.label()));
    }
    finding
        .trace(value)
        .why(format!(
            "{} rejects the deployment: {} is {} ({})",
            limit.holder,
            limit.what,
            limit.amount(),
            limit.citation()
        ))
        .help(format!("set it to {word} {}", limit.amount()))
}

fn image_with_layers(cx: &mut Context, workload: &Workload, function: &FunctionSettings) {
    if function.packaging.known() != Some(&Packaging::Image) || function.layers.set().is_none_or(|layers| *layers == 0)
    {
        return;
    }
    let place = function.layers.origin.written_at();
    let message = format!("`{}` is a container image and lists layers", workload.label());
    cx.report(workload, place, "layers are listed here", message)
        .label(function.packaging.origin.site(), "the function is an image")
        .why("AWS Lambda takes layers for archives only and rejects the deployment")
        .help("build what the layers hold into the image");
}

/// Many vCPU need a least amount of memory on Cloud Run.
fn cloud_run(cx: &mut Context, workload: &Workload) {
    timeout(cx, workload, &google::RUN_TIMEOUT_MAX);
    let (Some(cpu), Some(memory)) = (workload.cpu.set().copied(), workload.memory.set().copied()) else { return };
    let least = match cpu {
        6000.. => &google::RUN_MEMORY_FOR_6_CPUS,
        4000..6000 => &google::RUN_MEMORY_FOR_4_CPUS,
        _ => return,
    };
    if memory < least.whole() && workload.memory.is_explicit() && workload.cpu.is_explicit() {
        let message = format!(
            "`{}` has {} vCPU and {memory} MB, but Cloud Run needs at least {} for them",
            workload.label(),
            cpu / 1000,
            least.amount()
        );
        outside(cx, workload, &workload.memory, message, Bound::Least(least)).trace(&workload.cpu);
    }
}

/// The cluster's ConfigMap can raise Knative's limit, so this is no more than advice.
fn knative(cx: &mut Context, workload: &Workload) {
    let most = &kubernetes::KNATIVE_TIMEOUT_MAX;
    if let Some(finding) = over(cx, workload, &workload.timeout, "the timeout", most) {
        finding
            .level(Level::Advice)
            .why(format!("Knative rejects the revision unless the cluster's config-defaults raises `max-revision-timeout-seconds` from {}", most.amount()))
            .help("raise it there, or move the long work to a job");
    }
}

fn name_length(cx: &mut Context, workload: &Workload) {
    let most = &kubernetes::CRON_JOB_NAME_MAX;
    let Some(name) = workload.identity.name.set() else { return };
    let length = name.chars().count();
    if length as u64 > most.whole() {
        let place: Span = workload.span();
        let message = format!(
            "the name of CronJob `{name}` has {length} characters, but Kubernetes takes at most {}",
            most.amount()
        );
        cx.report(workload, place, format!("{length} characters"), message)
            .why("the controller adds eleven characters for each Job, whose name may have 63: the API server rejects the CronJob")
            .help(format!("shorten the name to {} characters", most.amount()));
    }
}
