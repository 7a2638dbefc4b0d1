//! `scale-to-zero-on-user-path`: a service that users wait for may have no instance, and takes long to start one.

use crate::fix::{Change, New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, seconds};
use crate::model::{Architecture, LongStart, Platform, Trigger, Workload};
use crate::source::Span;
use crate::value::{How, Origin};

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "scale-to-zero-on-user-path",
    category: Category::ColdStart,
    level: Level::Advice,
    summary: "A service that users wait for may have no instance, and takes long to start one.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// A startup probe that allows more than this, in seconds, or a readiness probe that waits longer before its first look,
/// is the owner's word for a slow start.
const SLOW: u64 = 10;
/// An instance with this much memory, in MiB, has much to load.
const LARGE: u64 = 4096;

/// What says that the first request waits long.
enum Sign<'a> {
    /// The startup probe allows a long one.
    Startup(LongStart<'a>),
    /// The readiness probe does not look before this many seconds.
    Readiness(u64, Span),
    /// The owner says that users wait.
    Declared(Span),
    /// The memory of one instance in MiB.
    Memory(u64, Option<Span>),
    /// Nothing but that somebody wrote 0.
    Written,
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    for workload in architecture.workloads() {
        let Some(zero) = architecture.scales_to_zero(workload).filter(|_| is_meant(architecture, workload)) else {
            continue;
        };
        // Most services leave the minimum out, and most start fast enough.
        let is_written = !zero.passes(|how| matches!(how, How::Platform(_) | How::Absent));
        if let Some(sign) = sign(workload).or(is_written.then_some(Sign::Written)) {
            report(cx, workload, zero, &sign);
        }
    }
}

fn is_meant(architecture: &Architecture, workload: &Workload) -> bool {
    !architecture.is_off(workload) && !workload.is_outside_production() && architecture.is_user_facing(workload)
}

fn sign(workload: &Workload) -> Option<Sign<'_>> {
    if let Some(start) = workload.longest_start().filter(|start| start.seconds > SLOW) {
        return Some(Sign::Startup(start));
    }
    if let Some(latency) = workload.declared.latency.as_ref().filter(|latency| &*latency.value == "user-facing") {
        return Some(Sign::Declared(latency.span));
    }
    let memory = workload.main_containers().map(|container| &container.memory_request).chain([&workload.memory]);
    let large = memory.into_iter().find(|memory| memory.set().is_some_and(|memory| *memory >= LARGE));
    if let Some((memory, large)) = large.and_then(|large| Some((large.set().copied()?, large))) {
        return Some(Sign::Memory(memory, large.origin.written_at()));
    }
    let (wait, span) = workload.longest_wait().filter(|(wait, _)| *wait > SLOW)?;
    Some(Sign::Readiness(wait, span))
}

fn report(cx: &mut Context, workload: &Workload, zero: &Origin, sign: &Sign) {
    let architecture = cx.architecture;
    let name = workload.label();
    let label = zero.steps().find_map(|step| match step.how {
        How::Platform(fact) => Some(format!("minimum not set: {} uses {}", fact.holder, fact.amount())),
        _ => None,
    });
    let message = format!("`{name}` answers users, but may have no instance when one of them comes");
    let finding = cx.report(workload, zero.written_at(), label.unwrap_or_else(|| "may have none".into()), message);
    let waits = match sign {
        Sign::Startup(LongStart { seconds: time, probe, span }) => {
            finding.label(*span, format!("a start may take {}", seconds(*time)));
            finding
                .trace_elsewhere(&probe.initial_delay)
                .trace_elsewhere(&probe.period)
                .trace_elsewhere(&probe.failures);
            format!("for which its startup probe allows {}", seconds(*time))
        }
        Sign::Readiness(wait, span) => {
            finding.label(*span, format!("not expected to be ready for {}", seconds(*wait)));
            format!("which its readiness probe expects to take {}", seconds(*wait))
        }
        Sign::Declared(latency) => {
            finding.label(*latency, "users wait for it");
            "and its owner says that users wait for it".to_string()
        }
        Sign::Memory(memory, span) => {
            finding.label(*span, format!("{memory} MB for one instance"));
            format!("which has {memory} MB to fill")
        }
        Sign::Written => "however long it takes".to_string(),
    };
    for trigger in architecture.triggers_of(workload).filter(|trigger| Trigger::is_user_route(trigger)) {
        // Some platforms have their way in built in.
        finding.label(Some(trigger.span).filter(|span| *span != workload.span()), "users come in here");
    }
    let is_buffered = workload.platform != Platform::Kubernetes;
    finding
        .level(if matches!(sign, Sign::Readiness(..) | Sign::Written) { Level::Advice } else { Level::Warning })
        .why(match is_buffered {
            true => format!("the first request after a pause, and every one that arrives with it, waits for the start of an instance, {waits}"),
            false => format!("without a pod nothing answers: requests fail until the scaler has seen them somewhere and a pod has started, {waits}"),
        })
        .help(remedy(workload.platform));
    // Who wrote 0 where nothing speaks for a slow start meant it.
    if !matches!(sign, Sign::Written) {
        architecture.scalers_of(workload).for_each(|scaler| {
            finding.about(&scaler.identity);
        });
        let least = Change::Set { origin: zero.clone(), value: New::Number(1) };
        finding.propose(Proposal::risky("keep at least 1 instance").with(least));
    }
}

fn remedy(platform: Platform) -> &'static str {
    match platform {
        Platform::CloudRun => {
            "keep one instance (`min_instance_count = 1`; `google_cloud_run_service`: the annotation `autoscaling.knative.dev/minScale`), which is billed around the clock, or shorten the start, also with CPU boost"
        }
        Platform::AzureContainerApps => "set `min_replicas = 1`; an idle replica is billed at a lower rate",
        Platform::Knative => "set the annotation `autoscaling.knative.dev/min-scale: \"1\"` on the template",
        Platform::Kubernetes => {
            "set `minReplicaCount: 1`, or put something in front that holds requests until a pod is there"
        }
        Platform::GcoreFunctions => "set `min_instances = 1`, which is billed around the clock",
        _ => "keep at least one instance",
    }
}
