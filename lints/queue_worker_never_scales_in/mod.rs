//! `queue-worker-never-scales-in`: a worker keeps its instances while its queue is empty.

use crate::fix::{Proposal, Sketch};
use crate::lint::{Category, Context, FixAvailability, Level, Lint};
use crate::model::{Architecture, Platform, QueueSign, Scaler, Workload, WorkloadKind};
use crate::value::Sourced;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "queue-worker-never-scales-in",
    category: Category::AlwaysOn,
    level: Level::Advice,
    summary: "A worker keeps its instances while its queue is empty.",
    since: "0.1.0",
    fix: FixAvailability::Sketch,
    options: &[],
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let loose = architecture.loose_targets();
    for workload in architecture.workloads().filter(|workload| workload.kind == WorkloadKind::Service) {
        let is_ruled = workload.identity.name.set().is_some_and(|name| loose.contains(&**name));
        if let Some((count, sign)) = fixed(architecture, workload).filter(|_| !is_ruled) {
            report_fixed(cx, workload, count, &sign);
        }
    }
    for scaler in architecture.scalers() {
        if let Some(workload) = architecture.workload(&scaler.target).filter(|_| is_kept(architecture, scaler)) {
            report_kept(cx, workload, scaler);
        }
    }
}

/// The number of instances that nothing changes, and what they work on.
fn fixed<'a>(architecture: &'a Architecture, workload: &'a Workload) -> Option<(&'a Sourced<Option<u64>>, QueueSign)> {
    let is_rule = |scaler: &Scaler| !scaler.kind.is_part_of_workload() || !scaler.metrics.is_empty();
    if workload.replicas_ignored || architecture.scalers_of(workload).any(is_rule) {
        return None;
    }
    let counts = [&workload.replicas, &workload.min_instances];
    let count = counts.into_iter().find(|count| count.set().is_some_and(|count| *count > 0))?;
    Some((count, architecture.queue_sign(workload)?))
}

fn report_fixed(cx: &mut Context, workload: &Workload, count: &Sourced<Option<u64>>, sign: &QueueSign) {
    let number = count.set().copied().unwrap_or_default();
    let (instances, run) = if number == 1 { ("instance", "runs") } else { ("instances", "run") };
    let message = format!("`{}` keeps {number} {instances} while its queue is empty", workload.label());
    let label = match count.is_explicit() {
        true => format!("{number} {instances}, whatever the queue holds"),
        false => format!("not set: {number} {instances}, whatever the queue holds"),
    };
    let place = count.origin.written_at();
    let finding = cx.report(workload, place, label, message);
    finding
        .trace_written(count)
        .label(sign.span, sign.text.clone())
        .why(format!(
            "a queue says how much work there is, and nothing asks it: {number} {instances} {run} and cost through nights and weekends without messages, and the same number meets a backlog"
        ))
        .help(remedy(workload))
        .propose(Proposal::sketch("scale it by the length of its queue", Sketch::QueueScaler(workload.id)));
}

/// Whether a rule looks at a queue and nothing else, and still keeps instances when it is empty. A number that cannot
/// change is another matter (autoscaler-cannot-move).
fn is_kept(architecture: &Architecture, scaler: &Scaler) -> bool {
    let keeps = scaler.bounds().is_some_and(|(min, max)| min >= 1 && min < max);
    let by_queue = !scaler.metrics.is_empty() && scaler.queues().count() == scaler.metrics.len();
    let works_only = architecture.workload(&scaler.target).is_some_and(|workload| {
        workload.kind == WorkloadKind::Service
            && workload.main_containers().all(|container| !container.has_ports())
            && !workload.containers.is_empty()
            && architecture.waiting_triggers_of(workload).next().is_none()
    });
    keeps && by_queue && works_only && scaler.idle.is_absent()
}

fn report_kept(cx: &mut Context, workload: &Workload, scaler: &Scaler) {
    let Some((min, _)) = scaler.bounds() else { return };
    let [least, _] = scaler.kind.bounds();
    let message = format!("`{}` never goes below {min} while its queue is empty", workload.label());
    let finding = cx.report(workload, scaler.min.origin.written_at(), format!("never fewer than {min}"), message);
    finding.trace(&scaler.min);
    for (metric, _) in scaler.queues() {
        finding.label(metric.span, "would start instances again");
    }
    finding
        .why("the length of the queue can start the first instance, so none has to run before there is work: what is kept costs through nights and weekends without messages")
        .help(format!("set {least} to 0, if a message may wait until an instance has started"));
}

fn remedy(workload: &Workload) -> &'static str {
    match workload.platform {
        Platform::AwsEcs => {
            "scale it by the backlog for each task (Application Auto Scaling with a target tracking policy on a metric of your own), or run a task for each message"
        }
        Platform::AzureContainerApps => "add a scale rule for the queue and set `min_replicas = 0`",
        Platform::AzureContainerInstances => {
            "run it as a container app with a scale rule for the queue, or start it for each batch of messages"
        }
        _ => {
            "scale it with a ScaledObject of KEDA by the length of the queue, from 0; where a message takes long, with a ScaledJob"
        }
    }
}
