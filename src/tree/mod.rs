//! The document tree that every dialect reads: nodes with exact byte spans, whatever the file's syntax was.
//!
//! One arena per file, filled by [`yaml`], [`json`] or [`hcl`]. Nothing in this interface says which of them it was.
//! Aliases are ids and never expanded, order and duplicate keys are kept, dropping a tree never recurses. Frontends
//! walk it with [`NodeRef`]; what a value *means* (references, merge keys, defaults) is theirs to resolve.

use crate::source::{SourceId, Span};
use std::sync::{Arc, OnceLock};

pub mod hcl;
pub mod json;
mod syntax;
pub mod terraform_json;
pub mod yaml;

pub use syntax::Syntax;

/// How many bytes a byte order mark takes at the start of a text: 3 or 0. Spans count them, parsers do not see them.
fn byte_order_mark(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

/// The whole character at an offset, which may lie inside it or behind the text; nothing at the end of the text.
fn character_at(text: &str, at: usize) -> std::ops::Range<usize> {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at..at + text[at..].chars().next().map_or(0, char::len_utf8)
}

/// The files above this size are not parsed.
pub const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;
/// A collection nested deeper than this is an error in its file, in every syntax.
pub const MAX_DEPTH: usize = 128;
/// A file with more nodes than this is cut off with an error.
pub const MAX_NODES: usize = 4_000_000;
/// More documents than this in one file are an error.
pub const MAX_DOCUMENTS: usize = 20_000;
/// Only so many errors of one file are kept.
pub const MAX_ERRORS: usize = 200;

/// Index of a node in its [`Tree`].
pub type NodeId = u32;

/// How a node is written, which edits need to know and which tells a quoted `"yes"` from a plain one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A scalar without quotes.
    Plain,
    /// A scalar in single or double quotes.
    Quoted,
    /// A `|` or `>` scalar, or a heredoc.
    BlockScalar,
    /// A collection in brackets or braces.
    Flow,
    /// A collection by indentation, or the body of a block.
    Block,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Written null, or nothing where a value is due.
    Null,
    /// A string, number or boolean as text. `None`: the slice of the span is the text.
    Scalar(Option<Box<str>>),
    /// A list.
    Sequence(Box<[NodeId]>),
    /// Keys and values in source order, duplicates kept.
    Mapping(Box<[(NodeId, NodeId)]>),
    /// A reference to an anchored node; `None` where nothing carries that anchor.
    Alias(Option<NodeId>),
    /// A labelled block (`resource "a" "b" { .. }`); the body is a mapping.
    Block { labels: Box<[NodeId]>, body: NodeId },
    /// A computation that the dialect's resolver evaluates.
    Expr(Box<Expr>),
}

/// A computation, in terms that fit every expression language; operands are nodes and so have spans.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A bare name: the root of `var.x`, `aws_sqs_queue.jobs.arn`, `each`.
    Variable(Box<str>),
    /// `base.name`
    Attribute { base: NodeId, name: Box<str> },
    /// `base[index]` (also the old `base.0`)
    Index { base: NodeId, index: NodeId },
    /// `base[*].rest` or `base.*.rest`. `each` is what is taken from every element, with [`Expr::Element`] at its root.
    Splat { base: NodeId, each: NodeId },
    /// The element that a surrounding splat is at.
    Element,
    /// Text with `${..}` and `%{..}` parts; literal parts are scalars.
    Template(Box<[NodeId]>),
    /// `%{ if condition }..%{ else }..%{ endif }`, both branches templates.
    TemplateIf { condition: NodeId, then: NodeId, otherwise: Option<NodeId> },
    /// `%{ for key, value in collection }..%{ endfor }`
    TemplateFor { key: Option<Box<str>>, value: Box<str>, collection: NodeId, body: NodeId },
    /// `name(arguments)`; `expand`: the last argument is spread with `...`.
    Call { name: Box<str>, arguments: Box<[NodeId]>, expand: bool },
    /// `condition ? then : otherwise`
    Conditional { condition: NodeId, then: NodeId, otherwise: NodeId },
    /// `! operand` or `- operand`; the operator as written.
    Unary { operator: Box<str>, operand: NodeId },
    /// The operator as written: `+ - * / % == != < <= > >= && ||`.
    Binary { operator: Box<str>, left: NodeId, right: NodeId },
    /// `[for k, v in collection : value if condition]` or, with `result_key`, the form in braces; `group` is `...`.
    For {
        key: Option<Box<str>>,
        value: Box<str>,
        collection: NodeId,
        result_key: Option<NodeId>,
        result: NodeId,
        condition: Option<NodeId>,
        group: bool,
    },
}

