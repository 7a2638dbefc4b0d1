//! `concurrency-settings-conflict`: settings that say how many instances of a function may run contradict each other.

mod rejected;
mod reserved;

use crate::fix::Proposal;
use crate::grouping::grouped;
use crate::lint::{Category, Context, FixAvailability, Label, Level, Lint};
use crate::model::Workload;
use crate::value::Origin;
use crate::wording::and_more;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "concurrency-settings-conflict",
    category: Category::Limits,
    level: Level::Warning,
    summary: "Settings that say how many instances of a function may run contradict each other.",
    since: "0.1.0",
    fix: FixAvailability::Edit,
    options: &[],
    page: include_str!("README.md"),
    check,
};

/// Two settings of a function that cannot both be had.
struct Conflict<'a> {
    workload: &'a Workload,
    level: Level,
    /// The setting that must change, and what is to be said there.
    setting: &'a Origin,
    label: String,
    /// The message after the function's name.
    what: String,
    others: Vec<Label>,
    why: String,
    help: String,
    fix: Option<Proposal>,
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let on_demand = architecture.functions().filter(|(_, function)| function.managed_instances.known() == Some(&false));
    let conflicts = on_demand.flat_map(|(workload, function)| {
        let reserved = reserved::conflict(architecture, workload, function);
        reserved
            .into_iter()
            .chain(rejected::of_provisioned(architecture, workload, function))
            .chain(rejected::of_mappings(architecture, workload))
    });
    // One setting that several functions share is one cause.
    let by_setting = conflicts.map(|conflict| {
        let place = conflict.setting.written_at().unwrap_or(conflict.workload.span());
        ((place, conflict.label.clone()), conflict)
    });
    for ((place, label), conflicts) in grouped(by_setting) {
        let Some(first) = conflicts.first() else { continue };
        let others = conflicts.iter().filter(|conflict| conflict.workload.span() != first.workload.span()).count();
        let more = and_more(others);
        let message = format!("`{}`{more} {}", first.workload.label(), first.what);
        let finding = cx.report(first.workload, place, label, message).level(first.level);
        for conflict in &conflicts {
            conflict.others.iter().for_each(|other| _ = finding.label(other.span, other.text.clone()));
            finding.trace_origin(conflict.setting);
        }
        finding.why(first.why.clone()).help(first.help.clone());
        if let Some(fix) = &first.fix {
            finding.propose(fix.clone());
        }
    }
}
