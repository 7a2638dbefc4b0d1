//! Settings that AWS Lambda does not take together.

use super::Conflict;
use crate::fix::{New, Proposal};
use crate::lint::{Label, Level};
use crate::model::{Architecture, FunctionSettings, Workload};

/// Provisioned concurrency where there can be none.
pub(super) fn of_provisioned<'a>(
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
        let fix = published(architecture, workload, function);
        return Some(Conflict { workload, level, setting: &kept.origin, label, what, others, why, help, fix });
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
    // What is rejected now is deployed nowhere.
    let fix = Proposal::safe("remove the provisioned concurrency").remove(kept);
    Some(Conflict { workload, level, setting: &kept.origin, label, what, others, why, help, fix: Some(fix) })
}

/// A version with every deployment, where that is a setting of the function and what is kept follows it.
fn published(architecture: &Architecture, workload: &Workload, function: &FunctionSettings) -> Option<Proposal> {
    let publishes = &function.publishes;
    let is_setting = publishes.is_explicit() || publishes.origin.slot().is_some();
    let mut latest = architecture.aliases_of(workload).filter(|alias| alias.is_published.known() == Some(&false));
    // What is tied to `$LATEST` by name stays there.
    let follows = latest.all(|alias| alias.is_published.origin == publishes.origin);
    (publishes.known() == Some(&false) && is_setting && follows)
        .then(|| Proposal::risky("publish a version with every deployment").set(publishes, New::Boolean(true)))
}

/// Mappings with both ways to say how fast they read.
pub(super) fn of_mappings<'a>(
    architecture: &'a Architecture,
    workload: &'a Workload,
) -> impl Iterator<Item = Conflict<'a>> {
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
            fix: Some(Proposal::safe("remove the maximum concurrency").remove(&mapping.maximum_concurrency)),
        })
    })
}
