//! A template with the stacks that it nests by a path: one unit, however deep it goes. Called by this frontend before
//! anything is resolved.

use super::files::{data, included_paths, nested_paths, remote_stacks};
use super::{document, files};
use crate::frontends::Member;
use crate::read::{Note, NoteKind, Workspace};
use crate::source::{SourceId, Span};
use crate::value::{Unknown, Value};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Stacks within stacks.
const MAX_DEPTH: usize = 16;
/// Stacks of one unit: a template that nests another one twice makes two of them.
const MAX_STACKS: usize = 256;

/// A template, as it is written.
pub(super) struct Stack {
    /// The whole document.
    pub document: Value,
    /// What `AWS::Include` brings in, by the path that is written.
    pub included: HashMap<Arc<str>, Value>,
    /// The stacks that it nests.
    pub nested: Vec<Call>,
}

/// A resource that is a stack.
pub(super) struct Call {
    /// Its logical id.
    pub name: Arc<str>,
    /// `Parameters`, as they are written.
    pub parameters: Option<Value>,
    /// Its template.
    pub stack: Stack,
}

/// The template of a unit with everything that it nests.
pub(super) fn stack(workspace: &Workspace, member: Member, notes: &mut Vec<Note>) -> Option<Stack> {
    let mut gathering = Gathering { workspace, documents: HashMap::new(), left: MAX_STACKS, notes };
    gathering.stack(member, &mut vec![member.source])
}

/// The templates that a document of the workspace nests.
pub(super) fn nested_sources(workspace: &Workspace, member: Member) -> HashSet<SourceId> {
    let root = workspace.file(member.source).and_then(|file| file.tree.documents().nth(member.document));
    let paths = root.into_iter().flat_map(nested_paths);
    paths.filter_map(|(_, path)| files::source(workspace, member.source, path).ok()).collect()
}

struct Gathering<'w, 'n> {
    workspace: &'w Workspace,
    /// Documents that were read already: of a template that is nested again, only the stack is new.
    documents: HashMap<Member, Value>,
    left: usize,
    notes: &'n mut Vec<Note>,
}

impl Gathering<'_, '_> {
    fn stack(&mut self, member: Member, chain: &mut Vec<SourceId>) -> Option<Stack> {
        let workspace = self.workspace;
        let file = workspace.file(member.source)?;
        let root = file.tree.documents().nth(member.document)?;
        let document = self.documents.entry(member).or_insert_with(|| document(root)).clone();
        let mut included = HashMap::new();
        for path in included_paths(&file.tree) {
            if let Ok(value) = data(workspace, member.source, path) {
                included.insert(path.into(), value);
            }
        }
        let mut nested = Vec::new();
        for (key, path) in nested_paths(root) {
            let Some(name) = key.as_str() else { continue };
            match self.followed(member.source, path, key.span(), chain) {
                Ok(Some(stack)) => {
                    let written =
                        document.get("Resources").and_then(|resources| resources.get(name)?.get("Properties"));
                    let parameters = written.and_then(|properties| properties.get("Parameters")).cloned();
                    nested.push(Call { name: name.into(), parameters, stack });
                }
                Ok(None) => {}
                Err(why) => self.note(NoteKind::Unresolved, key.span(), format!("the stack `{name}`: {why}")),
            }
        }
        for (key, location) in remote_stacks(root) {
            let message = format!("the stack `{}` is not read: {location}", key.as_str().unwrap_or_default());
            self.note(NoteKind::Skipped, key.span(), message);
        }
        Some(Stack { document, included, nested })
    }

    /// The stack at a path; nothing where it is not followed, which is noted then.
    fn followed(
        &mut self,
        from: SourceId,
        path: &str,
        place: Span,
        chain: &mut Vec<SourceId>,
    ) -> Result<Option<Stack>, Unknown> {
        let source = files::source(self.workspace, from, path)?;
        if chain.contains(&source) {
            self.note(NoteKind::Skipped, place, format!("`{path}` nests itself, and is not followed again"));
            return Ok(None);
        }
        if chain.len() > MAX_DEPTH || self.left == 0 {
            let message = "this template nests more stacks than archlint follows; the rest is not read".into();
            let root = chain.first().map_or(place, |root| Span::new(*root, 0, 0));
            self.note(NoteKind::Skipped, root, message);
            return Ok(None);
        }
        self.left -= 1;
        chain.push(source);
        let stack = self.stack(Member { source, document: 0 }, chain);
        chain.pop();
        Ok(stack)
    }

    fn note(&mut self, kind: NoteKind, place: Span, message: String) {
        let note = self.workspace.note(kind, place, message);
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}
