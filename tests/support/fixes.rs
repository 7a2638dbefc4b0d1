//! Trying fixes: each alone, against what it is meant to do, and by linting what it leaves.

use super::short;
use archlint::engine::{Input, Options, Report, run};
use archlint::fix::{Applicability, Fix, applied};
use archlint::lint::{Finding, Level};
use archlint::source::SourceId;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Texts in memory, by their paths.
pub type Texts = BTreeMap<PathBuf, String>;

/// Lints texts in memory.
pub fn lint_texts(texts: &Texts) -> Report {
    run(Input::Texts(texts.iter().map(|(path, text)| (path.clone(), text.clone())).collect()), &Options::default())
}

/// Lints files and returns, for the only finding of a lint, the titles of its fixes with the lines that the first one
/// writes, and the reasons of what is refused.
pub fn offered(lint: &str, files: &[(&str, &str)]) -> (Vec<String>, Vec<String>, Vec<String>) {
    let texts: Texts = files.iter().map(|(path, text)| (PathBuf::from(path), text.to_string())).collect();
    let report = lint_texts(&texts);
    let mut findings = report.findings.iter().filter(|finding| finding.lint == lint);
    let finding = findings.next().expect("a finding");
    assert!(findings.next().is_none(), "more than one finding");
    let edits = || finding.fixes.iter().filter(|fix| fix.applicability != Applicability::Sketch);
    let titles = edits().map(|fix| format!("{} ({})", fix.title, fix.applicability)).collect();
    let mut lines = Vec::new();
    for (source, text) in edits().next().map(|fix| fix.check(&report.sources).expect("a fix")).unwrap_or_default() {
        let old = report.sources.get(source).text().clone();
        let new = text.lines().filter(|line| !old.lines().any(|known| known == *line));
        lines.extend(new.map(|line| line.trim().to_string()));
    }
    (titles, lines, finding.refusals.iter().map(|refusal| refusal.reason.clone()).collect())
}

/// What goes for the same finding in two runs: the lint, what it is about, and where that belongs.
fn key(finding: &Finding) -> (&'static str, String, String) {
    (finding.lint, finding.unit.clone(), finding.subject.name.clone())
}

fn count(report: &Report, least: Level) -> BTreeMap<(&'static str, String, String), usize> {
    let mut counts = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.is_active() && finding.level >= least) {
        *counts.entry(key(finding)).or_default() += 1;
    }
    counts
}

/// Whether a finding of one lint stands to reason once another one is mended, as it is about a step further on: pods of
/// which there may be several at once can also be scaled.
fn follows(mended: &str, found: &str) -> bool {
    mended == "outage-on-every-deploy" && found == "public-services-never-scale"
}

/// Applies one edit to the texts that a report is about and lints what comes of it: the finding must be gone, and no
/// other one at or above its level may have come. The message says what is wrong.
pub fn try_edit(
    texts: &Texts,
    before: &Report,
    finding: &Finding,
    fix: &Fix,
    lint: impl Fn(&Texts) -> Report,
) -> Result<(), String> {
    assert_ne!(fix.applicability, Applicability::Sketch);
    let place = || format!("{}\n    fix: {} ({})", short(before, finding), fix.title, fix.applicability);
    let changed = fix.check(&before.sources).map_err(|reason| format!("{}\n    {reason}", place()))?;
    let mut texts = texts.clone();
    for (source, text) in &changed {
        let path = before.sources.get(*source).path().to_path_buf();
        if texts.insert(path.clone(), text.clone()).is_none() {
            return Err(format!("{}\n    {} is not among the files", place(), path.display()));
        }
    }
    let after = lint(&texts);
    let shown = || changed.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n-----\n");
    if let Some(problem) = after.problems.iter().find(|problem| {
        before.problems.iter().all(|old| (&old.path, &old.message) != (&problem.path, &problem.message))
    }) {
        return Err(format!("{}\n    a problem: {}\n{}", place(), problem.message, shown()));
    }
    let (old, new) = (count(before, finding.level), count(&after, finding.level));
    let own = key(finding);
    let (had, has) = (old.get(&own).copied().unwrap_or(1), new.get(&own).copied().unwrap_or(0));
    if has >= had {
        return Err(format!("{}\n    is found as before\n{}", place(), shown()));
    }
    for (key, count) in new.iter().filter(|(key, _)| !follows(finding.lint, key.0)) {
        if *count > old.get(key).copied().unwrap_or(0) {
            let list = after.findings.iter().filter(|finding| self::key(finding) == *key).map(|one| short(&after, one));
            let list: Vec<String> = list.collect();
            return Err(format!("{}\n    brings another finding: {}\n{}", place(), list.join("\n"), shown()));
        }
    }
    Ok(())
}

