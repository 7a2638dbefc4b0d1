//! `routed-container-without-readiness`: a container gets requests from outside as soon as it runs, for it has no readiness probe.

use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, FixAvailability, Level, Lint};
use crate::model::{Architecture, Container, Gateway, TriggerKind, Workload, WorkloadKind};
use crate::source::Span;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "routed-container-without-readiness",
    category: Category::Orchestration,
    level: Level::Warning,
    summary: "A container gets requests from outside as soon as it runs, for it has no readiness probe.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// With more containers than this in one unit, nobody there uses probes: that is one thing to say, not many.
const MANY: usize = 3;

/// More ways to one workload than this nobody looks at.
const MANY_ROUTES: usize = 1000;

/// A container to which a way in from outside leads.
struct Case<'a> {
    workload: &'a Workload,
    container: &'a Container,
    /// The port at which its requests arrive.
    port: &'a str,
    /// The ways that lead to it.
    routes: Vec<Span>,
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let cases: Vec<Case> = architecture.workloads().flat_map(|workload| cases(architecture, workload)).collect();
    let unit = |case: &Case| case.workload.identity.unit;
    // Workloads of one unit follow each other.
    for of_unit in cases.chunk_by(|one, other| unit(one) == unit(other)) {
        if of_unit.len() > MANY { together(cx, of_unit) } else { of_unit.iter().for_each(|case| alone(cx, case)) }
    }
}

/// The containers of a workload that are sent requests before they may be ready.
fn cases<'a>(architecture: &'a Architecture, workload: &'a Workload) -> Vec<Case<'a>> {
    let mut cases: Vec<Case> = Vec::new();
    let is_up = matches!(workload.kind, WorkloadKind::Service | WorkloadKind::Daemon)
        && workload.pod.as_ref().is_some_and(|pod| pod.is_complete)
        && !architecture.is_off(workload);
    for trigger in
        architecture.triggers_of(workload).filter(|trigger| is_up && trigger.is_surely_on()).take(MANY_ROUTES)
    {
        let TriggerKind::Http(http) = &trigger.kind else { continue };
        if http.gateway != Gateway::ClusterIngress || !http.goes_by_readiness {
            continue;
        }
        for port in &http.ports {
            let Some(container) = workload.container_at(port).filter(|container| container.is_ready_at_once()) else {
                continue;
            };
            match cases.iter_mut().find(|case| std::ptr::eq(case.container, container)) {
                Some(case) => case.routes.push(trigger.span),
                None => cases.push(Case { workload, container, port, routes: vec![trigger.span] }),
            }
        }
    }
    cases
}

const WHY: &str = "without a readiness probe a pod counts as ready when its containers run: in every rollout, restart and scale-out requests go to a process that does not listen yet and fail, and the old pods are taken away before the new ones can do their work";

fn alone(cx: &mut Context, case: &Case) {
    let Case { workload, container, port, routes } = case;
    let name = &container.name;
    let message = format!("{} has no readiness probe, but is sent requests from outside", container.within(workload));
    let finding = cx.report(workload, container.span, "gets requests as soon as it runs", message);
    for route in routes {
        finding.label(*route, format!("sends requests to {} of `{name}`", spelled(port)));
    }
    finding.why(WHY).help(help(port));
    let title = format!("send `{name}` requests only while {} is open", spelled(port));
    finding.propose(probed(Proposal::risky(title), case));
}

/// A probe on the port that requests arrive at, by its name if it has one. Which path says that the container can do its
/// work is not known.
fn probed(proposal: Proposal, case: &Case) -> Proposal {
    let port = match (case.container.name_of(case.port), case.port.parse()) {
        (Some(name), _) => New::text(name),
        (None, Ok(number)) => New::Number(number),
        (None, Err(_)) => New::text(case.port),
    };
    let probe = New::object([("tcpSocket", New::object([("port", port)]))]);
    proposal.set(&case.container.probes.readiness, probe)
}

/// One finding for a unit.
fn together(cx: &mut Context, cases: &[Case]) {
    let Some((first, others)) = cases.split_first() else { return };
    let message = format!(
        "`{}` and {} other containers have no readiness probe, but are sent requests from outside",
        first.workload.label(),
        others.len()
    );
    let label = |case: &Case| {
        format!("gets requests to {} of `{}` as soon as it runs", spelled(case.port), case.container.name)
    };
    let finding = cx.report(first.workload, first.container.span, label(first), message);
    for case in others {
        finding.label(case.container.span, label(case));
    }
    for case in cases {
        finding.label(case.routes.first().copied(), format!("leads to `{}`", case.workload.label()));
        finding.about(&case.workload.identity);
    }
    let title = "send each of them requests only while its port is open";
    finding.propose(cases.iter().fold(Proposal::risky(title), probed));
    finding.why(WHY).help("give each of them a `readinessProbe` on the port that it serves, with a path that says whether it can do its work");
}

fn help(port: &str) -> String {
    let port = spelled(port);
    format!(
        "add a `readinessProbe` on {port}: an `httpGet` of a path that says whether it can do its work, or at least a `tcpSocket`"
    )
}

/// A port by its number or its name.
fn spelled(port: &str) -> String {
    if port.bytes().all(|byte| byte.is_ascii_digit()) { format!("port {port}") } else { format!("port `{port}`") }
}