impl Expr {
    /// The nodes that it is made of, in order.
    pub fn operands(&self) -> Vec<NodeId> {
        match self {
            Self::Variable(_) | Self::Element => Vec::new(),
            Self::Attribute { base, .. } => vec![*base],
            Self::Index { base, index } => vec![*base, *index],
            Self::Splat { base, each } => vec![*base, *each],
            Self::Template(parts) => parts.to_vec(),
            Self::TemplateIf { condition, then, otherwise } => {
                [Some(*condition), Some(*then), *otherwise].into_iter().flatten().collect()
            }
            Self::TemplateFor { collection, body, .. } => vec![*collection, *body],
            Self::Call { arguments, .. } => arguments.to_vec(),
            Self::Conditional { condition, then, otherwise } => vec![*condition, *then, *otherwise],
            Self::Unary { operand, .. } => vec![*operand],
            Self::Binary { left, right, .. } => vec![*left, *right],
            Self::For { collection, result_key, result, condition, .. } => {
                [Some(*collection), *result_key, Some(*result), *condition].into_iter().flatten().collect()
            }
        }
    }
}

/// A YAML tag, such as `!GetAtt`, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Tag {
    /// The tag as written, `!` included.
    pub name: Box<str>,
    /// Where it stands.
    pub span: (u32, u32),
}

/// One node.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// How it is written.
    pub style: Style,
    /// First byte and the byte behind the last. Of a scalar: its token, quotes included. Of a collection: from its
    /// first token (`{`, `-`, first key) to the end of its last child or its closing bracket. Tags and anchors in
    /// front of a value are not part of it.
    pub span: (u32, u32),
    /// A tag in front of it.
    pub tag: Option<Box<Tag>>,
}

/// A comment, its marker included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// From the marker (`#`, `//`, `/*`) to the end of the line or the closing marker.
    pub span: Span,
}

/// What is wrong with a file's syntax, at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where the reader gave up.
    pub span: Span,
    /// What it met there, lower case, without a full stop.
    pub message: String,
}

/// One parsed file.
#[derive(Debug, Clone)]
pub struct Tree {
    file: SourceId,
    text: Arc<str>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) documents: Vec<NodeId>,
    /// All comments, in order.
    pub comments: Vec<Comment>,
    /// What could not be read. The rest of the file is in the tree all the same.
    pub errors: Vec<SyntaxError>,
    /// For each node the collection that it stands in, or the node itself; gathered when it is first asked for.
    around: OnceLock<Vec<NodeId>>,
}

impl Tree {
    pub(crate) fn new(file: SourceId, text: Arc<str>) -> Self {
        let (nodes, documents, comments, errors) = Default::default();
        Self { file, text, nodes, documents, comments, errors, around: OnceLock::new() }
    }

    /// The file that this tree was read from.
    pub fn file(&self) -> SourceId {
        self.file
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn add(&mut self, kind: Kind, style: Style, start: usize, end: usize) -> NodeId {
        let id = self.nodes.len() as NodeId;
        self.nodes.push(Node { kind, style, span: (start as u32, end as u32), tag: None });
        id
    }

    pub(crate) fn error(&mut self, start: usize, end: usize, message: impl Into<String>) {
        let span = Span::new(self.file, start, end);
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(SyntaxError { span, message: message.into() });
        }
    }

    /// The top nodes: one a YAML document, one for a JSON or HCL file.
    pub fn documents(&self) -> impl Iterator<Item = NodeRef<'_>> {
        self.documents.iter().map(|id| self.node(*id))
    }

    /// A cursor on a node.
    pub fn node(&self, id: NodeId) -> NodeRef<'_> {
        NodeRef { tree: self, id }
    }

    /// Every node, for tests and for searches.
    pub fn all(&self) -> impl Iterator<Item = NodeRef<'_>> {
        (0..self.nodes.len() as NodeId).map(|id| self.node(id))
    }
}

/// A node and the tree that it is in; cheap to copy. Methods see through aliases (one step, never in a circle:
/// an alias can only point to what stands before it).
#[derive(Clone, Copy)]
pub struct NodeRef<'t> {
    tree: &'t Tree,
    id: NodeId,
}

impl std::fmt::Debug for NodeRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {:?}", self.node().kind, self.slice())
    }
}

