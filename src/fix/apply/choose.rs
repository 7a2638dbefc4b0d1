//! Which fixes a round applies. Called by [`super`].

use super::super::together::Taken;
use super::super::{Applicability, Fix};
use crate::engine::Report;
use crate::lint::{Finding, Level};
use crate::report::shown;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// The fixes of advice, too.
    pub advice: bool,
    /// The boldest fixes that may be applied; sketches never are.
    pub at_most: Applicability,
}

impl Asked {
    fn allows(self, fix: &Fix) -> bool {
        fix.applicability <= self.at_most && fix.applicability != Applicability::Sketch && !fix.edits.is_empty()
    }
}

/// A fix, in the words of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Where the finding is, as it is shown.
    pub path: PathBuf,
    /// The line of the finding when the fix was looked at.
    pub line: usize,
    /// The lint that found it.
    pub lint: &'static str,
    /// What the fix does.
    pub title: String,
    /// The files that it changes, as they are shown.
    pub files: Vec<PathBuf>,
}

/// What a finding and a fix of it are called; the same once other lines or values have changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    path: PathBuf,
    lint: &'static str,
    unit: String,
    subject: String,
    title: String,
}

impl Key {
    pub fn of(report: &Report, finding: &Finding, fix: &Fix) -> Self {
        Self {
            path: report.sources.get(finding.primary.span.file).path().to_path_buf(),
            lint: finding.lint,
            unit: finding.unit.clone(),
            subject: finding.subject.name.clone(),
            title: fix.title.clone(),
        }
    }
}

/// Fixes that are not tried again, each with the line that it was about: a comment may stand in a file many times.
pub(super) type Barred = BTreeSet<(Key, String)>;

/// A fix that is to be applied.
#[derive(Debug)]
pub(super) struct Chosen {
    pub key: Key,
    /// What bars it.
    pub mark: (Key, String),
    /// The level of the finding.
    pub level: Level,
    pub named: Named,
    pub fix: Fix,
}

impl Chosen {
    pub fn of(report: &Report, finding: &Finding, fix: &Fix) -> Self {
        let source = report.sources.get(finding.primary.span.file);
        let line = source.position(finding.primary.span.start).line;
        let written = source.line_range(line).and_then(|range| source.text().get(range)).unwrap_or("");
        let key = Key::of(report, finding, fix);
        let files = fix.files().into_iter().map(|file| report.sources.get(file).path().to_path_buf()).collect();
        let path = source.path().to_path_buf();
        let named = Named { path, line, lint: finding.lint, title: fix.title.clone(), files };
        Self { mark: (key.clone(), written.to_string()), key, level: finding.level, named, fix: fix.clone() }
    }
}

/// For each shown finding its first fix that is asked for and not barred, unless one before it is in the way; and the
/// fixes of files that may not be changed, with the reason. What is in the way now may be gone in the next round.
pub(super) fn choose(
    report: &Report,
    asked: Asked,
    barred: &Barred,
    mut admit: impl FnMut(&Path) -> Result<(), String>,
) -> (Vec<Chosen>, Vec<(Chosen, String)>) {
    let mut taken = Taken::default();
    let (mut chosen, mut refused) = (Vec::new(), Vec::new());
    for finding in shown(report, asked.advice) {
        for fix in finding.fixes.iter().filter(|fix| asked.allows(fix)) {
            let one = Chosen::of(report, finding, fix);
            if barred.contains(&one.mark) {
                continue;
            }
            let mut files = fix.files().into_iter().map(|file| report.sources.get(file).path());
            if let Err(reason) = files.try_for_each(&mut admit) {
                refused.push((one, reason));
                continue;
            }
            if taken.take(fix) {
                chosen.push(one);
            }
            break;
        }
    }
    (chosen, refused)
}