/// A finding by what it is about, whatever else the file holds.
type Subject = (&'static str, String);

fn subjects(report: &Report) -> BTreeMap<Subject, usize> {
    let mut subjects = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.is_active()) {
        *subjects.entry((finding.lint, finding.subject.name.clone())).or_default() += 1;
    }
    subjects
}

/// The texts with a sketch in them, and where it stands in each.
pub fn with_sketch(texts: &Texts, report: &Report, fix: &Fix) -> (Texts, BTreeMap<PathBuf, Vec<(usize, usize)>>) {
    let (mut new, mut places) = (texts.clone(), BTreeMap::<PathBuf, Vec<(usize, usize)>>::new());
    let files: BTreeSet<SourceId> = fix.edits.iter().map(|edit| edit.span.file).collect();
    for source in files {
        let path = report.sources.get(source).path().to_path_buf();
        let mut shift = 0i64;
        for edit in fix.edits_of(source) {
            let start = (i64::from(edit.span.start) + shift) as usize;
            places.entry(path.clone()).or_default().push((start, start + edit.text.len()));
            shift += edit.text.len() as i64 - edit.span.range().len() as i64;
        }
        new.insert(path, applied(report.sources.get(source).text(), fix.edits_of(source)));
    }
    for file in &fix.new_files {
        assert!(!texts.contains_key(&file.path), "{} is there already", file.path.display());
        places.insert(file.path.clone(), vec![(0, file.text.len())]);
        new.insert(file.path.clone(), file.text.clone());
    }
    (new, places)
}

/// Puts a sketch where it belongs and lints what comes of it: nothing may be wrong with it, and no other finding may
/// have come. What is wrong.
pub fn sketch_fault(texts: &Texts, before: &Report, finding: &Finding, fix: &Fix) -> Option<String> {
    let (new, places) = with_sketch(texts, before, fix);
    let after = lint_texts(&new);
    let shown = || {
        let texts = places.keys().map(|path| format!("--- {}\n{}", path.display(), new[path]));
        format!("{}\n  sketch: {}\n{}", short(before, finding), fix.title, texts.collect::<String>())
    };
    if let Some(problem) = after.problems.iter().find(|problem| before.problems.iter().all(|old| old != *problem)) {
        return Some(format!("a problem: {}\n{}", problem.message, shown()));
    }
    let old = subjects(before);
    for (key, count) in subjects(&after) {
        if count > old.get(&key).copied().unwrap_or(0) {
            return Some(format!("brings another finding: {} of {}\n{}", key.0, key.1, shown()));
        }
    }
    for finding in after.findings.iter().filter(|finding| finding.is_active()) {
        for label in finding.labels() {
            let path = after.sources.get(label.span.file).path();
            let range = label.span.range();
            let sketched = places.get(path).map(Vec::as_slice).unwrap_or_default();
            if sketched.iter().any(|(start, end)| range.start < *end && range.end > *start) {
                return Some(format!("{} has a label in it\n{}", short(&after, finding), shown()));
            }
        }
    }
    None
}
