//! Whether edits did what they were meant to do, and nothing else.
//!
//! The tree of the new text is compared with that of the old one, node by node, with the operations of the fixes taken
//! into account. `apply` asks before anything is written, and the tests ask for every fix there is.

use super::operation::Operation;
use super::{Edit, Fix, New, applied};
use crate::frontends::scalar::{Scalars, plain_scalar};
use crate::source::{SourceId, Sources, Span};
use crate::tree::{Expr, Kind, NodeId, NodeRef, Style, Tree};
use crate::value::Data;

/// The text that a file gets by these fixes, or why they do not do what they are meant to do: the text cannot be parsed, a
/// value is another than it should be, a comment is lost.
pub fn rewritten(sources: &Sources, source: SourceId, fixes: &[&Fix]) -> Result<String, String> {
    let mut edits: Vec<&Edit> = fixes.iter().flat_map(|fix| fix.edits_of(source)).collect();
    edits.sort_by_key(|edit| edit.span.start);
    if edits.windows(2).any(|pair| pair[0].span.end > pair[1].span.start) {
        return Err("two edits overlap".into());
    }
    let file = sources.get(source);
    let text = applied(file.text(), edits);
    let Some(syntax) = fixes.iter().find_map(|fix| fix.syntax_of(source)) else { return Ok(text) };
    let old = syntax.parse(source, file.text().clone());
    let new = syntax.parse(source, text.as_str().into());
    let operations = fixes.iter().flat_map(|fix| &fix.operations).filter(|one| one.place().file == source).collect();
    Comparison { operations }.trees(&old, &new)?;
    Ok(text)
}

impl Fix {
    /// The texts that its files get by it alone; an error as in [`rewritten`].
    pub fn check(&self, sources: &Sources) -> Result<Vec<(SourceId, String)>, String> {
        self.files().into_iter().map(|file| Ok((file, rewritten(sources, file, &[self])?))).collect()
    }
}

struct Comparison<'o> {
    operations: Vec<&'o Operation>,
}

/// What is said of the first difference.
type Verdict = Result<(), String>;

