//! Every sketch that is offered on a page or for a fixture is put where it belongs: the project parses as before, and
//! archlint finds nothing wrong with what was written.

mod support;

use archlint::engine::{Input, Options, Report, run};
use archlint::fix::{Applicability, Fix, applied};
use archlint::lint::Finding;
use archlint::source::SourceId;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use support::fixes::{Texts, lint_texts};
use support::{lint_example, pages, short};

/// A finding by what it is about, whatever else the file holds.
type Key = (&'static str, String);

fn keys(report: &Report) -> BTreeMap<Key, usize> {
    let mut keys = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.is_active()) {
        *keys.entry((finding.lint, finding.subject.name.clone())).or_default() += 1;
    }
    keys
}

/// The texts with a sketch in them, and where it stands in each.
fn with(texts: &Texts, report: &Report, fix: &Fix) -> (Texts, BTreeMap<PathBuf, Vec<(usize, usize)>>) {
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

/// What is wrong with a sketch.
fn fault(texts: &Texts, before: &Report, finding: &Finding, fix: &Fix) -> Option<String> {
    let (new, places) = with(texts, before, fix);
    let after = lint_texts(&new);
    let shown = || {
        let texts = places.keys().map(|path| format!("--- {}\n{}", path.display(), new[path]));
        format!("{}\n  sketch: {}\n{}", short(before, finding), fix.title, texts.collect::<String>())
    };
    if let Some(problem) = after.problems.iter().find(|problem| before.problems.iter().all(|old| old != *problem)) {
        return Some(format!("a problem: {}\n{}", problem.message, shown()));
    }
    let old = keys(before);
    for (key, count) in keys(&after) {
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

/// Tries every sketch that a report offers.
fn try_all(texts: &Texts, report: &Report, tried: &mut BTreeMap<&'static str, usize>) -> Vec<String> {
    let mut wrong = Vec::new();
    for finding in report.findings.iter().filter(|finding| finding.is_active()) {
        for refusal in &finding.refusals {
            println!("{}\n    refused: {}: {}", short(report, finding), refusal.title, refusal.reason);
        }
        for fix in finding.fixes.iter().filter(|fix| fix.applicability == Applicability::Sketch) {
            *tried.entry(finding.lint).or_default() += 1;
            wrong.extend(fault(texts, report, finding, fix));
        }
    }
    wrong
}

#[test]
fn archlint_finds_nothing_wrong_with_the_sketches_of_pages() {
    let (mut wrong, mut tried) = (Vec::new(), BTreeMap::new());
    for page in pages() {
        for example in &page.page.examples {
            let texts = example.files.iter().map(|file| (PathBuf::from(&file.path), file.text.clone())).collect();
            let here = try_all(&texts, &lint_example(example), &mut tried);
            wrong.extend(here.into_iter().map(|one| format!("{}:{}\n  {one}", page.path, example.line)));
        }
    }
    println!("{tried:#?}");
    assert!(wrong.is_empty(), "{} sketches are wrong:\n\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn nor_with_those_of_the_fixtures() {
    let (mut wrong, mut tried) = (Vec::new(), BTreeMap::new());
    for name in ["shop", "serverless-shop", "kubernetes-shop", "terraform-shop"] {
        let report = run(Input::Paths(vec![PathBuf::from("fixtures").join(name)]), &Options::default());
        let texts = report.sources.ids().map(|id| {
            let source = report.sources.get(id);
            (source.path().to_path_buf(), source.text().to_string())
        });
        wrong.extend(try_all(&texts.collect(), &report, &mut tried));
    }
    println!("{tried:#?}");
    assert!(wrong.is_empty(), "{} sketches are wrong:\n\n{}", wrong.len(), wrong.join("\n\n"));
}
