//! What a service needs besides its own file: the files that it includes, and the variables of the environment whose
//! values must not be shown. Called by the read stage, round after round until no service asks for more.

use super::detect::is_service;
use super::variables::Service;
use crate::discover::FileKind;
use crate::read::{Note, NoteKind, Workspace};
use crate::source::{SourceId, Span};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;

/// Messages about one service; more of them nobody reads.
const MAX_NOTES: usize = 100;

/// What came up while variables were resolved.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Files that are not there, or not read yet, and what they are read as.
    pub wanted: BTreeMap<PathBuf, FileKind>,
    /// Files that were looked into.
    pub included: HashSet<SourceId>,
    /// Variables of the environment and their values.
    secrets: BTreeSet<(String, String)>,
    outside: Vec<(String, Span)>,
}

impl Asked {
    /// The value of an environment variable was used.
    pub fn secret(&mut self, name: &str, value: &str) {
        self.secrets.insert((name.to_string(), value.to_string()));
    }

    /// A path leads out of what may be read.
    pub fn outside(&mut self, path: &str, span: Span) {
        if self.outside.len() < MAX_NOTES && self.outside.iter().all(|(other, _)| other != path) {
            self.outside.push((path.to_string(), span));
        }
    }

    /// Adds what came up elsewhere.
    pub fn extend(&mut self, other: Self) {
        self.wanted.extend(other.wanted);
        self.included.extend(other.included);
        self.secrets.extend(other.secrets);
        other.outside.into_iter().for_each(|(path, span)| self.outside(&path, span));
    }
}

/// What one service needs, as far as the files that are read so far tell.
#[derive(Debug, Default)]
pub(crate) struct Inclusion {
    /// Files that it names and that are not read (yet), and what they are read as.
    pub wanted: BTreeMap<PathBuf, FileKind>,
    /// Files that it includes.
    pub included: HashSet<SourceId>,
    /// Variables of the environment that it uses, and their values.
    pub secrets: BTreeSet<(String, String)>,
    /// Variables that lead nowhere.
    pub notes: Vec<Note>,
}

/// Resolves everything in a service, as the framework does before it deploys, to see what it asks for.
pub(crate) fn inclusion(workspace: &Workspace, service: SourceId) -> Inclusion {
    let root = workspace.file(service).and_then(|file| file.tree.documents().next()).filter(|root| is_service(*root));
    let Some(root) = root else { return Inclusion::default() };
    let mut reader = Service::reader(workspace, root);
    reader.read(root, 0);
    let note = |span: Span, message: String| workspace.note(NoteKind::Unresolved, span, message);
    let asked = std::mem::take(&mut reader.language.asked);
    let circles = reader.circles.iter().map(|(span, why)| note(*span, why.to_string()));
    let outside = asked
        .outside
        .iter()
        .map(|(path, span)| note(*span, format!("`{path}` lies outside the scanned directories and is not read")));
    let notes = circles.chain(outside).collect();
    Inclusion { wanted: asked.wanted, included: asked.included, secrets: asked.secrets, notes }
}
