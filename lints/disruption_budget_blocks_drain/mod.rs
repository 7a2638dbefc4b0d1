//! `disruption-budget-blocks-drain`: a disruption budget never lets a pod be evicted, so that the pod's node cannot be drained.

use crate::fix::{New, Proposal};
use crate::lint::{Category, Context, Finding, FixAvailability, Level, Lint};
use crate::model::{Amount, Architecture, Disruption, DisruptionBudget, Format, Workload, WorkloadKind};
use crate::wording::counted;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "disruption-budget-blocks-drain",
    category: Category::Orchestration,
    level: Level::Warning,
    summary: "A disruption budget never lets a pod be evicted, so that the pod's node cannot be drained.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    for budget in architecture.budgets() {
        if let Some((workloads, disruption)) = blocked(architecture, budget) {
            report(cx, budget, &workloads, disruption);
        }
    }
}

/// The workloads whose pods a budget never lets go.
fn blocked<'a>(
    architecture: &'a Architecture,
    budget: &'a DisruptionBudget,
) -> Option<(Vec<&'a Workload>, Disruption)> {
    let workloads = architecture.protected_by(budget)?;
    // A drain leaves the pods of daemons alone, and those of jobs come and go.
    let serves = workloads.iter().all(|workload| workload.kind == WorkloadKind::Service);
    let disruption = architecture.least_disruption(budget).filter(|_| serves)?;
    // What is scaled to nothing blocks no node for long.
    (disruption.pods > 0 && disruption.allowed == 0).then_some((workloads, disruption))
}

fn report(cx: &mut Context, budget: &DisruptionBudget, workloads: &[&Workload], disruption: Disruption) {
    let architecture = cx.architecture;
    let (Some(workload), Some(bound)) = (workloads.first(), budget.bound()) else { return };
    let others = workloads.len() - 1;
    let names = match others {
        0 => format!("`{}`", workload.label()),
        1 => format!("`{}` and another workload", workload.label()),
        _ => format!("`{}` and {others} other workloads", workload.label()),
    };
    let pods = disruption.pods;
    let at_minimum =
        workloads.iter().any(|one| architecture.least_pods(one).is_some_and(|least| least.scaler.is_some()));
    let at = if at_minimum { " at the autoscaler's minimum" } else { "" };
    let message = format!("disruption budget `{}` lets no pod of {names} go{at}", budget.identity.label);
    let finding = cx.report(workload, bound.origin.written_at(), kept(budget, disruption), message);
    finding.trace(bound).label(budget.identity.span, "the budget is declared here");
    workloads.iter().for_each(|one| count(architecture, one, finding));
    let meanwhile = match pods {
        _ if !at_minimum => String::new(),
        1 => " as long as there is 1".to_string(),
        _ => format!(" as long as there are {pods}"),
    };
    finding
        .why(format!("a node is emptied by evicting its pods, and every eviction is refused{meanwhile}: upgrades and the removal of nodes wait until somebody deletes the pod by hand, or until the provider gives up waiting and kills it"))
        .help(remedy(architecture.unit(budget.identity.unit).format, budget, disruption))
        .propose(proposal(budget));
}

/// One pod at a time, in place of the bound that is there.
fn proposal(budget: &DisruptionBudget) -> Proposal {
    let proposal = Proposal::risky("let one pod go at a time").set(&budget.max_unavailable, New::Number(1));
    match budget.min_available.is_absent() {
        true => proposal,
        false => proposal.remove(&budget.min_available),
    }
}

/// What the bound comes to, and how it is rounded.
fn kept(budget: &DisruptionBudget, Disruption { pods, .. }: Disruption) -> String {
    let bound = budget.bound().and_then(|bound| bound.set().copied());
    match bound {
        Some(bound) if budget.max_unavailable.is_absent() => match bound {
            Amount::Percent(share) if share < 100.0 => {
                format!("{bound} of {pods} is {}, rounded up", bound.of(pods))
            }
            _ => format!("{} of {pods} must stay available", bound.of(pods)),
        },
        _ => "no pod may be unavailable".to_string(),
    }
}

/// Says how many pods there are.
fn count(architecture: &Architecture, workload: &Workload, finding: &mut Finding) {
    let Some(least) = architecture.least_pods(workload) else { return };
    let name = workload.label();
    let (place, unset) = match least.scaler {
        Some(scaler) => (scaler.min.origin.written_at(), !scaler.min.is_explicit()),
        None => (workload.replicas.origin.written_at(), !workload.replicas.is_explicit()),
    };
    let unset = match least.scaler {
        _ if !unset => "",
        Some(_) => "minimum not set: ",
        None => "replicas not set: ",
    };
    let at_least = if least.scaler.is_some() { "at least " } else { "" };
    finding.label(
        place.or(Some(workload.span())),
        format!("{unset}`{name}` has {at_least}{}", counted(least.pods, "pod")),
    );
}

/// A budget has one bound: the other one may not stand beside it.
fn remedy(format: Format, budget: &DisruptionBudget, disruption: Disruption) -> String {
    let is_hcl = format == Format::Terraform;
    let setting = if is_hcl { "max_unavailable = 1" } else { "maxUnavailable: 1" };
    let least = if is_hcl { "min_available" } else { "minAvailable" };
    let step = match budget.max_unavailable.is_absent() {
        true => format!("write `{setting}` in place of `{least}`"),
        false => format!("set `{setting}`"),
    };
    match disruption.pods {
        1 => format!("{step}, or run at least 2 pods"),
        _ => format!("{step}: one pod at a time may go"),
    }
}
