//! YAML and JSON documents as resolved data, for the dialects that write their references in tags, keys or texts.
//!
//! [`Reader`] turns tree nodes into [`Value`]s: aliases and merge keys are followed, scalars get the type that the
//! dialect's own tool gives them, and a tag such as `!Ref` becomes the object `{Ref: ..}` that it is short for. What a
//! text means is left to the [`Language`]. Called by the serverless and the cloudformation frontends.

use super::scalar::{Scalars, plain_scalar};
use crate::source::{SourceId, Span};
use crate::tree::{Kind, NodeId, NodeRef};
use crate::value::{Data, Entry, How, Origin, Part, Resolved, Sourced, Unknown, Value};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Nesting of nodes and references, taken together, that is followed.
const MAX_DEPTH: usize = 160;
/// Nesting of one value. Values are dropped and compared recursively.
const MAX_HEIGHT: u32 = 200;
/// References on the way to one value.
const MAX_STEPS: u32 = 60;
/// Entries that merge keys may add to one unit.
const MAX_MERGED: usize = 500_000;
/// Circles of one unit that are named; more of them nobody reads.
const MAX_CIRCLES: usize = 8;
/// Bytes of one computed text.
const MAX_TEXT: usize = 64 * 1024;
/// Bytes of all computed texts of one unit.
const MAX_TEXTS: usize = 16 * 1024 * 1024;

/// What is special about the texts of a dialect.
pub(crate) trait Language<'w>: Sized {
    /// How its tool types plain scalars.
    const SCALARS: Scalars;

    /// Whether a scalar needs [`Language::evaluate`].
    fn is_special(&self, text: &str) -> bool;

    /// The value of a special scalar.
    fn evaluate(reader: &mut Reader<'w, Self>, node: NodeRef<'w>, text: &'w str, depth: usize) -> Solved;
}

/// A value with what is needed to bound its size.
#[derive(Debug, Clone)]
pub(crate) struct Solved {
    /// The value.
    pub value: Value,
    height: u32,
    steps: u32,
}

impl Solved {
    /// A scalar, or something that cannot be told.
    pub fn leaf(value: Value) -> Self {
        Self { value, height: 0, steps: 0 }
    }

    /// Something that cannot be told.
    pub fn unknown(why: Unknown, span: Span) -> Self {
        Self::leaf(Sourced::unknown(why, Origin::literal(span)))
    }

    /// The same value, used at another place.
    pub fn via(self, how: How, span: Span) -> Self {
        if self.steps >= MAX_STEPS {
            return Self::unknown(Unknown::NotEvaluated("a reference with this many steps".into()), span);
        }
        Self { value: self.value.via(how, span), height: self.height, steps: self.steps + 1 }
    }

    /// Something computed from this value, which is not known if this is not.
    pub fn computed(mut self) -> Self {
        if let Resolved::Unknown(why) = self.value.value {
            self.value.value = Resolved::Unknown(why.computed());
        }
        self
    }

    /// A part of this value.
    pub fn part(&self, part: &Value) -> Self {
        Self { value: part.clone(), height: self.height, steps: self.steps }
    }

    /// Whether the reference leads to nothing: to null, or to a place that is not there.
    pub fn is_nothing(&self) -> bool {
        matches!(self.value.known(), Some(Data::Null))
    }
}

/// What remains of the texts that one unit may compute.
#[derive(Debug)]
pub(crate) struct TextBudget(usize);

impl Default for TextBudget {
    fn default() -> Self {
        Self(MAX_TEXTS)
    }
}

/// Reads the nodes of one unit, each once.
pub(crate) struct Reader<'w, L> {
    /// The dialect.
    pub language: L,
    /// What is left for computed texts.
    pub texts: TextBudget,
    memo: HashMap<(SourceId, NodeId), Solved>,
    running: HashSet<(SourceId, NodeId)>,
    merged: usize,
    children: HashMap<(SourceId, NodeId), HashMap<&'w str, NodeRef<'w>>>,
    /// Places that lead back to themselves, as far as they were met, and what to say about them.
    pub circles: Vec<(Span, Unknown)>,
}

