//! Reads every file below the folder that the variable `ARCHLINT_CORPUS` names and checks every span in them, as
//! `roundtrip.rs` does for the fixtures. Real files hold what nobody thinks of; they are not part of the project.

mod support;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};
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
