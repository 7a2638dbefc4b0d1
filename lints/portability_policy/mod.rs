//! `portability-policy`: a workload that has to be portable is set off by something that only one provider has.

use crate::lint::{Category, Context, FixAvailability, Level, Lint, LintOption};
use crate::model::portability::Tie;
use crate::model::{Architecture, Trigger, Workload};
use crate::source::Span;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "portability-policy",
    category: Category::Portability,
    level: Level::Error,
    summary: "A workload that has to be portable is set off by something that only one provider has.",
    since: "0.1.0",
    fix: FixAvailability::None,
    options: &[LintOption {
        name: "policy.portability",
        default: "off",
        meaning: "`required` asks for workloads that are not tied to one provider, `off` does not",
    }],
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    for workload in architecture.workloads() {
        if let Some(asked) = cx.asks_for_portability(workload) {
            report(cx, workload, asked, &ties(architecture, workload));
        }
    }
}

/// What is known to set a workload off and to be of one provider.
fn ties<'a>(architecture: &'a Architecture, workload: &'a Workload) -> Vec<(&'a Trigger, Tie)> {
    let triggers = architecture.triggers_of(workload).filter(|trigger| trigger.is_surely_on());
    triggers.filter_map(|trigger| Some((trigger, trigger.tie(workload)?))).collect()
}

fn report(cx: &mut Context, workload: &Workload, asked: Span, ties: &[(&Trigger, Tie)]) {
    let Some(((first, tie), others)) = ties.split_first() else { return };
    let name = workload.label();
    let mut more: Vec<&str> = others.iter().map(|(_, other)| other.name).filter(|other| *other != tie.name).collect();
    more.sort_unstable();
    more.dedup();
    let also = if more.is_empty() { String::new() } else { format!(" and {}", more.join(" and ")) };
    let message = format!("`{name}` has to be portable, but is set off by {}{also}", tie.name);
    let label = |tie: &Tie| format!("{}; on any platform: {}", tie.name, tie.counterpart);
    let finding = cx.report(workload, first.span, label(tie), message);
    for (trigger, tie) in others {
        finding.label(trigger.span, label(tie));
    }
    finding.label(asked, "portability is required here");
    finding.why("what sets a workload off decides what its code receives and what has to be there for it to run: to move it, this part is written anew, and what stands behind it is replaced");
    finding.help(format!(
        "set `{name}` off by what every platform has: HTTP, a schedule, a queue or Kafka (here: {}); or make an exception for its path with `overrides` in the configuration file",
        tie.counterpart
    ));
}
