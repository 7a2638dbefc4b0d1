//! What `--fix` did, line by line, for standard error. Called by the command line.

use super::{shown, visible};
use crate::fix::apply::{Dirty, MOST_ROUNDS, Named, Outcome};
use crate::source::slashed;
use crate::wording::{and_more, counted};
use std::path::{Path, PathBuf};

/// Changes that are named before the rest is counted.
const MOST_CHANGES: usize = 3;

/// How much to tell.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    /// Fixes of advice count.
    pub advice: bool,
    /// Unsafe fixes were asked for, so those that are left are not offered again.
    pub unsafe_fixes: bool,
    /// What lints proposed and cannot be written, too.
    pub refusals: bool,
}

/// Everything that was applied, and what was not; `failed` could not be written.
pub fn render(outcome: &Outcome, failed: &[(PathBuf, String)], told: Told) -> String {
    let mut out = String::new();
    let is_written = |named: &&Named| !named.files.iter().any(|file| failed.iter().any(|(path, _)| path == file));
    let (fixed, unwritten): (Vec<&Named>, Vec<&Named>) = outcome.applied.iter().partition(is_written);
    for named in &fixed {
        out.push_str(&format!("fixed {}\n", name(named)));
    }
    for named in unwritten {
        out.push_str(&format!("not fixed {}: not all of its files could be written\n", name(named)));
    }
    for (named, reason) in &outcome.left {
        out.push_str(&format!("not fixed {}: {}\n", name(named), visible(reason)));
    }
    if told.refusals {
        out.push_str(&refusals(outcome, told.advice));
    }
    for (path, reason) in failed {
        out.push_str(&format!("error: {} was not written: {}\n", shown_path(path), visible(reason)));
    }
    let offered = if told.unsafe_fixes { 0 } else { outcome.unsafe_fixes(told.advice) };
    match (offered, fixed.is_empty()) {
        (0, _) => {}
        (1, nothing) => {
            let more = if nothing { "1 fix" } else { "1 more fix" };
            out.push_str(&format!("{more} is unsafe: --unsafe-fixes applies it\n"));
        }
        (number, nothing) => {
            let more = if nothing { "fixes" } else { "more fixes" };
            out.push_str(&format!("{number} {more} are unsafe: --unsafe-fixes applies them\n"));
        }
    }
    if outcome.is_cut_off {
        out.push_str(&format!("there are still fixes after {MOST_ROUNDS} rounds; the next run goes on\n"));
    }
    let rounds = counted(outcome.rounds, "round");
    let written = counted(outcome.changed.len().saturating_sub(failed.len()), "file");
    match fixed.is_empty() {
        true => out.push_str("nothing was fixed\n"),
        false => out.push_str(&format!("{} in {rounds}, {written} written\n", fixes(fixed.len()))),
    }
    out
}

/// That nothing is written beside changes of somebody else.
pub fn dirty(dirty: &Dirty, fixes: usize) -> String {
    let named: Vec<String> = dirty.changes.iter().take(MOST_CHANGES).map(|path| visible(path)).collect();
    let more = and_more(dirty.changes.len().saturating_sub(MOST_CHANGES));
    let work_tree = shown_path(&crate::discover::shown(&dirty.work_tree));
    let place =
        if work_tree.is_empty() { "this git work tree".into() } else { format!("the git work tree {work_tree}") };
    let fixes = self::fixes(fixes);
    format!(
        "error: {place} has uncommitted changes: {}{more}\nnothing was written, {fixes} could be applied; commit or \
         stash the changes, or pass --allow-dirty\n",
        named.join(", ")
    )
}

fn fixes(number: usize) -> String {
    if number == 1 { "1 fix".into() } else { format!("{number} fixes") }
}

fn refusals(outcome: &Outcome, advice: bool) -> String {
    let mut out = String::new();
    for finding in shown(&outcome.report, advice) {
        let source = outcome.report.sources.get(finding.primary.span.file);
        let line = source.position(finding.primary.span.start).line;
        for refusal in &finding.refusals {
            let named = Named {
                path: source.path().to_path_buf(),
                line,
                lint: finding.lint,
                title: refusal.title.clone(),
                files: Vec::new(),
            };
            out.push_str(&format!("no fix {}: {}\n", name(&named), visible(&refusal.reason)));
        }
    }
    out
}

fn name(named: &Named) -> String {
    format!("{}:{} {}: {}", shown_path(&named.path), named.line, named.lint, visible(&named.title))
}

fn shown_path(path: &Path) -> String {
    visible(&slashed(path))
}
