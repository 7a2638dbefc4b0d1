//! `--fix`: applies the fixes of a run in memory, round by round, until nothing is left to apply. Called by the command
//! line, which puts the outcome on disk with [`write`] and tells it with [`crate::report::fixed`].
//!
//! A round takes fixes that do not touch each other ([`choose`]) and lints the texts that they make. Where a finding is
//! still there, or a new one has come that weighs as much ([`verdict`]), the round is cut in halves until it is known
//! which fix is to blame; that one is taken back, and the others stand.

mod choose;
mod git;
mod verdict;
pub mod write;

pub use choose::{Asked, Named};
pub use git::{Dirty, uncommitted};

use super::{Applicability, Fix, rewritten};
use crate::engine::{Input, Options, Report, roots_of, run};
use crate::lint::Finding;
use crate::read::Texts;
use crate::report::shown;
use crate::source::SourceId;
use choose::{Barred, Chosen, choose};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use verdict::{Fault, judge};

/// Rounds after which fixes that still come up are left alone.
pub const MOST_ROUNDS: usize = 10;
/// How often everything is linted again to find out which of many fixes is to blame.
const MOST_TRIALS: usize = 100;

/// What becomes of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// What was read.
    pub before: Arc<str>,
    /// What it becomes.
    pub after: Arc<str>,
}

/// What came out, before anything is written.
#[derive(Debug)]
pub struct Outcome {
    /// What is found in the new texts.
    pub report: Report,
    /// What was applied, in order.
    pub applied: Vec<Named>,
    /// What was not, and why.
    pub left: Vec<(Named, String)>,
    /// Rounds in which something was applied.
    pub rounds: usize,
    /// Whether there were still fixes to apply after the last round.
    pub is_cut_off: bool,
    /// The texts that change, by paths as they are shown.
    pub changed: BTreeMap<PathBuf, Changed>,
}

impl Outcome {
    /// How many findings have a fix that is unsafe.
    pub fn unsafe_fixes(&self, advice: bool) -> usize {
        let has_one = |finding: &&Finding| finding.fixes.iter().any(|fix| fix.applicability == Applicability::Unsafe);
        shown(&self.report, advice).filter(has_one).count()
    }
}

/// Applies in memory what is asked for to the files at some paths.
pub fn apply(paths: &[PathBuf], options: &Options, asked: Asked) -> Outcome {
    let outcome = Outcome {
        report: run(Input::Paths(paths.to_vec()), options),
        applied: Vec::new(),
        left: Vec::new(),
        rounds: 0,
        is_cut_off: false,
        changed: BTreeMap::new(),
    };
    let roots = roots_of(paths);
    let mut fixing = Fixing { paths, options, asked, roots, barred: Barred::new(), trials: 0, outcome };
    loop {
        let chosen = fixing.chosen();
        if chosen.is_empty() {
            break;
        }
        if fixing.outcome.rounds == MOST_ROUNDS {
            fixing.outcome.is_cut_off = true;
            break;
        }
        fixing.round(chosen);
    }
    fixing.outcome.changed.retain(|_, text| text.before != text.after);
    fixing.outcome
}

/// A run over all rounds.
struct Fixing<'p> {
    paths: &'p [PathBuf],
    options: &'p Options,
    asked: Asked,
    roots: Vec<PathBuf>,
    /// What is not tried again.
    barred: Barred,
    trials: usize,
    outcome: Outcome,
}

/// What linting again came to, with the texts that it was done with.
struct Trial {
    report: Report,
    texts: Texts,
}

