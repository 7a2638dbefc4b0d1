//! Reads every file below the folder that the variable `ARCHLINT_CORPUS` names: every span in them is checked, as
//! `roundtrip.rs` does for the fixtures, and the whole pipeline runs over all of them at once. Real files hold what
//! nobody thinks of; they are not part of the project.

mod support;

use archlint::engine::{Input, Options, run};
use archlint::fix::Applicability;
use archlint::fix::apply::{Asked, apply, write_all};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use support::fixes::{Texts, lint_texts, sketch_fault, try_edit};
use support::trees::{self, Syntax};

#[derive(Debug, Default)]
struct Tally {
    files: usize,
    bytes: usize,
    nodes: usize,
    comments: usize,
    errors: usize,
    parsing: Duration,
}

#[test]
fn spans_of_a_corpus_are_true() {
    let Some(folder) = std::env::var_os("ARCHLINT_CORPUS") else { return };
    let mut tallies: BTreeMap<Syntax, Tally> = BTreeMap::new();
    let mut faults = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok) {
        let path = entry.path().to_string_lossy().into_owned();
        let Some(syntax) = Syntax::of(&path).filter(|_| entry.file_type().is_file()) else { continue };
        let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
        let start = Instant::now();
        let tree = syntax.parse(&text);
        let tally = tallies.entry(syntax).or_default();
        tally.parsing += start.elapsed();
        tally.files += 1;
        tally.bytes += text.len();
        tally.nodes += tree.all().count();
        tally.comments += tree.comments.len();
        tally.errors += tree.errors.len();
        for error in &tree.errors {
            println!("{path}: {} {:?}", error.message, error.span);
        }
        faults.extend(trees::faults(syntax, &tree).into_iter().map(|fault| format!("{path}: {fault}")));
    }
    println!("{tallies:#?}");
    assert!(!tallies.is_empty(), "the corpus has no files to read");
    assert!(
        faults.is_empty(),
        "{} wrong spans, the first ones:\n{}",
        faults.len(),
        faults[..faults.len().min(40)].join("\n")
    );
}

/// What real files have wrong with them. Another message is a file that archlint should read and does not, or a new
/// kind of broken file, to be looked at.
const KNOWN: &[&str] = &[
    // A document that ends in the middle, or a mapping without a colon.
    "simple key expected ':'",
    // Something in front of a block of Terraform.
    "unexpected token",
];

#[test]
fn the_whole_pipeline_takes_a_corpus() {
    let Some(folder) = std::env::var_os("ARCHLINT_CORPUS").map(PathBuf::from) else { return };
    let report = run(Input::Paths(vec![folder.clone()]), &Options::default());
    assert!(report.files > 0 && !report.workloads.is_empty(), "the corpus has nothing in it");
    let shown = |path: &PathBuf| path.strip_prefix(&folder).unwrap_or(path).display().to_string();
    let mut unknown = Vec::new();
    for problem in &report.problems {
        println!("{}:{}:{}: {}", shown(&problem.path), problem.line, problem.column, problem.message);
        if !KNOWN.contains(&problem.message.as_str()) {
            unknown.push(format!("{}:{}: {}", shown(&problem.path), problem.line, problem.message));
        }
    }
    assert!(unknown.is_empty(), "errors of another kind than the known ones:\n{}", unknown.join("\n"));
    for finding in &report.findings {
        assert!(!finding.message.is_empty() && report.sources.slice(finding.primary.span).len() < 10_000);
    }
    println!("{} files, {} findings", report.files, report.findings.len());
}

/// What became of the fixes of one lint in one kind of file.
#[derive(Debug, Default)]
struct Tries {
    edits: usize,
    sketches: usize,
    refused: BTreeMap<String, usize>,
}

