//! Fixes: what a lint proposes, as edits of the files at hand.
//!
//! A lint says what should become of a value of the model ([`Proposal`]), and never how a file is written. [`propose`],
//! which [`crate::engine`] calls after the findings are known, looks up where each value stands or would stand
//! ([`place`]), which makes an [`operation`] on a file's tree of it, lets the writer of the file's syntax turn that into
//! byte ranges ([`write`]; [`yaml`], [`json`], [`hcl`]), and keeps the result beside the finding as [`Fix`]. [`effect`] tells whether edits did what they were meant to do, and nothing
//! else; [`apply`] and the tests ask it.

pub mod apply;
mod brackets;
pub mod diff;
mod effect;
mod form;
mod generated;
mod hcl;
mod index;
mod json;
mod layout;
mod meeting;
mod operation;
mod place;
mod proposal;
mod shared;
mod sketch;
#[cfg(test)]
mod tables;
mod together;
mod write;
mod yaml;

pub use effect::rewritten;
pub use proposal::{Change, New, Proposal};
pub use sketch::Sketch;
pub use together::Together;

use crate::lint::Finding;
use crate::model::Architecture;
use crate::read::Workspace;
use crate::source::{SourceId, Span};
use crate::tree::Syntax;
use operation::Operation;
use shared::Sharing;
use std::fmt;
use std::path::PathBuf;

/// Whether a fix may be applied without looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Applicability {
    /// What is deployed cannot behave worse for it: `--fix` applies it.
    Safe,
    /// It changes something that is deployed: `--unsafe-fixes` applies it.
    Unsafe,
    /// A new resource, written out of the offending one. It is shown and never applied.
    Sketch,
}

impl Applicability {
    /// The name in reports: a contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::Sketch => "sketch",
        }
    }
}

impl fmt::Display for Applicability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Replaces the bytes of a span by a text; an empty span is where the text is inserted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub text: String,
}

/// A file that is not there yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Where it goes, as paths of sources are written.
    pub path: PathBuf,
    /// What is in it.
    pub text: String,
}

/// A way to mend what a finding is about.
#[derive(Debug, Clone)]
pub struct Fix {
    /// What it does, imperative, lower case, without a full stop.
    pub title: String,
    /// Whether it may be applied without looking.
    pub applicability: Applicability,
    /// In the order of files and places; no two of them overlap. Those at one place are inserted in this order.
    pub edits: Vec<Edit>,
    /// Files that it writes beside those that are there; only sketches do.
    pub new_files: Vec<NewFile>,
    /// What the edits are meant to do, for [`rewritten`].
    pub(crate) operations: Vec<Operation>,
    /// How its files are written, those without a syntax left out.
    pub(crate) syntaxes: Vec<(SourceId, Syntax)>,
}

/// Why a fix that a lint proposed is not offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The title of the fix.
    pub title: String,
    /// Why, lower case, without a full stop.
    pub reason: String,
}

/// Writes out what the lints propose: fills [`Finding::fixes`] and [`Finding::refusals`].
pub(crate) fn propose(workspace: &Workspace, architecture: &Architecture, findings: &mut [Finding]) {
    if findings.iter().all(|finding| finding.proposals.is_empty()) {
        return;
    }
    let sharing = Sharing::of(architecture);
    let places = place::Places::new(workspace);
    let folders = sketch::Folders::default();
    let desk = sketch::Desk { workspace, architecture, places: &places, folders: &folders };
    for finding in findings {
        for proposal in std::mem::take(&mut finding.proposals) {
            let title = proposal.title.clone();
            let made = match proposal.sketch {
                _ if finding.rendered_from.is_some() => Err("the file is rendered from a chart".into()),
                Some(sketch) => sketch::draft(desk, sketch).and_then(|draft| sketched(&places, proposal.title, draft)),
                None => written(&places, &sharing, finding, proposal),
            };
            match made {
                Ok(fix) => finding.fixes.push(fix),
                Err(reason) => finding.refusals.push(Refusal { title, reason }),
            }
        }
    }
}

