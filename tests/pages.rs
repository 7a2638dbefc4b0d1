//! The pages of the lints are their tests: every example is linted, and what its marks say must be what is found.

mod support;

use archlint::lints;
use archlint::page::{Example, Page};
use archlint::report::human::{Shown, Style, render};
use std::fmt::Write;
use support::{Written, lint_example, pages, place, short};

/// What an example shows and what was found, where the two differ; `None` where they agree.
fn disagreement(id: &str, example: &Example) -> Option<String> {
    let report = lint_example(example);
    let active = || report.findings.iter().filter(|finding| finding.is_active());
    let mut expected: Vec<(String, usize)> = Vec::new();
    let mut wrong = String::new();
    for mark in &example.expected {
        let at = (mark.path.clone(), mark.line);
        if mark.lint == id {
            expected.push(at);
        } else if lints::find(&mark.lint).is_none() {
            let _ = writeln!(wrong, "    a mark names `{}`, which is no lint", mark.lint);
        } else if !active().any(|finding| finding.lint == mark.lint && place(&report, finding) == at) {
            // Marks of other lints need not be complete, but they must be right.
            let _ = writeln!(wrong, "    expected  {}:{} {}", mark.path, mark.line, mark.lint);
        }
    }
    let own: Vec<_> = active().filter(|finding| finding.lint == id).collect();
    let mut found: Vec<(String, usize)> = own.iter().map(|finding| place(&report, finding)).collect();
    expected.sort();
    found.sort();
    if expected != found {
        let list = |places: &[(String, usize)]| match places {
            [] => "nothing".to_string(),
            places => places.iter().map(|(path, line)| format!("{path}:{line}")).collect::<Vec<_>>().join(", "),
        };
        let _ = writeln!(wrong, "    expected  {}", list(&expected));
        let _ = writeln!(wrong, "    got       {}", list(&found));
        for finding in own {
            let _ = writeln!(wrong, "              {}", short(&report, finding));
        }
        for note in &report.notes {
            let _ = writeln!(wrong, "    note      {}:{}: {}", note.path.display(), note.line, note.message);
        }
    }
    for problem in &report.problems {
        let at = format!("{}:{}:{}", problem.path.display(), problem.line, problem.column);
        let _ = writeln!(wrong, "    problem   {at}: {}", problem.message);
    }
    if report.files != example.files.len() {
        let _ = writeln!(wrong, "    only {} of {} files are read", report.files, example.files.len());
    }
    (!wrong.is_empty()).then_some(wrong)
}

#[test]
fn every_example_has_exactly_the_findings_that_it_marks() {
    let mut wrong = String::new();
    for Written { lint, path, page } in pages() {
        for example in &page.examples {
            if let Some(difference) = disagreement(lint.id, example) {
                let _ = write!(wrong, "\n  {path}:{}\n{difference}", example.line);
            }
        }
    }
    assert!(wrong.is_empty(), "examples that do not show what they say:\n{wrong}");
}

/// One snapshot a lint: what a reader sees of the examples that it flags, with the fixes that it offers.
#[test]
fn every_report_reads_as_it_did() {
    for Written { lint, path, page } in pages() {
        let mut text = String::new();
        for example in &page.examples {
            let mut report = lint_example(example);
            report.findings.retain(|finding| finding.lint == lint.id && finding.is_active());
            if !report.findings.is_empty() {
                let style = Style { width: 100, color: false, narrated: false };
                let shown = Shown { advice: true, fixes: true, ..Shown::default() };
                let _ = writeln!(text, "{path}:{}\n\n{}", example.line, render(&report, style, shown));
            }
        }
        let name = if path.ends_with("cases.md") { format!("{}-cases", lint.id) } else { lint.id.to_string() };
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, text);
        });
    }
}

/// The comparison above must be able to fail in both directions.
#[test]
fn a_mark_without_a_finding_and_a_finding_without_a_mark_are_told() {
    let example = |line: &str| {
        let text = format!("# a-page\n\nA summary.\n\n```hcl main.tf\nlocals {{}}\n{line}\n```\n");
        Page::parse(&text).expect("a page").examples.remove(0)
    };
    let allow = "# archlint: allow(no-such-lint)";
    assert_eq!(disagreement("unused-allow", &example(&format!("{allow} #~ unused-allow"))), None);

    let unmarked = disagreement("unused-allow", &example(allow)).expect("a difference");
    assert!(unmarked.contains("expected  nothing") && unmarked.contains("got       main.tf:2"), "{unmarked}");

    let unfound = disagreement("unused-allow", &example("# nothing #~ unused-allow")).expect("a difference");
    assert!(unfound.contains("expected  main.tf:2") && unfound.contains("got       nothing"), "{unfound}");

    let other = disagreement("timeout-beyond-caller", &example("# nothing #~ unused-allow")).expect("a difference");
    assert!(other.contains("expected  main.tf:2 unused-allow"), "{other}");

    let misnamed = disagreement("unused-allow", &example("# nothing #~ no-such-lint")).expect("a difference");
    assert!(misnamed.contains("no lint"), "{misnamed}");

    let broken = disagreement("unused-allow", &example("locals {")).expect("a difference");
    assert!(broken.contains("problem   main.tf:"), "{broken}");
}
