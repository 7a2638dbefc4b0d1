//! What tests share: running examples through the whole pipeline, and reading the catalogue's pages.

#![allow(dead_code)] // each test file uses its own part

pub mod fixes;
pub mod model;
pub mod scratch;
pub mod trees;

use archlint::engine::{Input, Options, Report, run};
use archlint::lint::{Finding, Lint};
use archlint::lints;
use archlint::page::{Example, Page};
use proptest::test_runner::{Config, RngSeed};
use std::path::{Path, PathBuf};

/// How property tests draw their cases: the same ones on every run, so that a change is judged by what it changes.
/// `PROPTEST_RNG_SEED` draws others, `PROPTEST_CASES` more.
pub fn drawn(cases: u32) -> Config {
    let asked = Config::default();
    Config {
        cases: if std::env::var_os("PROPTEST_CASES").is_some() { asked.cases } else { cases },
        rng_seed: if asked.rng_seed == RngSeed::Random { RngSeed::Fixed(1) } else { asked.rng_seed },
        failure_persistence: None, // a failing case becomes a test by hand; nothing writes beside the tests
        ..asked
    }
}

/// Lints texts in memory with all lints.
pub fn lint(files: &[(&str, &str)]) -> Report {
    lint_with(files, &Options::default())
}

/// Lints texts in memory.
pub fn lint_with(files: &[(&str, &str)], options: &Options) -> Report {
    let texts = files.iter().map(|(path, text)| (PathBuf::from(path), text.to_string())).collect();
    run(Input::Texts(texts), options)
}

/// Lints one example of a page with all lints.
pub fn lint_example(example: &Example) -> Report {
    let files: Vec<_> = example.files.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
    lint(&files)
}

/// The path and the line on which a finding's primary label starts.
pub fn place(report: &Report, finding: &Finding) -> (String, usize) {
    let span = finding.primary.span;
    (report.sources.get(span.file).display_path(), report.sources.start(span).line)
}

/// One finding on one line: `main.tf:3:5: warning: message [lint]`.
pub fn short(report: &Report, finding: &Finding) -> String {
    let span = finding.primary.span;
    let (path, line) = place(report, finding);
    let column = report.sources.start(span).column;
    format!("{path}:{line}:{column}: {}: {} [{}]", finding.level, finding.message, finding.lint)
}

/// The folder of a lint below `lints/`.
pub fn folder(lint: &Lint) -> String {
    lint.id.replace('-', "_")
}

/// A page or a `cases.md` of a lint.
pub struct Written {
    pub lint: &'static Lint,
    /// Its path, as a message names it.
    pub path: String,
    pub page: Page,
}

/// Every page and every `cases.md`; with `LINT=some-id` in the environment, those of that lint.
pub fn pages() -> Vec<Written> {
    let only = std::env::var("LINT").ok();
    let wanted = lints::ALL.iter().filter(|lint| only.as_deref().is_none_or(|id| id == lint.id));
    let pages: Vec<Written> = wanted.flat_map(|lint| pages_of(lint)).collect();
    assert!(!pages.is_empty(), "no lint has the id that LINT names");
    pages
}

fn pages_of(lint: &'static Lint) -> Vec<Written> {
    let parse = |path: String, text: &str| {
        let page = Page::parse(text).unwrap_or_else(|error| panic!("{path}, {error}"));
        Written { lint, path, page }
    };
    let mut pages = vec![parse(format!("lints/{}/README.md", folder(lint)), lint.page)];
    let cases = format!("lints/{}/cases.md", folder(lint));
    if let Ok(text) = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&cases)) {
        pages.push(parse(cases, &text));
    }
    pages
}
