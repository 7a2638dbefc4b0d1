//! Whether fixes made things better: what is found with them is held against what was found without. Called by
//! [`super`].

use super::choose::{Chosen, Key};
use crate::engine::Report;
use crate::lint::{Category, Finding, Level};
use crate::read::Problem;
use crate::report::shown;
use crate::source::slashed;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Why fixes are taken back.
#[derive(Debug)]
pub(super) struct Fault {
    /// Which of them; `None` where that is not known yet.
    pub guilty: Option<BTreeSet<Key>>,
    /// Why, lower case, without a full stop.
    pub reason: String,
}

impl Fault {
    pub fn of_group(reason: String) -> Self {
        Self { guilty: None, reason }
    }
}

/// Looks for findings of `group` that are still there, and for findings and problems that were not.
pub(super) fn judge(before: &Report, after: &Report, group: &[Chosen], advice: bool) -> Result<(), Fault> {
    let known: BTreeSet<(&Path, &str)> = before.problems.iter().map(named).collect();
    if let Some(problem) = after.problems.iter().find(|problem| !known.contains(&named(problem))) {
        let path = slashed(&problem.path);
        return Err(Fault::of_group(format!("{path} could not be read any more: {}", problem.message)));
    }
    let least = group.iter().map(|one| one.level).min().unwrap_or(Level::Off);
    if let Some(finding) = new_finding(before, after, least) {
        let source = after.sources.get(finding.primary.span.file);
        let line = source.position(finding.primary.span.start).line;
        let place = format!("{}:{line}", source.display_path());
        let reason =
            format!("it would bring a new {}, {} at {place}: {}", finding.level, finding.lint, finding.message);
        return Err(Fault::of_group(reason));
    }
    let guilty = unhelpful(before, after, group, advice);
    if guilty.is_empty() {
        return Ok(());
    }
    Err(Fault { guilty: Some(guilty), reason: "it did not help: the finding would still be there".into() })
}

fn named(problem: &Problem) -> (&Path, &str) {
    (&problem.path, &problem.message)
}

/// The fixes that are offered again, although as many of them were applied.
fn unhelpful(before: &Report, after: &Report, group: &[Chosen], advice: bool) -> BTreeSet<Key> {
    let offered = |report: &Report| {
        let mut counts: BTreeMap<Key, usize> = BTreeMap::new();
        for finding in shown(report, advice) {
            for fix in &finding.fixes {
                *counts.entry(Key::of(report, finding, fix)).or_default() += 1;
            }
        }
        counts
    };
    let (before, after) = (offered(before), offered(after));
    let mut applied: BTreeMap<&Key, usize> = BTreeMap::new();
    for one in group {
        *applied.entry(&one.key).or_default() += 1;
    }
    let count = |counts: &BTreeMap<Key, usize>, key: &Key| counts.get(key).copied().unwrap_or_default();
    let is_back = |(key, applied): &(&Key, usize)| {
        let still = count(&after, key);
        still > 0 && still + applied > count(&before, key)
    };
    applied.into_iter().filter(is_back).map(|(key, _)| key.clone()).collect()
}

/// An active finding that was not there and is at or above a level. An allow for what is mended has become superfluous;
/// that is no loss.
fn new_finding<'r>(before: &Report, after: &'r Report, least: Level) -> Option<&'r Finding> {
    let mut known: BTreeMap<(&Path, &str, &str), Vec<Level>> = BTreeMap::new();
    for finding in weighty(before, least) {
        for name in names(finding) {
            known.entry((path(before, finding), finding.lint, name)).or_default().push(finding.level);
        }
    }
    // Each finding takes the place of the one of before that weighs as much, or of a graver one.
    known.values_mut().for_each(|levels| levels.sort_unstable());
    let mut graver_first: Vec<&Finding> = weighty(after, least).collect();
    graver_first.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    graver_first.into_iter().find(|finding| {
        let mut is_new = false;
        for name in names(finding) {
            let levels = known.get_mut(&(path(after, finding), finding.lint, name));
            let gravest = levels.and_then(|levels| levels.pop());
            is_new |= gravest.is_none_or(|level| level < finding.level);
        }
        is_new
    })
}

fn weighty(report: &Report, least: Level) -> impl Iterator<Item = &Finding> {
    let counts =
        move |finding: &&Finding| finding.is_active() && finding.level >= least && finding.category != Category::Meta;
    report.findings.iter().filter(counts)
}

fn path<'r>(report: &'r Report, finding: &Finding) -> &'r Path {
    report.sources.get(finding.primary.span.file).path()
}

/// What a finding is about, by addresses: of several that have one cause, one finding speaks of all.
fn names(finding: &Finding) -> Vec<&str> {
    if finding.things.is_empty() {
        return vec![&finding.subject.name];
    }
    finding.things.iter().map(|(_, address)| &**address).collect()
}
