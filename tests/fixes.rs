//! Every fix that is offered on a page or for a fixture is tried: applied alone it does what it says, its finding is
//! gone, and no new one has come.

mod support;

use archlint::engine::Report;
use archlint::fix::Applicability;
use archlint::lints;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use support::fixes::{Texts, lint_texts, try_edit};
use support::{lint_example, pages};

/// Tries every edit that a report offers; what is wrong with any of them, and how many were tried by lint.
fn try_all(texts: &Texts, report: &Report, tried: &mut BTreeMap<&'static str, usize>) -> Vec<String> {
    let mut wrong = Vec::new();
    for finding in report.findings.iter().filter(|finding| finding.is_active()) {
        for fix in finding.fixes.iter().filter(|fix| fix.applicability != Applicability::Sketch) {
            *tried.entry(finding.lint).or_default() += 1;
            wrong.extend(try_edit(texts, report, finding, fix, lint_texts).err());
        }
    }
    wrong
}

#[test]
fn every_edit_on_a_page_mends_its_finding() {
    let mut wrong = Vec::new();
    let mut tried = BTreeMap::new();
    for page in pages() {
        for example in &page.page.examples {
            let texts = example.files.iter().map(|file| (PathBuf::from(&file.path), file.text.clone())).collect();
            let report = lint_example(example);
            let here = try_all(&texts, &report, &mut tried);
            wrong.extend(here.into_iter().map(|one| format!("{}:{}\n  {one}", page.path, example.line)));
        }
    }
    println!("{tried:#?}");
    assert!(wrong.is_empty(), "{} fixes are wrong:\n\n{}", wrong.len(), wrong.join("\n\n"));
}

/// What a lint says about its fixes is what its page shows: an edit or a sketch for some finding, or none for any.
#[test]
fn a_page_shows_the_fixes_that_its_lint_has() {
    let mut offered: BTreeMap<&str, BTreeSet<Applicability>> = BTreeMap::new();
    for page in pages() {
        for example in &page.page.examples {
            for finding in lint_example(example).findings.iter().filter(|finding| finding.lint == page.lint.id) {
                let kinds = finding.fixes.iter().map(|fix| fix.applicability);
                offered.entry(page.lint.id).or_default().extend(kinds);
            }
        }
    }
    for lint in lints::ALL.iter().filter(|lint| offered.contains_key(lint.id)) {
        let kinds = &offered[lint.id];
        let has_edits = kinds.iter().any(|kind| *kind != Applicability::Sketch);
        let has_sketches = kinds.contains(&Applicability::Sketch);
        assert_eq!(lint.fix.has_edits(), has_edits, "{}: edits", lint.id);
        assert_eq!(lint.fix.has_sketches(), has_sketches, "{}: sketches", lint.id);
    }
}
