//! Where a finding stands, and what it says.

use super::Obstacle;
use crate::lint::{Context, Finding};
use crate::model::{Scaler, ScalerKind};
use crate::source::Span;

/// The value that must change.
pub(super) fn place(scaler: &Scaler, obstacle: &Obstacle) -> Span {
    let place = match obstacle {
        Obstacle::Inverted | Obstacle::Fixed(_) => scaler.max.origin.written_at(),
        Obstacle::BlindAtZero => scaler.min.origin.written_at(),
        Obstacle::IdleNotBelow => scaler.idle.origin.written_at(),
        Obstacle::Rival(_) | Obstacle::Dangling => scaler.target.span(),
        Obstacle::Resized(other, ..) => other.target.span(),
    };
    place.unwrap_or(scaler.identity.span)
}

/// The finding about one autoscaler.
pub(super) fn report<'c>(
    cx: &'c mut Context<'_>,
    scaler: &Scaler,
    obstacle: &Obstacle,
    place: Span,
) -> &'c mut Finding {
    let (message, label) = headline(scaler, obstacle, cx.architecture.scaled_name(scaler));
    let finding = cx.report_scaled(scaler, place, label, message);
    let [least, most] = scaler.kind.bounds();
    match obstacle {
        Obstacle::Inverted | Obstacle::Fixed(_) => {
            finding.trace(&scaler.max);
            let min = scaler.min.known().copied().unwrap_or_default();
            let text = match scaler.min.default() {
                Some(fact) => format!("{least} not set: the default is {}", fact.amount()),
                None => format!("never fewer than {min}"),
            };
            finding.label(scaler.min.origin.written_at(), text);
            // The default metric stands nowhere but at the name.
            for metric in scaler.metrics.iter().filter(|metric| metric.span != scaler.identity.span) {
                finding.label(metric.span, "what it would scale by");
            }
        }
        Obstacle::BlindAtZero => {
            for metric in &scaler.metrics {
                finding.label(metric.span, "needs a pod that runs");
            }
        }
        Obstacle::IdleNotBelow => {
            let written = scaler.min.is_explicit();
            let text =
                if written { format!("{least} is set here") } else { format!("{least} not set: it counts as 0") };
            finding.label(scaler.min.origin.written_at(), text);
        }
        Obstacle::Rival(rival) => {
            finding.label(rival.target.span(), format!("{} scales it as well", rival.spoken()));
        }
        Obstacle::Resized(_, resource, span) => {
            finding.label(*span, format!("goes by the {resource} use as a share of the request"));
        }
        Obstacle::Dangling => {}
    }
    let (why, help) = advice(scaler, obstacle, [least, most]);
    finding.why(why).help(help)
}

/// The message, and the text of the primary label.
fn headline(scaler: &Scaler, obstacle: &Obstacle, name: &str) -> (String, String) {
    let spoken = scaler.spoken();
    let (min, max) = scaler.bounds().unwrap_or_default();
    match obstacle {
        Obstacle::Inverted => {
            let message = format!("{spoken} cannot scale `{name}`: its minimum of {min} is above its maximum of {max}");
            (message, format!("never more than {max}"))
        }
        Obstacle::Fixed(number) => {
            let message = format!("{spoken} cannot scale `{name}`: its minimum and its maximum are both {number}");
            (message, format!("never more than {number}"))
        }
        Obstacle::BlindAtZero => {
            let message = format!("{spoken} may take `{name}` to zero, but only looks at CPU and memory of its pods");
            let written = scaler.min.is_explicit();
            let label = if written { "may go to zero pods" } else { "minReplicaCount not set: KEDA uses 0" };
            (message, label.into())
        }
        Obstacle::IdleNotBelow => {
            let idle = scaler.idle.set().copied().unwrap_or_default();
            let message =
                format!("{spoken} for `{name}` is refused: idleReplicaCount {idle} is not below minReplicaCount");
            (message, "not below minReplicaCount".into())
        }
        Obstacle::Rival(rival) => {
            (format!("`{name}` is scaled by {} and by {spoken}", rival.spoken()), format!("{spoken} scales it"))
        }
        Obstacle::Resized(other, resource, _) => {
            let label = &other.identity.label;
            let message = format!(
                "{spoken} scales `{name}` by its {resource} use while VerticalPodAutoscaler `{label}` sets its {resource} request"
            );
            (message, format!("changes the {resource} request of running pods"))
        }
        Obstacle::Dangling => {
            let target = scaler.target_name().unwrap_or_default();
            let message = format!("{spoken} scales `{target}`, which is not declared beside it");
            (message, format!("nothing here is called `{target}`"))
        }
    }
}