impl<'t> NodeRef<'t> {
    /// The tree.
    pub fn tree(self) -> &'t Tree {
        self.tree
    }

    /// The node's index.
    pub fn id(self) -> NodeId {
        self.id
    }

    /// The node itself, aliases not followed.
    pub fn node(self) -> &'t Node {
        &self.tree.nodes[self.id as usize]
    }

    /// Another node of the same tree.
    pub fn other(self, id: NodeId) -> NodeRef<'t> {
        NodeRef { tree: self.tree, id }
    }

    /// The list or the mapping that it stands in, as an item, a key or a value.
    pub fn around(self) -> Option<NodeRef<'t>> {
        let around = self.tree.around.get_or_init(|| {
            let mut around: Vec<NodeId> = (0..self.tree.nodes.len() as NodeId).collect();
            let mut hold = |child: NodeId, parent: NodeId| {
                if let Some(place) = around.get_mut(child as usize) {
                    *place = parent;
                }
            };
            for node in self.tree.all() {
                match &node.node().kind {
                    Kind::Sequence(items) => items.iter().for_each(|item| hold(*item, node.id)),
                    Kind::Mapping(pairs) => {
                        pairs.iter().flat_map(|(key, value)| [*key, *value]).for_each(|child| hold(child, node.id))
                    }
                    _ => {}
                }
            }
            around
        });
        around.get(self.id as usize).filter(|parent| **parent != self.id).map(|parent| self.other(*parent))
    }

    /// What an alias stands for, or the node itself.
    pub fn target(self) -> NodeRef<'t> {
        match self.node().kind {
            Kind::Alias(Some(target)) => self.other(target),
            _ => self,
        }
    }

    /// What it is, aliases followed.
    pub fn kind(self) -> &'t Kind {
        &self.target().node().kind
    }

    /// Where it stands. For an alias: the alias.
    pub fn span(self) -> Span {
        let (start, end) = self.node().span;
        Span { file: self.tree.file, start, end }
    }

    /// The text inside the span.
    pub fn slice(self) -> &'t str {
        self.tree.text.get(self.span().range()).unwrap_or("")
    }

    /// The tag in front of it, such as `!Ref`.
    pub fn tag(self) -> Option<&'t str> {
        self.target().node().tag.as_ref().map(|tag| &*tag.name)
    }

    /// The text of a scalar, unquoted and unescaped.
    pub fn as_str(self) -> Option<&'t str> {
        match self.kind() {
            Kind::Scalar(Some(text)) => Some(text),
            Kind::Scalar(None) => Some(self.target().slice()),
            _ => None,
        }
    }

    /// Whether it is a null or an empty value.
    pub fn is_null(self) -> bool {
        matches!(self.kind(), Kind::Null)
    }

    /// Whether a scalar is written without quotes, so that `true` is a boolean and `30` a number.
    pub fn is_plain(self) -> bool {
        self.target().node().style == Style::Plain
    }

    /// The elements of a list; nothing for another node.
    pub fn items(self) -> impl Iterator<Item = NodeRef<'t>> {
        let ids: &'t [NodeId] = match self.kind() {
            Kind::Sequence(ids) => ids,
            _ => &[],
        };
        ids.iter().map(move |id| self.other(*id))
    }

    /// Keys and values of a mapping or of a block's body, in source order, duplicates and `<<` included.
    pub fn entries(self) -> impl Iterator<Item = (NodeRef<'t>, NodeRef<'t>)> {
        let body = match self.kind() {
            Kind::Block { body, .. } => self.other(*body),
            _ => self,
        };
        let pairs: &'t [(NodeId, NodeId)] = match body.kind() {
            Kind::Mapping(pairs) => pairs,
            _ => &[],
        };
        pairs.iter().map(move |(key, value)| (self.other(*key), self.other(*value)))
    }

    /// The entry of a key. Of duplicates the last one, as every one of the dialects' tools reads them.
    pub fn entry(self, key: &str) -> Option<(NodeRef<'t>, NodeRef<'t>)> {
        self.entries().filter(|(name, _)| name.as_str() == Some(key)).last()
    }

    /// The value of a key.
    pub fn get(self, key: &str) -> Option<NodeRef<'t>> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The value at a path of keys.
    pub fn at(self, path: &[&str]) -> Option<NodeRef<'t>> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// Where a key stands.
    pub fn key_span(self, key: &str) -> Option<Span> {
        self.entry(key).map(|(name, _)| name.span())
    }

    /// The labels of a block.
    pub fn labels(self) -> impl Iterator<Item = NodeRef<'t>> {
        let ids: &'t [NodeId] = match self.kind() {
            Kind::Block { labels, .. } => labels,
            _ => &[],
        };
        ids.iter().map(move |id| self.other(*id))
    }

    /// Whether it has keys.
    pub fn is_mapping(self) -> bool {
        matches!(self.kind(), Kind::Mapping(_) | Kind::Block { .. })
    }

    /// Whether it is a list.
    pub fn is_sequence(self) -> bool {
        matches!(self.kind(), Kind::Sequence(_))
    }
}
