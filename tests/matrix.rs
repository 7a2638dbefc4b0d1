//! Every lint over every page and every fixture: what is found beyond what a page is about stands in one snapshot, so
//! that a lint that starts to fire on the clean example of another shows up in review.

mod support;

use archlint::engine::{Input, Options, Report, run};
use archlint::lints;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;
use support::{Written, lint_example, pages, short};

/// All findings, a line each, but for those of one lint.
fn list(report: &Report, except: Option<&str>) -> String {
    let mut text = String::new();
    for finding in report.findings.iter().filter(|finding| Some(finding.lint) != except) {
        let allowed = if finding.is_active() { "" } else { " (allowed)" };
        let _ = writeln!(text, "    {}{allowed}", short(report, finding));
    }
    text
}

/// Findings of other lints on the examples of each page. Those of its own are marked on it, and tests/pages.rs shows
/// them in full.
#[test]
fn what_other_lints_find_on_a_page() {
    if std::env::var_os("LINT").is_some() {
        return; // the snapshot is about all pages
    }
    let mut text = String::new();
    for Written { lint, path, page } in pages() {
        for example in &page.examples {
            let found = list(&lint_example(example), Some(lint.id));
            if !found.is_empty() {
                let is_flagged = example.expected.iter().any(|mark| mark.lint == lint.id);
                let kind = if is_flagged { "flagged" } else { "clean" };
                let _ = writeln!(text, "{path}:{} ({kind})\n{found}", example.line);
            }
        }
    }
    insta::assert_snapshot!("pages", text);
}

#[test]
fn what_all_lints_find_in_the_fixtures() {
    let folder = PathBuf::from("fixtures");
    let mut projects: Vec<PathBuf> =
        std::fs::read_dir(&folder).expect("the fixtures").flatten().map(|entry| entry.path()).collect();
    projects.sort();
    let mut text = String::new();
    for project in projects {
        let report = run(Input::Paths(vec![project.clone()]), &Options::default());
        let name = project.file_name().unwrap_or_default().to_string_lossy();
        let _ = writeln!(text, "{name}\n{}", list(&report, None));
    }
    insta::assert_snapshot!("fixtures", text);
}

/// A lint that nothing in this repository sets off is a lint that nobody has seen work.
#[test]
fn every_lint_is_heard() {
    let examples = pages().into_iter().flat_map(|written| written.page.examples);
    let heard: BTreeSet<&str> =
        examples.flat_map(|example| lint_example(&example).findings).map(|finding| finding.lint).collect();
    let only = std::env::var("LINT").ok();
    let silent: Vec<&str> = lints::ALL
        .iter()
        .map(|lint| lint.id)
        .filter(|id| only.as_deref().is_none_or(|only| only == *id) && !heard.contains(id))
        .collect();
    assert!(silent.is_empty(), "{silent:?}");
}
