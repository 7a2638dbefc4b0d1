//! `concurrency-settings-conflict`: settings that say how many instances of a function may run contradict each other.

use crate::facts::aws;
use crate::grouping::grouped;
use crate::lint::{Category, Context, Label, Level, Lint};
use crate::model::{Architecture, FunctionSettings, Workload};
use crate::value::{How, Origin, Sourced};

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "concurrency-settings-conflict",
    category: Category::Limits,
    level: Level::Warning,
    summary: "Settings that say how many instances of a function may run contradict each other.",
    since: "0.1.0",
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
}

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let on_demand = architecture.functions().filter(|(_, function)| function.managed_instances.known() == Some(&false));
    let conflicts = on_demand.flat_map(|(workload, function)| {
        let reserved = function.reserved_concurrency.set().copied();
        let reserved = reserved.and_then(|reserved| of_reserved(architecture, workload, function, reserved));
        reserved
            .into_iter()
            .chain(of_provisioned(architecture, workload, function))
            .chain(of_mappings(architecture, workload))
    });
    // One setting that several functions share is one cause.
    let by_setting = conflicts.map(|conflict| {
        let place = conflict.setting.written_at().unwrap_or(conflict.workload.span());
        ((place, conflict.label.clone()), conflict)
    });
    for ((place, label), conflicts) in grouped(by_setting) {
        let Some(first) = conflicts.first() else { continue };
        let others = conflicts.iter().filter(|conflict| conflict.workload.span() != first.workload.span()).count();
        let more = if others > 0 { format!(" and {others} more") } else { String::new() };
        let message = format!("`{}`{more} {}", first.workload.label(), first.what);
        let finding = cx.report(first.workload, place, label, message).level(first.level);
        for conflict in &conflicts {
            conflict.others.iter().for_each(|other| _ = finding.label(other.span, other.text.clone()));
            finding.trace_origin(conflict.setting);
        }
        finding.why(first.why.clone()).help(first.help.clone());
    }
}

/// What a function reserves is less than what something else asks for.
fn of_reserved<'a>(
    architecture: &'a Architecture,
    workload: &'a Workload,
    function: &'a FunctionSettings,
    reserved: u64,
) -> Option<Conflict<'a>> {
    let setting = &function.reserved_concurrency.origin;
    let conflict = |level, what, others, why, help| {
        let label = format!("{} at most", instances(reserved));
        Some(Conflict { workload, level, setting, label, what, others, why, help })
    };
    let kept = architecture.instances_kept(workload);
    if kept > reserved {
        let kept_at = |kept: &'a Sourced<Option<u64>>| Some(Label::new(kept.origin.site()?, "kept initialised"));
        let others = architecture.kept_initialised(workload).into_iter().filter_map(kept_at).collect();
        return conflict(
            Level::Error,
            format!("keeps {} initialised, but reserves {reserved}", instances(kept)),
            others,
            "AWS Lambda rejects it: instances that are kept initialised are part of those that are reserved"
                .to_string(),
            format!("reserve {kept} or more, or keep fewer initialised"),
        );
    }
    if reserved == 0 {
        let why = "every invocation is throttled: AWS Lambda uses a reserved concurrency of 0 as the switch that turns a function off";
        let help = "remove the setting when it shall run again, or the function when it shall not".to_string();
        return conflict(
            Level::Advice,
            "reserves no instances, so it never runs".to_string(),
            Vec::new(),
            why.into(),
            help,
        );
    }
    let limits: Vec<_> = architecture.queue_mappings_of(workload).map(|(_, one)| &one.maximum_concurrency).collect();
    let asked = limits.iter().filter_map(|limit| limit.set()).fold(0, |sum: u64, limit| sum.saturating_add(*limit));
    if asked > reserved {
        let label = |limit: &&'a Sourced<Option<u64>>| {
            Some(Label::new(limit.origin.site()?, format!("this mapping may start {}", limit.set()?)))
        };
        let whose = if limits.len() == 1 { "its queue mapping" } else { "its queue mappings" };
        return conflict(
            Level::Warning,
            format!("reserves {}, but {whose} may start {asked} at once", instances(reserved)),
            limits.iter().filter_map(label).collect(),
            format!(
                "invocations beyond {reserved} are throttled: their messages go back to the queue, are counted as received, and may end in the dead-letter queue without having been worked on"
            ),
            format!("reserve {asked} or more, or lower the maximum concurrencies until they add up to {reserved}"),
        );
    }
    let first = &aws::SQS_FIRST_BATCHES;
    let mut mappings = architecture.queue_mappings_of(workload).filter(|_| reserved < first.whole());
    let (trigger, mapping) = mappings.find(|(_, mapping)| mapping.is_unlimited())?;
    // One instance at a time is a way to have messages worked on in turn, where somebody decided it for this function;
    // how many groups a first in, first out queue has no file says.
    let is_default = setting.passes(|how| matches!(how, How::VariableDefault(_)));
    let is_fifo = architecture.is_fifo(mapping) == Some(true);
    let on_purpose = is_fifo || reserved == 1 && !is_default;
    let started =
        if is_fifo { "one for each group of messages".to_string() } else { format!("{} at once", first.amount()) };
    conflict(
        if on_purpose { Level::Advice } else { Level::Warning },
        format!("reserves {}, but Lambda starts {started} for its queue", instances(reserved)),
        vec![Label::new(trigger.span, "no maximum concurrency on this mapping")],
        format!(
            "a mapping starts {started}, whatever the function reserves ({}): batches that are throttled go back to the queue, are counted as received, and may end in the dead-letter queue without having been worked on",
            first.citation()
        ),
        "limit the mapping instead of the function: set its maximum concurrency (2 at least), or reserve 5 or more; for messages in strict order use a first in, first out queue with one group".to_string(),
    )
}