impl<'w, L: Language<'w>> Reader<'w, L> {
    pub fn new(language: L) -> Self {
        Self {
            language,
            texts: TextBudget::default(),
            memo: HashMap::new(),
            running: HashSet::new(),
            merged: MAX_MERGED,
            children: HashMap::new(),
            circles: Vec::new(),
        }
    }

    /// The value of a node. A node that leads back to itself is unknown.
    pub fn read(&mut self, node: NodeRef<'w>, depth: usize) -> Solved {
        let target = node.target();
        let solved = self.read_target(target, depth);
        if target.id() == node.id() {
            return solved;
        }
        solved.via(How::Reference(node.slice().into()), node.span())
    }

    fn read_target(&mut self, node: NodeRef<'w>, depth: usize) -> Solved {
        let span = node.span();
        if depth > MAX_DEPTH {
            return Solved::unknown(Unknown::NotEvaluated("nesting this deep".into()), span);
        }
        let is_plain = match node.kind() {
            Kind::Null => node.tag().is_none(),
            Kind::Scalar(_) => {
                node.tag().is_none() && !node.as_str().is_some_and(|text| self.language.is_special(text))
            }
            _ => false,
        };
        if is_plain {
            return Solved::leaf(Sourced::new(scalar(node, L::SCALARS), Origin::literal(span)));
        }
        let key = (span.file, node.id());
        if let Some(done) = self.memo.get(&key) {
            return done.clone();
        }
        if !self.running.insert(key) {
            return self.circle(node);
        }
        let solved = self.build(node, depth);
        self.running.remove(&key);
        self.memo.insert(key, solved.clone());
        solved
    }

    /// What comes of a node that leads back to itself; it is named by its keys.
    pub fn circle(&mut self, node: NodeRef<'w>) -> Solved {
        let name = if self.circles.len() < MAX_CIRCLES { path_to(node) } else { None };
        let is_named = name.is_some();
        let why = match name {
            Some(name) => Unknown::Invalid(format!("`{name}` leads back to itself").into()),
            None => Unknown::Invalid("the reference leads back to itself".into()),
        };
        let is_new = self.circles.iter().all(|(span, _)| *span != node.span());
        if is_named && is_new {
            self.circles.push((node.span(), why.clone()));
        }
        Solved::unknown(why, node.span())
    }

    /// A node that is no plain scalar, its tag included.
    fn build(&mut self, node: NodeRef<'w>, depth: usize) -> Solved {
        let inner = self.untagged(node, depth);
        let Some(name) = node.tag().and_then(function_of) else { return inner };
        let tag_span = node.node().tag.as_ref().map(|tag| Span { start: tag.span.0, end: tag.span.1, ..node.span() });
        let span = tag_span.map_or(node.span(), |tag| Span { start: tag.start, ..node.span() });
        let height = inner.height + 1;
        let entry = Entry { name, key: tag_span, value: inner.value };
        Solved { value: Sourced::new(Data::Object([entry].into()), Origin::literal(span)), height, steps: 0 }
    }

    fn untagged(&mut self, node: NodeRef<'w>, depth: usize) -> Solved {
        let span = node.span();
        match node.kind() {
            Kind::Null => Solved::leaf(Sourced::new(Data::Null, Origin::literal(span))),
            Kind::Scalar(_) => match node.as_str() {
                Some(text) if self.language.is_special(text) => L::evaluate(self, node, text, depth + 1),
                _ => Solved::leaf(Sourced::new(scalar(node, L::SCALARS), Origin::literal(span))),
            },
            Kind::Sequence(_) => {
                let items: Vec<Solved> = node.items().map(|item| self.read(item, depth + 1)).collect();
                let height = height_over(items.iter());
                let data = Data::List(items.into_iter().map(|item| item.value).collect());
                within_height(data, height, span)
            }
            Kind::Mapping(_) => {
                let Some(entries) = self.entries(node) else {
                    return Solved::unknown(Unknown::NotEvaluated("this many merged keys".into()), span);
                };
                let mut height = 0;
                let mut done = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    let Some(name) = key.as_str() else { continue };
                    let solved = self.read(value, depth + 1);
                    height = height.max(solved.height + 1);
                    done.push(Entry { name: name.into(), key: Some(key.span()), value: solved.value });
                }
                within_height(Data::Object(done.into()), height, span)
            }
            Kind::Alias(_) => Solved::unknown(Unknown::Missing(node.slice().into()), span),
            _ => Solved::unknown(Unknown::NotEvaluated("this construct".into()), span),
        }
    }

    /// Keys and values of a mapping, what it merges first so that its own keys win; `None` if that is too much.
    pub fn entries(&mut self, node: NodeRef<'w>) -> Option<Vec<(NodeRef<'w>, NodeRef<'w>)>> {
        if !node.entries().any(|(key, _)| is_merge(key)) {
            return Some(node.entries().collect());
        }
        let mut merged = Vec::new();
        self.merge(node, 0, &mut merged).then_some(merged)
    }

    fn merge(&mut self, node: NodeRef<'w>, depth: usize, into: &mut Vec<(NodeRef<'w>, NodeRef<'w>)>) -> bool {
        let count = node.entries().count();
        if depth > 32 || self.merged < count {
            return false;
        }
        self.merged -= count;
        for (_, value) in node.entries().filter(|(key, _)| is_merge(*key)) {
            let parts: Vec<NodeRef> = if value.is_sequence() { value.items().collect() } else { vec![value] };
            // Of several merged mappings the first wins, so it is added last.
            for part in parts.into_iter().rev() {
                if !self.merge(part.target(), depth + 1, into) {
                    return false;
                }
            }
        }
        into.extend(node.entries().filter(|(key, _)| !is_merge(*key)));
        true
    }

    /// The value of a key, through merge keys, by an index that is built once for each mapping.
    pub fn child(&mut self, node: NodeRef<'w>, key: &str) -> Option<NodeRef<'w>> {
        let node = node.target();
        let id = (node.span().file, node.id());
        if !self.children.contains_key(&id) {
            let entries = self.entries(node).unwrap_or_default();
            let index = entries.into_iter().filter_map(|(name, value)| Some((name.as_str()?, value))).collect();
            self.children.insert(id, index);
        }
        self.children.get(&id)?.get(key).copied()
    }

    /// Whether a node is being read just now, so that reading it would go in a circle.
    pub fn is_running(&self, node: NodeRef<'w>) -> bool {
        self.running.contains(&(node.span().file, node.target().id()))
    }
}

