//! `autoscaler-cannot-move`: an autoscaler is set up in a way that keeps it from ever changing anything.

mod words;

use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place};
use crate::model::{Architecture, MetricKind, Presence, Scaler, ScalerKind, VerticalScaler, Workload};
use crate::source::Span;
use std::collections::HashSet;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "autoscaler-cannot-move",
    category: Category::Scaling,
    level: Level::Warning,
    summary: "An autoscaler is set up in a way that keeps it from ever changing anything.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// What keeps an autoscaler from doing its work.
enum Obstacle<'a> {
    /// Its minimum is above its maximum.
    Inverted,
    /// It may go to zero, where what it looks at is never seen again.
    BlindAtZero,
    /// Its number for idle times is not below its minimum.
    IdleNotBelow,
    /// Another autoscaler has the same target.
    Rival(&'a Scaler),
    /// Its minimum is its maximum.
    Fixed(u64),
    /// Another one changes what it measures against.
    Resized(&'a VerticalScaler, &'a str, Span),
    /// There is nothing of the name that it scales.
    Dangling,
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    // What is declared in another unit may be applied with this one, unless the file has its own.
    let in_namespaces = architecture.workloads().filter(|workload| workload.namespace.is_some());
    let names: HashSet<&str> = in_namespaces.filter_map(|workload| Some(&**workload.identity.name.set()?)).collect();
    let cases = architecture.scalers().filter_map(|scaler| {
        let is_dangling = match scaler.presence {
            Presence::Perhaps => false,
            Presence::NotInUnit => !scaler.target_name().is_some_and(|name| names.contains(name)),
            Presence::NotInFile => true,
        };
        let obstacle = obstacle(architecture, scaler).or(is_dangling.then_some(Obstacle::Dangling))?;
        Some((words::place(scaler, &obstacle), (scaler, obstacle)))
    });
    for (place, cases) in by_place(cases) {
        let Some((scaler, obstacle)) = cases.first() else { continue };
        let finding = words::report(cx, scaler, obstacle, place);
        finding.level(level(architecture.workload(&scaler.target), scaler, obstacle));
        if let Some(fix) = accepted(&cases) {
            finding.propose(fix);
        }
        // Others whose bounds come from the same place.
        for (scaler, _) in &cases[1..] {
            finding.label(scaler.identity.span, format!("the same holds for {}", scaler.spoken()));
        }
    }
}

/// What KEDA accepts, as near as can be to what it rejects.
fn accepted(cases: &[(&Scaler, Obstacle)]) -> Option<Proposal> {
    let (title, is_least) = match cases.first()? {
        (_, Obstacle::BlindAtZero) => ("keep 1 instance at least", true),
        (_, Obstacle::IdleNotBelow) => ("leave the number for idle times to the minimum", false),
        _ => return None,
    };
    cases.iter().try_fold(Proposal::safe(title), |fix, (scaler, obstacle)| match obstacle {
        Obstacle::BlindAtZero if is_least => Some(fix.set(&scaler.min, New::Number(1))),
        Obstacle::IdleNotBelow if !is_least => Some(fix.remove(&scaler.idle)),
        _ => None,
    })
}

/// The worst that can be said.
fn obstacle<'a>(architecture: &'a Architecture, scaler: &'a Scaler) -> Option<Obstacle<'a>> {
    let workload = architecture.workload(&scaler.target);
    let bounds = scaler.bounds();
    if bounds.is_some_and(|(min, max)| min > max) {
        return Some(Obstacle::Inverted);
    }
    let is_scaled_object = scaler.kind == ScalerKind::ScaledObject;
    if is_scaled_object && scaler.min.known() == Some(&0) && scaler.sees_only_itself() {
        return Some(Obstacle::BlindAtZero);
    }
    if is_scaled_object && is_idle_not_below(scaler) {
        return Some(Obstacle::IdleNotBelow);
    }
    if let Some(rival) = architecture.rival_of(scaler) {
        return Some(Obstacle::Rival(rival));
    }
    // Nothing at all is switched off, and bounds without a rule to move between them are how such platforms are told a
    // number.
    let is_number = scaler.kind.is_part_of_workload() && scaler.metrics.is_empty();
    if let Some((_, max)) = bounds.filter(|(min, max)| min == max && *max > 0 && !scaler.is_adjusted && !is_number) {
        return Some(Obstacle::Fixed(max));
    }
    workload.and_then(|workload| resized(architecture, workload, scaler))
}

/// As KEDA compares them: a minimum that is written counts as one at least.
fn is_idle_not_below(scaler: &Scaler) -> bool {
    let least = scaler.min.known().map(|min| if scaler.min.is_explicit() { *min.max(&1) } else { *min });
    least.is_some_and(|least| scaler.idle.set().is_some_and(|idle| *idle >= least))
}

fn resized<'a>(architecture: &'a Architecture, workload: &Workload, scaler: &'a Scaler) -> Option<Obstacle<'a>> {
    if !matches!(scaler.kind, ScalerKind::Hpa | ScalerKind::ScaledObject) {
        return None;
    }
    let mut others = architecture.vertical_scalers_of(workload);
    let other = others.find(|other| architecture.are_applied_together(&other.identity, &scaler.identity))?;
    let shares = scaler.metrics.iter().filter_map(|metric| match &metric.kind {
        MetricKind::Utilization { resource, container: None } => Some((resource, metric.span)),
        _ => None,
    });
    let (resource, span) = shares.into_iter().find(|(resource, _)| other.resources.contains(resource))?;
    (other.acts.known() == Some(&true)).then_some(Obstacle::Resized(other, resource, span))
}

fn level(workload: Option<&Workload>, scaler: &Scaler, obstacle: &Obstacle) -> Level {
    match obstacle {
        // What Gcore does with such bounds is not documented.
        Obstacle::Inverted if scaler.kind == ScalerKind::GcoreInference => Level::Warning,
        Obstacle::Inverted | Obstacle::BlindAtZero | Obstacle::IdleNotBelow | Obstacle::Rival(_) => Level::Error,
        Obstacle::Dangling | Obstacle::Fixed(1) => Level::Advice,
        Obstacle::Fixed(_) if workload.is_some_and(Workload::is_outside_production) => Level::Advice,
        Obstacle::Fixed(_) | Obstacle::Resized(..) => Level::Warning,
    }
}
