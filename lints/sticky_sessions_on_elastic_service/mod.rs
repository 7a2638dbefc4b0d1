//! `sticky-sessions-on-elastic-service`: clients are kept at one instance of a service whose instances come and go.

use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place};
use crate::model::{Architecture, Scaler, ScalerKind, Trigger, TriggerKind, Workload, WorkloadKind};
use crate::source::Span;
use crate::value::Sourced;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "sticky-sessions-on-elastic-service",
    category: Category::State,
    level: Level::Advice,
    summary: "Clients are kept at one instance of a service whose instances come and go.",
    since: "0.1.0",
    fix: FixAvailability::None,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// A service, the route that keeps its clients, and the rule that takes instances away.
type Case<'a> = (&'a Workload, &'a Sourced<bool>, &'a Scaler);

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let cases = architecture.workloads().filter_map(|workload| case(architecture, workload));
    for (place, cases) in by_place(cases) {
        let Some((workload, sticky, scaler)) = cases.first() else { continue };
        let message = format!("clients stay at one instance of `{}`, whose instances come and go", workload.label());
        let finding = cx.report(workload, place, "keeps each client at one instance", message);
        finding.trace(*sticky);
        for (workload, _, scaler) in &cases {
            let place = scaler.max.origin.written_at().unwrap_or(scaler.identity.span);
            finding.label(place, bounds(workload, scaler));
        }
        finding
            .why(format!(
                "if sessions lie in the memory of the instances, which is what affinity is mostly for, they go with them: when {} takes an instance away, or a new version does, everyone on it starts anew, and instances that are added get no old clients",
                scaler.spoken()
            ))
            .help("keep sessions outside of the instances (a cache, a database, a signed cookie), then turn the affinity off; where it only warms a cache, say so in an allow");
    }
}

fn case<'a>(architecture: &'a Architecture, workload: &'a Workload) -> Option<(Span, Case<'a>)> {
    let is_stateful = workload.pod.as_ref().is_some_and(|pod| pod.is_stateful);
    if workload.kind != WorkloadKind::Service || is_stateful || architecture.keeps_connections(workload) {
        return None;
    }
    let scaler = architecture.scaler_of(workload).filter(|scaler| is_elastic(scaler))?;
    let sticky = |trigger: &'a Trigger| match &trigger.kind {
        TriggerKind::Http(http) => {
            let sticky = http.is_sticky.as_deref().filter(|sticky| sticky.known() == Some(&true))?;
            trigger.is_surely_on().then_some((sticky, trigger.span))
        }
        _ => None,
    };
    let (sticky, span) = architecture.triggers_of(workload).find_map(sticky)?;
    Some((sticky.origin.written_at().unwrap_or(span), (workload, sticky, scaler)))
}

/// Whether a rule has more than one instance to take away from.
fn is_elastic(scaler: &Scaler) -> bool {
    match scaler.bounds() {
        Some((min, max)) => max > 1 && min < max,
        // Without a maximum Cloud Run goes as far as the quota does.
        None => scaler.kind == ScalerKind::CloudRun && scaler.max.is_absent(),
    }
}

fn bounds(workload: &Workload, scaler: &Scaler) -> String {
    let label = workload.label();
    match scaler.bounds() {
        Some((min, max)) => format!("`{label}` has between {min} and {max} instances"),
        None => format!("`{label}` has as many instances as it needs, or none"),
    }
}