/// The keys that lead to a node from the top of its document: `custom.limits.0`.
fn path_to(node: NodeRef<'_>) -> Option<String> {
    let mut next: Vec<(NodeRef, Option<usize>, String)> =
        node.tree().documents().map(|root| (root, None, String::new())).collect();
    let mut seen: Vec<(Option<usize>, String)> = Vec::new();
    while let Some((at, parent, name)) = next.pop() {
        seen.push((parent, name));
        let own = seen.len() - 1;
        if at.id() == node.id() {
            let steps = std::iter::successors(Some(own), |step| seen[*step].0).map(|step| seen[step].1.as_str());
            let mut names: Vec<&str> = steps.filter(|name| !name.is_empty()).collect();
            names.reverse();
            return (!names.is_empty()).then(|| names.join("."));
        }
        next.extend(at.items().enumerate().map(|(number, item)| (item, Some(own), number.to_string())));
        let named = |(key, value): (NodeRef<'_>, _)| Some((value, Some(own), key.as_str()?.to_string()));
        next.extend(at.entries().filter_map(named));
    }
    None
}

fn is_merge(key: NodeRef<'_>) -> bool {
    key.is_plain() && key.as_str() == Some("<<")
}

fn height_over<'a>(parts: impl Iterator<Item = &'a Solved>) -> u32 {
    parts.map(|part| part.height + 1).max().unwrap_or(0)
}