/// Every fix that is offered for a repository of the corpus, applied alone: an edit does what it says, its finding is gone,
/// and no new one has come; nothing is wrong with what a sketch writes.
#[test]
fn every_fix_for_a_corpus_mends_its_finding() {
    let Some(folder) = std::env::var_os("ARCHLINT_CORPUS").map(PathBuf::from) else { return };
    let mut tries: BTreeMap<(&'static str, String), Tries> = BTreeMap::new();
    let mut wrong = Vec::new();
    for repository in repositories(&folder) {
        let report = run(Input::Paths(vec![repository]), &Options::default());
        // From here on in memory: what is tried must not touch the files.
        let sources = report.sources.ids().map(|id| report.sources.get(id));
        let texts: Texts = sources.map(|source| (source.path().to_path_buf(), source.text().to_string())).collect();
        let report = lint_texts(&texts);
        for finding in report.findings.iter().filter(|finding| finding.is_active()) {
            let path = report.sources.get(finding.primary.span.file).display_path();
            let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
            let tally = tries.entry((finding.lint, extension.to_string())).or_default();
            for refusal in &finding.refusals {
                *tally.refused.entry(refusal.reason.clone()).or_default() += 1;
            }
            for fix in &finding.fixes {
                if fix.applicability == Applicability::Sketch {
                    tally.sketches += 1;
                    wrong.extend(sketch_fault(&texts, &report, finding, fix));
                    continue;
                }
                tally.edits += 1;
                wrong.extend(try_edit(&texts, &report, finding, fix, lint_texts).err());
            }
        }
    }
    for ((lint, extension), Tries { edits, sketches, refused }) in &tries {
        println!("{lint} .{extension}: {edits} edits, {sketches} sketches, refused {refused:?}");
    }
    let sum = tries.values().map(|tries| tries.edits).sum::<usize>();
    let sketches = tries.values().map(|tries| tries.sketches).sum::<usize>();
    println!("{sum} edits and {sketches} sketches tried");
    assert!(wrong.is_empty(), "{} fixes are wrong:\n\n{}", wrong.len(), wrong.join("\n\n"));
}

/// All fixes of a repository together: in at most ten rounds nothing is left to apply, and a second run changes nothing.
#[test]
fn fixing_a_corpus_comes_to_an_end() {
    let Some(folder) = std::env::var_os("ARCHLINT_CORPUS").map(PathBuf::from) else { return };
    let asked = Asked { advice: true, at_most: Applicability::Unsafe };
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let mut wrong = Vec::new();
    let mut most_rounds = 0;
    let (mut applied, mut left): (BTreeMap<&str, usize>, BTreeMap<String, usize>) = Default::default();
    for repository in repositories(&folder) {
        let name = repository.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let copy = scratch.path().join(&name);
        copied(&repository, &copy);
        let paths = [copy];
        let outcome = apply(&paths, &Options::default(), asked);
        most_rounds = most_rounds.max(outcome.rounds);
        outcome.applied.iter().for_each(|one| *applied.entry(one.lint).or_default() += 1);
        for (one, reason) in &outcome.left {
            println!("{name}: {} {}: not applied, {reason}", one.lint, one.title);
            *left.entry(one.lint.to_string()).or_default() += 1;
        }
        let unwritten = write_all(&outcome, &paths);
        let again = apply(&paths, &Options::default(), asked);
        if outcome.is_cut_off || !unwritten.is_empty() || !again.changed.is_empty() {
            let titles: Vec<&str> = again.applied.iter().map(|one| one.title.as_str()).collect();
            wrong.push(format!("{name}: {unwritten:?} {titles:?}"));
        }
    }
    println!("{most_rounds} rounds at most; applied {applied:#?}\nnot applied {left:#?}");
    assert!(wrong.is_empty(), "not at rest after a run:\n{}", wrong.join("\n"));
}

fn repositories(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the corpus").flatten();
    let mut repositories: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    repositories.sort();
    repositories
}

/// Copies a directory; symbolic links are left out, as what they lead to is not to be written.
fn copied(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().flatten() {
        let target = to.join(entry.path().strip_prefix(from).expect("it is below"));
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(target).expect("a directory");
        } else if entry.file_type().is_file() {
            // Without the mode: the corpus may be read-only.
            std::fs::write(target, std::fs::read(entry.path()).expect("a file")).expect("a copy");
        }
    }
}
