//! What finding a node of a file takes, gathered once for each file of a run: thousands of findings may be about one.

use crate::read::Workspace;
use crate::source::{SourceId, Span};
use crate::tree::{Kind, NodeId, NodeRef, Tree};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// The nodes of one file.
#[derive(Debug, Default)]
pub(super) struct Index {
    by_span: HashMap<(u32, u32), Vec<NodeId>>,
    /// The object and the key of each node that is the value of an entry.
    pub entry_of: HashMap<NodeId, (NodeId, NodeId)>,
    /// The value of each node that is the key of an entry.
    pub value_of: HashMap<NodeId, NodeId>,
    /// The block whose body a mapping is.
    pub block_of: HashMap<NodeId, NodeId>,
    /// The block that a label belongs to.
    pub labelled: HashMap<NodeId, NodeId>,
    /// Whether functions of CloudFormation are written in their long form (`Fn::Sub`), as far as there are any.
    pub has_long_functions: bool,
}

impl Index {
    fn of(tree: &Tree) -> Self {
        let mut index = Self::default();
        for node in tree.all() {
            index.by_span.entry(node.node().span).or_default().push(node.id());
            if let Kind::Mapping(pairs) = &node.node().kind {
                index.entry_of.extend(pairs.iter().map(|(key, value)| (*value, (node.id(), *key))));
                index.value_of.extend(pairs.iter().copied());
            }
            if let Kind::Block { body, .. } = &node.node().kind {
                index.block_of.insert(*body, node.id());
                index.labelled.extend(node.labels().map(|label| (label.id(), node.id())));
            }
        }
        let text = tree.text();
        let has_short_form = ["!Ref", "!GetAtt", "!Sub"].iter().any(|tag| text.contains(tag));
        index.has_long_functions = !has_short_form && (text.contains("Fn::") || text.contains("Ref:"));
        index
    }

    /// The nodes of a span, in the order of the tree.
    pub fn at<'t>(&self, tree: &'t Tree, span: Span) -> impl Iterator<Item = NodeRef<'t>> + use<'_, 't> {
        let ids = self.by_span.get(&place(span)).map(Vec::as_slice).unwrap_or_default();
        ids.iter().map(|id| tree.node(*id))
    }
}

/// The files that were looked through so far.
#[derive(Debug, Default)]
pub(super) struct Indexes(RefCell<HashMap<SourceId, Rc<Index>>>);

impl Indexes {
    /// That of a file which is read.
    pub fn of(&self, workspace: &Workspace, file: SourceId) -> Rc<Index> {
        let make = || workspace.file(file).map(|file| Index::of(&file.tree)).unwrap_or_default();
        Rc::clone(self.0.borrow_mut().entry(file).or_insert_with(|| Rc::new(make())))
    }
}

fn place(span: Span) -> (u32, u32) {
    (span.start, span.end)
}