impl Fixing<'_> {
    /// What is to be applied next. What lies where nothing may be written is told and not tried again.
    fn chosen(&mut self) -> Vec<Chosen> {
        let changed = self.outcome.changed.keys().cloned();
        let mut gate = Gate { roots: &self.roots, known: BTreeMap::new(), taken: BTreeMap::new() };
        changed.for_each(|path| {
            // It was let in before.
            let _ = gate.admit(&path);
        });
        let (chosen, refused) = choose(&self.outcome.report, self.asked, &self.barred, |path| gate.admit(path));
        refused.into_iter().for_each(|(one, reason)| self.bar(one, reason));
        chosen
    }

    fn bar(&mut self, chosen: Chosen, reason: String) {
        self.barred.insert(chosen.mark);
        self.outcome.left.push((chosen.named, reason));
    }

    /// Applies those of the chosen fixes that do what they should; the others are barred.
    fn round(&mut self, chosen: Vec<Chosen>) {
        let mut kept: Vec<Chosen> = Vec::new();
        let mut standing: Option<Trial> = None;
        let mut groups = vec![chosen];
        while let Some(mut group) = groups.pop() {
            self.trials += 1;
            let before = standing.as_ref().map_or(&self.outcome.report, |trial| &trial.report);
            let fault = match self.tried(before, &kept, &group) {
                Ok(trial) => {
                    standing = Some(trial);
                    kept.append(&mut group);
                    continue;
                }
                Err(fault) => fault,
            };
            let (guilty, mut rest): (Vec<_>, Vec<_>) = match &fault.guilty {
                Some(keys) => group.into_iter().partition(|one| keys.contains(&one.key)),
                None if group.len() == 1 => (group, Vec::new()),
                None => (Vec::new(), group),
            };
            if guilty.is_empty() {
                groups.push(rest.split_off(rest.len() / 2));
            }
            groups.extend(Some(rest).filter(|rest| !rest.is_empty()));
            guilty.into_iter().for_each(|one| self.bar(one, fault.reason.clone()));
        }
        if let Some(trial) = standing {
            self.outcome.rounds += 1;
            self.outcome.applied.extend(kept.into_iter().map(|one| one.named));
            self.take(trial);
        }
    }

    /// Lints with some more fixes applied than those that are to be kept.
    fn tried(&self, before: &Report, kept: &[Chosen], group: &[Chosen]) -> Result<Trial, Fault> {
        let sources = &self.outcome.report.sources;
        let mut fixes: BTreeMap<SourceId, Vec<&Fix>> = BTreeMap::new();
        for one in kept.iter().chain(group) {
            one.fix.files().into_iter().for_each(|file| fixes.entry(file).or_default().push(&one.fix));
        }
        let mut texts = Texts::new();
        for (file, fixes) in fixes {
            let text = rewritten(sources, file, &fixes).map_err(Fault::of_group)?;
            texts.insert(sources.get(file).path().to_path_buf(), text.into());
        }
        if self.trials > MOST_TRIALS {
            let guilty = group.iter().map(|one| one.key.clone()).collect();
            let reason = "not tried: too many other fixes had to be taken back".to_string();
            return Err(Fault { guilty: Some(guilty), reason });
        }
        let mut all: Texts =
            self.outcome.changed.iter().map(|(path, text)| (path.clone(), text.after.clone())).collect();
        all.extend(texts.iter().map(|(path, text)| (path.clone(), text.clone())));
        let report = run(Input::Edited { paths: self.paths.to_vec(), texts: all }, self.options);
        judge(before, &report, group, self.asked.advice)?;
        Ok(Trial { report, texts })
    }

    /// Makes a trial what stands.
    fn take(&mut self, trial: Trial) {
        let sources = &self.outcome.report.sources;
        for (path, after) in trial.texts {
            let before = sources.find(&path).map(|source| sources.get(source).text().clone());
            match (self.outcome.changed.get_mut(&path), before) {
                (Some(changed), _) => changed.after = after,
                (None, Some(before)) => {
                    self.outcome.changed.insert(path, Changed { before, after });
                }
                (None, None) => {}
            }
        }
        self.outcome.report = trial.report;
    }
}

/// Which files may be changed: below the roots, and each under one name only.
struct Gate<'r> {
    roots: &'r [PathBuf],
    /// Answers that were given.
    known: BTreeMap<PathBuf, Result<(), String>>,
    /// Under which name a file is changed, by where it really is.
    taken: BTreeMap<PathBuf, PathBuf>,
}

impl Gate<'_> {
    fn admit(&mut self, path: &Path) -> Result<(), String> {
        if let Some(known) = self.known.get(path) {
            return known.clone();
        }
        let answer = write::target(path, self.roots).and_then(|target| {
            let first = self.taken.entry(target).or_insert_with(|| path.to_path_buf());
            if first == path { Ok(()) } else { Err(format!("its file is changed as {} already", first.display())) }
        });
        self.known.insert(path.to_path_buf(), answer.clone());
        answer
    }
}

/// Where the changed files really are, for those that may be written.
pub fn targets(outcome: &Outcome, paths: &[PathBuf]) -> BTreeSet<PathBuf> {
    let roots = roots_of(paths);
    outcome.changed.keys().filter_map(|path| write::target(path, &roots).ok()).collect()
}

/// Writes what changed. What could not be written, and why.
pub fn write_all(outcome: &Outcome, paths: &[PathBuf]) -> Vec<(PathBuf, String)> {
    let roots = roots_of(paths);
    let write = |(path, text): (&PathBuf, &Changed)| {
        let reason = write::write(path, &roots, &text.before, &text.after).err()?;
        Some((path.clone(), reason))
    };
    outcome.changed.iter().filter_map(write).collect()
}

#[cfg(test)]
mod tests;
