//! Tables of texts, changes and what is expected of them, for the tests of the writers of JSON and HCL.

use super::{Edit, New, applied};
use crate::source::SourceId;
use crate::tree::{NodeRef, Tree};
use std::sync::Arc;

type Edits = Result<Vec<Edit>, String>;

/// A change of what stands at a path of keys.
pub(super) enum Do {
    Replace(New),
    Insert(Vec<(String, New)>),
    Remove(&'static str),
    Push(Vec<New>),
}

/// What a syntax is read and written with.
pub(super) struct Writer {
    pub parse: fn(SourceId, Arc<str>) -> Tree,
    pub replace: fn(NodeRef<'_>, &New) -> Result<Edit, String>,
    pub insert: fn(NodeRef<'_>, &[(String, New)]) -> Edits,
    pub remove: fn(NodeRef<'_>, NodeRef<'_>) -> Edits,
    pub push: fn(NodeRef<'_>, &[New]) -> Result<Edit, String>,
}

impl Writer {
    /// The tree of a text that must be in order.
    pub fn parsed(&self, text: &str) -> Tree {
        let tree = (self.parse)(SourceId(0), text.into());
        assert_eq!(tree.errors, [], "{text}");
        tree
    }

    /// The text after a change.
    pub fn changed(&self, text: &str, path: &[&str], change: &Do) -> Result<String, String> {
        let tree = self.parsed(text);
        let node = tree.documents().next().and_then(|root| root.at(path)).expect("the path is there");
        let mut edits = match change {
            Do::Replace(value) => vec![(self.replace)(node, value)?],
            Do::Insert(entries) => (self.insert)(node, entries)?,
            Do::Remove(key) => (self.remove)(node, node.entry(key).expect("the key is there").0)?,
            Do::Push(items) => vec![(self.push)(node, items)?],
        };
        edits.sort_by_key(|edit| edit.span.start);
        let result = applied(text, &edits);
        self.parsed(&result);
        Ok(result)
    }

    /// Every row gives what its last column says.
    pub fn check(&self, rows: &[(&str, &[&str], Do, &str)]) {
        for (text, path, change, expected) in rows {
            assert_eq!(self.changed(text, path, change).as_deref(), Ok(*expected), "\n{text}");
        }
    }
}
