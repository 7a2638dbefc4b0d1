//! Every fix that is offered on a page or for a fixture is tried: applied alone it does what it says, its finding is
//! gone, and no new one has come. The same holds however the files are written.

mod support;

use archlint::engine::Report;
use archlint::fix::Applicability;
use archlint::lints;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use support::fixes::{Texts, lint_texts, try_edit};
use support::{drawn, lint_example, pages, short};

/// Tries every edit that a report offers; what is wrong with any of them, and how many were tried by lint.
fn try_all(texts: &Texts, report: &Report, tried: &mut BTreeMap<&'static str, usize>) -> Vec<String> {
    let mut wrong = Vec::new();
    for finding in report.findings.iter().filter(|finding| finding.is_active()) {
        for refusal in &finding.refusals {
            println!("{}\n    refused: {}: {}", short(report, finding), refusal.title, refusal.reason);
        }
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

/// How else a file could be written: nothing of it changes what it means.
#[derive(Debug, Clone, Copy)]
struct Manner {
    carriage_returns: bool,
    final_newline: bool,
    byte_order_mark: bool,
    /// Which lines get a comment at their end, by a mask.
    comments: u64,
    /// Which lines get a comment of their own in front of them.
    remarks: u64,
}

fn manners() -> impl Strategy<Value = Manner> {
    let switches = (any::<bool>(), any::<bool>(), any::<bool>());
    (switches, any::<u64>(), any::<u64>()).prop_map(|((carriage_returns, final_newline, mark), comments, remarks)| {
        Manner { carriage_returns, final_newline, byte_order_mark: mark, comments: comments & remarks, remarks }
    })
}

/// A text written in another manner. Comments only go to lines where they are comments whatever stands around them.
fn rewritten(path: &str, text: &str, manner: Manner) -> String {
    let takes_comments =
        !path.ends_with(".json") && !text.contains("<<") && !text.contains("|\n") && !text.contains(">\n");
    let mut lines: Vec<String> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let is_marked = |mask: u64| takes_comments && mask >> (number % 64) & 1 == 1;
        // A scalar over several lines may go on in the next one.
        let is_entry = line.contains(": ") || line.ends_with(':') || line.contains(" = ");
        if is_marked(manner.remarks) && is_entry && !line.trim_start().starts_with('#') {
            let indent: String = line.chars().take_while(|c| *c == ' ').collect();
            lines.push(format!("{indent}# remark {number}"));
        }
        match is_marked(manner.comments) && is_entry && !line.contains('#') {
            true => lines.push(format!("{line} # comment {number}")),
            false => lines.push(line.to_string()),
        }
    }
    let newline = if manner.carriage_returns { "\r\n" } else { "\n" };
    let mut text = lines.join(newline);
    if manner.final_newline {
        text.push_str(newline);
    }
    if manner.byte_order_mark { format!("\u{feff}{text}") } else { text }
}

proptest! {
    #![proptest_config(drawn(150))]

    #[test]
    fn edits_hold_however_a_file_is_written(page in any::<prop::sample::Index>(), manner in manners()) {
        let pages = pages();
        let page = &pages[page.index(pages.len())];
        for example in page.page.examples.iter().filter(|example| !example.must_be_clean) {
            let write = |path: &str, text: &str| (PathBuf::from(path), rewritten(path, text, manner));
            let texts: Texts = example.files.iter().map(|file| write(&file.path, &file.text)).collect();
            let report = lint_texts(&texts);
            let wrong = try_all(&texts, &report, &mut BTreeMap::new());
            prop_assert!(wrong.is_empty(), "{}:{}\n{}", page.path, example.line, wrong.join("\n"));
        }
    }
}