fn within_height(data: Data, height: u32, span: Span) -> Solved {
    if height > MAX_HEIGHT {
        return Solved::unknown(Unknown::NotEvaluated("nesting this deep".into()), span);
    }
    Solved { value: Sourced::new(data, Origin::literal(span)), height, steps: 0 }
}

/// The function that a tag is short for: `!GetAtt` is `Fn::GetAtt`, `!Ref` is `Ref`.
fn function_of(tag: &str) -> Option<Arc<str>> {
    let name = tag.strip_prefix('!')?;
    match name {
        "Ref" | "Condition" => Some(name.into()),
        _ if name.is_empty() || name.starts_with('!') => None,
        _ => Some(format!("Fn::{name}").into()),
    }
}

/// A scalar with its type.
fn scalar(node: NodeRef<'_>, scalars: Scalars) -> Data {
    if node.is_null() {
        return Data::Null;
    }
    let text = node.as_str().unwrap_or_default();
    let is_text = !node.is_plain() || node.tag().is_some_and(|tag| tag.ends_with("str"));
    if is_text { Data::Text(text.into()) } else { plain_scalar(text, scalars) }
}

/// Text from pieces: a text if all are known, a reference if it is nothing else, or a template.
pub(crate) fn assemble(pieces: Vec<Part>, origin: Origin, budget: &mut TextBudget) -> Value {
    let size: usize = pieces.iter().map(|piece| if let Part::Text(text) = piece { text.len() } else { 1 }).sum();
    if size > MAX_TEXT || size > budget.0 {
        return Sourced::unknown(Unknown::NotEvaluated("a text this long".into()), origin);
    }
    budget.0 -= size;
    let mut joined: Vec<Part> = Vec::new();
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Part::Text(more) => text.push_str(&more),
            other => {
                if !text.is_empty() {
                    joined.push(Part::Text(std::mem::take(&mut text).into()));
                }
                joined.push(other);
            }
        }
    }
    if joined.is_empty() {
        return Sourced::new(Data::Text(text.into()), origin);
    }
    if !text.is_empty() {
        joined.push(Part::Text(text.into()));
    }
    match joined.as_slice() {
        [Part::Reference(reference)] => Sourced::new(Data::Reference(reference.clone()), origin),
        [Part::Unknown(why)] => Sourced::unknown(why.clone(), origin),
        parts if parts.iter().all(|part| matches!(part, Part::Unknown(_))) => match parts.first() {
            Some(Part::Unknown(why)) => Sourced::unknown(why.clone().computed(), origin),
            _ => Sourced::unknown(Unknown::NotEvaluated("this text".into()), origin),
        },
        _ => Sourced::new(Data::Template(joined.into()), origin),
    }
}

/// The pieces that a value contributes to a text.
pub(crate) fn pieces_of(value: &Value) -> Vec<Part> {
    let data = match &value.value {
        Resolved::Unknown(why) => return vec![Part::Unknown(why.clone())],
        Resolved::Known(data) => data,
    };
    match data {
        Data::Reference(reference) => vec![Part::Reference(reference.clone())],
        Data::Template(parts) => parts.to_vec(),
        Data::Null => Vec::new(),
        data => match data.to_text() {
            Some(text) => vec![Part::Text(text)],
            None => vec![Part::Unknown(Unknown::Invalid(format!("{} where a text is due", data.kind()).into()))],
        },
    }
}

/// An object made of the entries of several, later ones in front of earlier ones; what is unknown among them is handed
/// to `unknown`. For `resources` and `functions` that are written as a list of objects.
pub(crate) fn joined_entries(value: &Value, mut unknown: impl FnMut(&Value)) -> Vec<Entry> {
    match value.known() {
        Some(Data::Object(entries)) => entries.to_vec(),
        Some(Data::List(items)) => {
            let mut all = Vec::new();
            for item in items.iter() {
                match item.known() {
                    Some(Data::Object(entries)) => all.extend(entries.iter().cloned()),
                    Some(_) => {}
                    None => unknown(item),
                }
            }
            all
        }
        Some(_) => Vec::new(),
        None => {
            unknown(value);
            Vec::new()
        }
    }
}
