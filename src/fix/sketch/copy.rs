//! Copies of what is written: a part of a tree as a [`New`], with its scalars as they stand, and changes of such copies.

use crate::fix::New;
use crate::tree::{Kind, NodeRef, Style, Tree};

/// Nothing that a person would want to read in a sketch has more nodes than this.
const MAX_NODES: usize = 2000;

/// Entries of an object.
pub(super) type Entries = Vec<(String, New)>;

/// Entries written out.
pub(super) fn entries<const N: usize>(list: [(&str, New); N]) -> Entries {
    list.map(|(key, value)| (key.to_string(), value)).into()
}

/// An object or a block, by what the syntax has.
pub(super) fn group(is_hcl: bool, body: Entries) -> New {
    if is_hcl { New::Block { labels: Vec::new(), body } } else { New::Object(body) }
}

/// A part of a tree as it is written.
pub(super) fn copied(node: NodeRef<'_>) -> Result<New, String> {
    let mut copy = Copy { left: MAX_NODES };
    copy.node(node, 0)
}

/// The entries of an object or of the body of a block, as they are written.
pub(super) fn copied_entries(node: NodeRef<'_>) -> Result<Entries, String> {
    match copied(node)? {
        New::Object(entries) | New::Block { body: entries, .. } => Ok(entries),
        _ => Err("it is not an object".into()),
    }
}

struct Copy {
    left: usize,
}

impl Copy {
    fn node(&mut self, node: NodeRef<'_>, depth: usize) -> Result<New, String> {
        self.left = self.left.checked_sub(1).filter(|_| depth < 64).ok_or("it is too large to copy")?;
        let node = node.target();
        let value = match &node.node().kind {
            Kind::Alias(_) => return Err("an alias in it leads nowhere".into()),
            Kind::Expr(_) => New::Raw(node.slice().to_string()),
            Kind::Null if node.slice().is_empty() => New::Raw("null".into()),
            Kind::Null => New::Raw(node.slice().to_string()),
            Kind::Scalar(_) => return Ok(scalar(node)),
            Kind::Sequence(_) => {
                New::List(node.items().map(|item| self.node(item, depth + 1)).collect::<Result<_, _>>()?)
            }
            Kind::Mapping(_) if node.entries().any(|(key, _)| key.as_str().is_none()) => {
                New::Raw(node.slice().to_string())
            }
            Kind::Mapping(_) => New::Object(self.entries(node, depth)?),
            Kind::Block { .. } => {
                let labels = node.labels().filter_map(NodeRef::as_str).map(String::from).collect();
                New::Block { labels, body: self.entries(node, depth)? }
            }
        };
        Ok(match node.tag().and_then(long_form) {
            Some(name) => New::Object(vec![(name, value)]),
            None => value,
        })
    }

    fn entries(&mut self, node: NodeRef<'_>, depth: usize) -> Result<Entries, String> {
        let mut copies: Entries = Vec::new();
        let mut merged: Entries = Vec::new();
        for (key, value) in node.entries() {
            let name = key.as_str().unwrap_or("").to_string();
            let value = self.node(value, depth + 1)?;
            match value {
                // What an anchor holds is not there in another document.
                New::Object(entries) if name == "<<" => merged.extend(entries),
                New::List(items) if name == "<<" => {
                    merged.extend(items.into_iter().flat_map(|item| match item {
                        New::Object(entries) => entries,
                        _ => Vec::new(),
                    }));
                }
                New::Block { .. } => copies.push((name, value)),
                _ => set(&mut copies, &name, value),
            }
        }
        for (name, value) in merged {
            if get(&copies, &name).is_none() {
                copies.push((name, value));
            }
        }
        Ok(copies)
    }
}

/// A scalar that means the same wherever it is put: one that is spelled over several lines, or that needs its place,
/// becomes a text.
fn scalar(node: NodeRef<'_>) -> New {
    let slice = node.slice();
    let text = node.as_str().unwrap_or("");
    if let Some(tag) = node.tag().filter(|tag| tag.starts_with('!') && !tag.starts_with("!!")) {
        return match long_form(tag) {
            Some(name) if slice.contains('\n') => New::Object(vec![(name, New::text(text))]),
            _ => New::Raw(format!("{tag} {slice}")),
        };
    }
    let is_fragile = node.is_plain() && slice.contains([',', '[', ']', '{', '}']);
    let is_at_home = is_heredoc(node) || !(slice.contains('\n') || is_fragile);
    match is_at_home || is_hcl(node.tree()) {
        true => New::Raw(slice.to_string()),
        false => New::text(text),
    }
}

fn is_heredoc(node: NodeRef<'_>) -> bool {
    node.node().style == Style::BlockScalar && node.slice().starts_with("<<")
}

fn is_hcl(tree: &Tree) -> bool {
    tree.documents().any(|root| root.entries().any(|(_, value)| matches!(value.node().kind, Kind::Block { .. })))
}

/// The long form of a function of CloudFormation: `Fn::Sub` for `!Sub`.
fn long_form(tag: &str) -> Option<String> {
    let name = tag.strip_prefix('!').filter(|name| !name.is_empty() && !name.starts_with('!'))?;
    Some(if matches!(name, "Ref" | "Condition") { name.to_string() } else { format!("Fn::{name}") })
}

/// The value of a key.
pub(super) fn get<'e>(entries: &'e Entries, key: &str) -> Option<&'e New> {
    entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

/// The entries below a key.
pub(super) fn below<'e>(entries: &'e mut Entries, key: &str) -> Option<&'e mut Entries> {
    entries.iter_mut().find(|(name, _)| name == key).and_then(|(_, value)| entries_of(value))
}

/// The entries of an object or of a block.
pub(super) fn entries_of(value: &mut New) -> Option<&mut Entries> {
    match value {
        New::Object(entries) | New::Block { body: entries, .. } => Some(entries),
        _ => None,
    }
}

/// Gives a key a value: in its place, or behind the others.
pub(super) fn set(entries: &mut Entries, key: &str, value: New) {
    match entries.iter_mut().find(|(name, _)| name == key) {
        Some((_, known)) => *known = value,
        None => entries.push((key.to_string(), value)),
    }
}

/// Takes keys out.
pub(super) fn remove(entries: &mut Entries, keys: &[&str]) {
    entries.retain(|(name, _)| !keys.contains(&&**name));
}

/// All objects below a key: the items of a list, or the blocks of that name.
pub(super) fn all_below<'e>(entries: &'e mut Entries, keys: &[&str]) -> Vec<&'e mut Entries> {
    let named = entries.iter_mut().filter(|(name, _)| keys.contains(&&**name));
    named
        .flat_map(|(_, value)| match value {
            New::List(items) => items.iter_mut().filter_map(entries_of).collect::<Vec<_>>(),
            other => entries_of(other).into_iter().collect(),
        })
        .collect()
}

/// A block of Terraform that declares a resource.
pub(super) fn resource(kind: &str, name: &str, body: Entries) -> (String, New) {
    ("resource".into(), New::Block { labels: vec![kind.to_string(), name.to_string()], body })
}