/// The edits for a proposal, or why there are none.
fn written(
    places: &place::Places<'_>,
    sharing: &Sharing<'_>,
    finding: &Finding,
    proposal: Proposal,
) -> Result<Fix, String> {
    let Proposal { mut title, mut applicability, changes, .. } = proposal;
    let mut others = Vec::new();
    let mut operations: Vec<Operation> = Vec::new();
    for change in changes.into_iter().flat_map(layered) {
        // Where it cannot be changed for all who inherit it, it can be for one.
        let shared = places.operation(&change);
        let mut operation = shared.or_else(|reason| places.override_of(&change).ok_or(reason))?;
        let origin = match &change {
            Change::Set { origin, .. } => Some(origin),
            _ => None,
        };
        let mut also = sharing.others(finding, &operation, origin);
        if !also.is_empty()
            && let Some(own) = places.override_of(&change)
        {
            let shared_by = sharing.others(finding, &own, origin);
            if shared_by.is_empty() {
                (operation, also) = (own, shared_by);
            }
        }
        others.extend(also);
        operation::add(&mut operations, operation)?;
    }
    others.sort_unstable();
    others.dedup();
    if !others.is_empty() {
        title.push_str(&format!(" (this also changes {})", shared::listed(&others)));
        applicability = applicability.max(Applicability::Unsafe);
    }
    finished(places, title, applicability, operations)
}

/// The new resource that a lint asks for, or why it cannot be written.
fn sketched(places: &place::Places<'_>, mut title: String, draft: sketch::Draft) -> Result<Fix, String> {
    for remark in &draft.remarks {
        title.push_str(&format!("; {remark}"));
    }
    let mut operations = Vec::new();
    for operation in draft.operations {
        operation::add(&mut operations, operation)?;
    }
    finished(places, title, Applicability::Sketch, operations)
}

/// A fix, its operations turned into edits.
fn finished(
    places: &place::Places<'_>,
    title: String,
    applicability: Applicability,
    mut operations: Vec<Operation>,
) -> Result<Fix, String> {
    // What ends at one place gets its entries there: those of the inner one come first, what is behind all of it last.
    operations.sort_by_key(|operation| {
        let is_behind = matches!(operation, Operation::Append { .. });
        (is_behind, std::cmp::Reverse(operation.place().start))
    });
    let mut edits = places.write_all(&operations)?;
    let new_files = operations.iter().filter_map(|operation| match operation {
        Operation::Create { path, value, .. } => Some(NewFile { path: path.clone(), text: json::document(value) }),
        _ => None,
    });
    let new_files = new_files.collect();
    edits.sort_by_key(|edit| (edit.span.file, edit.span.start));
    let edits = meeting::joined(edits, |file| places.text(file));
    if edits.windows(2).any(|pair| pair[0].span.file == pair[1].span.file && pair[0].span.end > pair[1].span.start) {
        return Err("two of its edits overlap".into());
    }
    let mut files: Vec<SourceId> = edits.iter().map(|edit| edit.span.file).collect();
    files.dedup();
    let syntaxes = files.into_iter().filter_map(|file| Some((file, places.syntax(file).ok()?))).collect();
    Ok(Fix { title, applicability, edits, new_files, operations, syntaxes })
}

/// What is taken out must not leave what it has taken the place of.
fn layered(change: Change) -> Vec<Change> {
    match change {
        Change::Remove { origin } => origin.layers().map(|one| Change::Remove { origin: one.clone() }).collect(),
        other => vec![other],
    }
}

impl Fix {
    /// The files that it changes, each once.
    pub fn files(&self) -> Vec<SourceId> {
        let mut files: Vec<SourceId> = self.edits.iter().map(|edit| edit.span.file).collect();
        files.dedup();
        files
    }

    /// Its edits of one file.
    pub fn edits_of(&self, file: SourceId) -> impl Iterator<Item = &Edit> {
        self.edits.iter().filter(move |edit| edit.span.file == file)
    }

    fn syntax_of(&self, file: SourceId) -> Option<Syntax> {
        self.syntaxes.iter().find(|(source, _)| *source == file).map(|(_, syntax)| *syntax)
    }
}

/// A text with edits applied; they lie in it, in order, and do not overlap.
pub fn applied<'e>(text: &str, edits: impl IntoIterator<Item = &'e Edit>) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for edit in edits {
        let range = edit.span.range();
        out.push_str(text.get(at..range.start).unwrap_or(""));
        out.push_str(&edit.text);
        at = range.end;
    }
    out.push_str(text.get(at..).unwrap_or(""));
    out
}