/// Provisioned concurrency where there can be none.
fn of_provisioned<'a>(
    architecture: &'a Architecture,
    workload: &'a Workload,
    function: &'a FunctionSettings,
) -> Option<Conflict<'a>> {
    let (label, level) = ("kept initialised".to_string(), Level::Error);
    if let Some(kept) = architecture.kept_unpublished(workload) {
        let others = vec![Label::new(workload.span(), "publishes no version")];
        let what = "keeps instances of its unpublished code initialised".to_string();
        let why = "AWS Lambda rejects it: provisioned concurrency belongs to a published version or an alias of one, never to $LATEST".to_string();
        let help = "publish a version with every deployment (`publish = true`, `AutoPublishAlias: live`) and keep instances of it".to_string();
        return Some(Conflict { workload, level, setting: &kept.origin, label, what, others, why, help });
    }
    let kept = architecture.kept_initialised(workload).into_iter().next()?;
    if function.snap_start.known() != Some(&true) {
        return None;
    }
    let others = vec![Label::new(function.snap_start.origin.site().unwrap_or(workload.span()), "SnapStart is on")];
    let what = "has both SnapStart and provisioned concurrency".to_string();
    let why = "AWS Lambda rejects a version with both, and Serverless Framework the service: an instance that is kept initialised has no start to shorten".to_string();
    let help =
        "keep SnapStart and remove the provisioned concurrency, unless starts within a second are still too slow"
            .to_string();
    Some(Conflict { workload, level, setting: &kept.origin, label, what, others, why, help })
}

/// Mappings with both ways to say how fast they read.
fn of_mappings<'a>(architecture: &'a Architecture, workload: &'a Workload) -> impl Iterator<Item = Conflict<'a>> {
    architecture.queue_mappings_of(workload).filter_map(move |(_, mapping)| {
        let maximum = mapping.maximum_concurrency.set()?;
        if mapping.provisioned_pollers.known() != Some(&true) {
            return None;
        }
        let pollers = mapping.provisioned_pollers.origin.site()?;
        Some(Conflict {
            workload,
            level: Level::Error,
            setting: &mapping.maximum_concurrency.origin,
            label: format!("{maximum} at most"),
            what: "has a queue mapping with both a maximum concurrency and provisioned pollers".to_string(),
            others: vec![Label::new(pollers, "pollers are provisioned here")],
            why: "AWS Lambda rejects the mapping: its speed is limited by one or the other, the number of pollers being a limit by itself".to_string(),
            help: "remove one of them; the maximum of pollers limits a mapping in provisioned mode".to_string(),
        })
    })
}

fn instances(count: u64) -> String {
    if count == 1 { "1 instance".to_string() } else { format!("{count} instances") }
}