impl Comparison<'_> {
    fn trees(&self, old: &Tree, new: &Tree) -> Verdict {
        if let Some(error) = new.errors.first().filter(|_| old.errors.is_empty()) {
            return Err(format!("the text would no longer parse: {}", error.message));
        }
        self.comments(old, new)?;
        let (before, after): (Vec<_>, Vec<_>) = (old.documents().collect(), new.documents().collect());
        same(before.len() == after.len(), "the number of documents")?;
        before.into_iter().zip(after).try_for_each(|(old, new)| self.node(old, new))
    }

    /// All comments are still there, in their order, but for those that are meant to go.
    fn comments(&self, old: &Tree, new: &Tree) -> Verdict {
        let is_meant = |span: Span| {
            self.operations.iter().any(|one| matches!(one, Operation::Text { at, .. } if at.file == span.file && at.start < span.end && span.start < at.end))
        };
        let text = |tree: &Tree, span: Span| tree.text().get(span.range()).unwrap_or("").trim_end().to_string();
        let mut there = new.comments.iter().map(|comment| text(new, comment.span));
        let kept = old.comments.iter().filter(|comment| !is_meant(comment.span)).map(|comment| text(old, comment.span));
        for comment in kept {
            same(there.any(|other| other == comment), "a comment")?;
        }
        Ok(())
    }

    /// A node and what became of it.
    fn node(&self, old: NodeRef<'_>, new: NodeRef<'_>) -> Verdict {
        for operation in &self.operations {
            if let Operation::Replace { node, value, .. } = operation
                && *node == old.id()
            {
                return written(value, new);
            }
        }
        same(tag(old) == tag(new), "a tag")?;
        match (&old.node().kind, &new.node().kind) {
            (Kind::Null, Kind::Null) => Ok(()),
            (Kind::Scalar(_), Kind::Scalar(_)) => {
                let is_same = old.as_str() == new.as_str() && old.node().style == new.node().style;
                same(is_same, old.as_str().unwrap_or("a value"))
            }
            (Kind::Sequence(_), Kind::Sequence(_)) => self.items(old, new),
            (Kind::Mapping(_), Kind::Mapping(_)) => self.body(old, old, new),
            (Kind::Block { body: before, .. }, Kind::Block { body: after, .. }) => {
                let labels =
                    |block: NodeRef<'_>| block.labels().map(|label| label.slice().to_string()).collect::<Vec<_>>();
                same(labels(old) == labels(new), "a label")?;
                self.body(old, old.other(*before), new.other(*after))
            }
            (Kind::Expr(before), Kind::Expr(after)) => {
                let (parts, others) = (before.operands(), after.operands());
                // An expression without an operation in it is what it was to the letter.
                if !self.operations.iter().any(|one| old.span().contains(one.place())) || parts.is_empty() {
                    return same(old.slice() == new.slice(), old.slice());
                }
                same(parts.len() == others.len(), "an expression")?;
                parts.into_iter().zip(others).try_for_each(|(one, other)| self.node(old.other(one), new.other(other)))
            }
            (Kind::Alias(_), Kind::Alias(_)) => same(old.slice() == new.slice(), old.slice()),
            _ => same(false, "a value"),
        }
    }

    fn items(&self, old: NodeRef<'_>, new: NodeRef<'_>) -> Verdict {
        let mut there = new.items();
        for item in old.items() {
            self.node(item, there.next().ok_or("a list has lost an item")?)?;
        }
        for operation in &self.operations {
            if let Operation::Push { list, items, .. } = operation
                && *list == old.id()
            {
                for item in items {
                    written(item, there.next().ok_or("an item is not in its list")?)?;
                }
            }
        }
        same(there.next().is_none(), "an item that nobody asked for")
    }

    /// The entries of an object that operations name by `id`: a block, or the mapping itself.
    fn body(&self, id: NodeRef<'_>, old: NodeRef<'_>, new: NodeRef<'_>) -> Verdict {
        let is_here = |object: NodeId| object == id.id() || object == old.id();
        let mut inserted: Vec<&(String, New)> = Vec::new();
        for operation in &self.operations {
            if let Operation::Insert { object, entries, .. } = operation
                && is_here(*object)
            {
                inserted.extend(entries);
            }
        }
        let mut there: Vec<(NodeRef<'_>, NodeRef<'_>)> = new.entries().collect();
        let had = |name: &str| old.entries().any(|(key, value)| key.as_str() == Some(name) && !value.is_null());
        for (name, value) in inserted.iter().filter(|(name, _)| !had(name)) {
            let at = there.iter().position(|(key, _)| key.as_str() == Some(name));
            let (_, new) = there.remove(at.ok_or_else(|| format!("`{name}` is not where it should be"))?);
            written(value, new)?;
        }
        let mut there = there.into_iter().peekable();
        for (key, value) in old.entries() {
            let filled = |(name, _): &&&(String, New)| key.as_str() == Some(name);
            if self.loses(id, key) || self.loses(old, key) || value.is_null() && inserted.iter().any(|one| filled(&one))
            {
                continue;
            }
            let next = there.peek().copied().filter(|(other, _)| other.slice() == key.slice());
            match next {
                None => return same(false, key.slice()),
                Some((_, other)) => self.node(value, other)?,
            }
            there.next();
        }
        same(there.next().is_none(), "an entry that nobody asked for")
    }

    fn loses(&self, object: NodeRef<'_>, entry: NodeRef<'_>) -> bool {
        self.operations.iter().any(
            |one| matches!(one, Operation::Remove { object: of, key, .. } if *of == object.id() && *key == entry.id()),
        )
    }
}

fn same(is_same: bool, what: &str) -> Verdict {
    match is_same {
        true => Ok(()),
        false => Err(format!("something else would change: {}", what.chars().take(80).collect::<String>())),
    }
}

fn tag(node: NodeRef<'_>) -> Option<&str> {
    node.node().tag.as_ref().map(|tag| &*tag.name)
}

/// Whether a node is what was to be written.
fn written(value: &New, node: NodeRef<'_>) -> Verdict {
    let text = |text: &str| same(node.as_str() == Some(text), text);
    match value {
        New::Boolean(truth) => text(&truth.to_string()),
        New::Number(number) | New::Seconds(number) => text(&number.to_string()),
        New::Text(wanted) => {
            text(wanted)?;
            let is_plain = node.node().style == Style::Plain;
            same(!is_plain || matches!(plain_scalar(wanted, Scalars::Kubernetes), Data::Text(_)), wanted)
        }
        New::Raw(wanted) => same(node.slice().trim() == wanted.trim(), wanted),
        New::Call { argument, .. } => match node.kind() {
            Kind::Expr(call) => match &**call {
                Expr::Call { arguments, .. } => match &arguments[..] {
                    [only] => written(argument, node.other(*only)),
                    _ => same(false, "a call"),
                },
                _ => same(false, "a call"),
            },
            _ => written(argument, node),
        },
        New::List(wanted) => {
            let items: Vec<NodeRef<'_>> = node.items().collect();
            same(items.len() == wanted.len(), "a list")?;
            wanted.iter().zip(items).try_for_each(|(value, item)| written(value, item))
        }
        New::Object(wanted) | New::Block { body: wanted, .. } => {
            let entries: Vec<(NodeRef<'_>, NodeRef<'_>)> = node.entries().collect();
            same(entries.len() == wanted.len(), "an object")?;
            wanted.iter().zip(entries).try_for_each(|((name, value), (key, node))| {
                same(key.as_str() == Some(name), name)?;
                written(value, node)
            })
        }
    }
}