/// The consequence, and what to do.
fn advice(scaler: &Scaler, obstacle: &Obstacle, [least, most]: [&str; 2]) -> (String, String) {
    match obstacle {
        Obstacle::Inverted => {
            let refuses = match scaler.kind {
                ScalerKind::ScaledObject | ScalerKind::ScaledJob => "KEDA refuses such bounds when they are applied",
                ScalerKind::Hpa => "the API server refuses such bounds when they are applied",
                ScalerKind::GcoreInference => "no number of instances fits such bounds",
                _ => "the platform refuses such bounds when they are deployed",
            };
            (refuses.into(), format!("raise {most} above {least}, or lower {least}"))
        }
        Obstacle::Fixed(number) => {
            let why = format!("whatever it measures, the only number between {number} and {number} is {number}: at peak \
                no instance is added, and at night none is taken away");
            let help = if scaler.kind.is_part_of_workload() {
                format!("raise {most} to what a peak needs, or lower {least}; if the number is meant to be fixed, say so in an allow")
            } else {
                format!("raise {most} to what a peak needs, or lower {least}; if the number is meant to be fixed, remove the autoscaler and write the number at the workload")
            };
            (why, help)
        }
        Obstacle::BlindAtZero => (
            "pods that do not run use no CPU and no memory, so nothing would ever start one again: KEDA's admission webhook refuses a ScaledObject whose triggers are all `cpu` or `memory` unless minReplicaCount is 1 or more".into(),
            "set `minReplicaCount: 1`, or add a trigger for what the pods work on".into(),
        ),
        Obstacle::IdleNotBelow => (
            "KEDA's admission webhook refuses an idleReplicaCount that is not below minReplicaCount, and takes minReplicaCount for 0 where it is not set".into(),
            "set `idleReplicaCount: 0` and a minReplicaCount of 1 or more".into(),
        ),
        Obstacle::Rival(rival) => {
            let is_hpa = rival.kind == ScalerKind::Hpa && scaler.kind == ScalerKind::Hpa;
            let why = match is_hpa {
                true => "two HorizontalPodAutoscalers for the same pods are ambiguous (`AmbiguousSelector`): Kubernetes stops scaling by either of them",
                false => "KEDA makes an autoscaler of its own for what it scales: its admission webhook refuses a ScaledObject for a workload that another autoscaler manages already",
            };
            let help = match is_hpa {
                true => "keep one of the two and give it the metrics of both",
                false => "keep one of the two: a ScaledObject takes `cpu` and `memory` triggers as well",
            };
            (why.into(), help.into())
        }
        Obstacle::Resized(_, resource, _) => (
            format!("each of them changes what the other one goes by: a larger {resource} request makes the use a smaller share, whereupon pods are taken away and the rest needs more"),
            format!("scale by something else than {resource}, take {resource} out of `controlledResources`, or set `updateMode: \"Off\"` to only read its recommendations"),
        ),
        Obstacle::Dangling => (
            "an autoscaler without its target reports an error and does nothing".into(),
            "correct the name, or remove the autoscaler if its workload is gone".into(),
        ),
    }
}
