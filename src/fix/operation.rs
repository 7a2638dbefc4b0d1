//! What a fix does to one file, in terms of its tree.

use super::New;
use crate::source::Span;
use crate::tree::NodeId;
use std::path::PathBuf;

/// One change of one file, in terms of its tree.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    /// A node becomes something else.
    Replace { at: Span, node: NodeId, value: New },
    /// Entries that an object gets; nested ones where several levels are missing.
    Insert { at: Span, object: NodeId, entries: Vec<(String, New)> },
    /// An entry that an object loses.
    Remove { at: Span, object: NodeId, key: NodeId },
    /// Items that a list gets.
    Push { at: Span, list: NodeId, items: Vec<New> },
    /// Documents or blocks behind everything else of a file; `at` is its end.
    Append { at: Span, entries: Vec<(String, New)> },
    /// A new file beside one whose syntax has no room for another document.
    Create { at: Span, path: PathBuf, value: New },
    /// Bytes that belong to no value.
    Text { at: Span, text: String },
}

impl Operation {
    /// The node that changes: what others may share.
    pub fn place(&self) -> Span {
        let (Self::Replace { at, .. }
        | Self::Insert { at, .. }
        | Self::Remove { at, .. }
        | Self::Push { at, .. }
        | Self::Append { at, .. }
        | Self::Create { at, .. }
        | Self::Text { at, .. }) = self;
        *at
    }
}

/// Adds an operation to others of the same fix: what goes into one object or list goes there at once.
pub(super) fn add(operations: &mut Vec<Operation>, new: Operation) -> Result<(), String> {
    for known in operations.iter_mut() {
        match (known, &new) {
            (Operation::Insert { at, entries, .. }, Operation::Insert { at: place, entries: more, .. })
                if at == place =>
            {
                return more.iter().try_for_each(|(key, value)| nest(entries, key, value));
            }
            (Operation::Push { at, items, .. }, Operation::Push { at: place, items: more, .. }) if at == place => {
                items.extend(more.iter().cloned());
                return Ok(());
            }
            // What is short for an object becomes that object once.
            (
                Operation::Replace { at, value: New::Object(entries), .. },
                Operation::Replace { at: place, value: New::Object(more), .. },
            ) if at == place => {
                return more.iter().try_for_each(|(key, value)| nest(entries, key, value));
            }
            (Operation::Replace { at, value, .. }, Operation::Replace { at: place, value: other, .. })
                if at == place =>
            {
                let reason = "two of its changes are about one place";
                return if value == other { Ok(()) } else { Err(reason.into()) };
            }
            (Operation::Remove { at, key, .. }, Operation::Remove { at: place, key: other, .. })
                if at == place && key == other =>
            {
                return Ok(());
            }
            _ => {}
        }
    }
    operations.push(new);
    Ok(())
}

/// Puts an entry among others; objects of the same key become one.
fn nest(entries: &mut Vec<(String, New)>, key: &str, value: &New) -> Result<(), String> {
    let Some((_, known)) = entries.iter_mut().find(|(name, _)| name == key) else {
        entries.push((key.to_string(), value.clone()));
        return Ok(());
    };
    match (known, value) {
        (New::Object(known), New::Object(more)) | (New::Block { body: known, .. }, New::Block { body: more, .. }) => {
            more.iter().try_for_each(|(key, value)| nest(known, key, value))
        }
        (known, value) if known == value => Ok(()),
        _ => Err(format!("`{key}` would be written twice")),
    }
}
