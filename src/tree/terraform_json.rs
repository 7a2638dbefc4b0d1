//! Reads Terraform's JSON syntax into a [`Tree`] of the shape that the same configuration has in HCL; called by the
//! read stage for `.tf.json` files.
//!
//! Objects become labelled blocks where Terraform takes them for such, texts with `${}` become templates. Whether a
//! nested object is a block or a value only a provider's schema knows; both read alike later on.

use super::{Kind, Node, NodeId, Style, Tree, hcl, json};
use crate::source::SourceId;
use std::sync::Arc;

/// Reads a configuration: one document, or none and an error.
pub fn parse(file: SourceId, text: Arc<str>) -> Tree {
    let mut tree = json::parse(file, text);
    let Some(root) = tree.documents.first().copied() else { return tree };
    for id in 0..tree.nodes.len() {
        if text_of(&tree, id as NodeId).is_some_and(|text| text.contains("${") || text.contains("%{")) {
            replace(&mut tree, id as NodeId, hcl::add_template);
        }
    }
    let mut entries = Vec::new();
    for (key, value) in pairs(&tree, root) {
        let kind = text_of(&tree, key).unwrap_or_default().to_owned();
        let labels = match kind.as_str() {
            "resource" | "data" | "ephemeral" => 2,
            "module" | "variable" | "output" | "provider" => 1,
            _ => 0,
        };
        for block in blocks(&mut tree, value, labels, &[]) {
            if kind == "variable" {
                read_type(&mut tree, block);
            }
            entries.push((key, block));
        }
    }
    let Node { style, span, .. } = tree.nodes[root as usize];
    tree.documents[0] = tree.add(Kind::Mapping(entries.into()), style, span.0 as usize, span.1 as usize);
    tree
}

/// The blocks in an object whose keys are labels so many levels down; a list stands for several of them.
fn blocks(tree: &mut Tree, node: NodeId, depth: usize, labels: &[NodeId]) -> Vec<NodeId> {
    if let Kind::Sequence(items) = &tree.nodes[node as usize].kind {
        let items = items.clone();
        return items.iter().flat_map(|item| blocks(tree, *item, depth, labels)).collect();
    }
    if !matches!(tree.nodes[node as usize].kind, Kind::Mapping(_)) {
        return Vec::new();
    }
    if depth == 0 {
        let span = tree.nodes[node as usize].span;
        let body = body(tree, node);
        let kind = Kind::Block { labels: labels.into(), body };
        return vec![tree.add(kind, Style::Flow, span.0 as usize, span.1 as usize)];
    }
    let pairs = pairs(tree, node);
    let inner = |(key, value): (NodeId, NodeId)| {
        let labels: Vec<NodeId> = labels.iter().copied().chain([key]).collect();
        blocks(tree, value, depth - 1, &labels)
    };
    pairs.into_iter().flat_map(inner).collect()
}

/// The body of a block, in which `dynamic` and `content` are blocks by their names.
fn body(tree: &mut Tree, node: NodeId) -> NodeId {
    let pairs = pairs(tree, node);
    let is_block = |tree: &Tree, key| matches!(text_of(tree, key), Some("dynamic" | "content"));
    if !pairs.iter().any(|(key, _)| is_block(tree, *key)) {
        return node;
    }
    let mut entries = Vec::new();
    for (key, value) in pairs {
        if is_block(tree, key) {
            let depth = usize::from(text_of(tree, key) == Some("dynamic"));
            entries.extend(blocks(tree, value, depth, &[]).into_iter().map(|block| (key, block)));
        } else {
            entries.push((key, value));
        }
    }
    let Node { style, span, .. } = tree.nodes[node as usize];
    tree.add(Kind::Mapping(entries.into()), style, span.0 as usize, span.1 as usize)
}

/// The type of a variable is an expression without `${}` around it.
fn read_type(tree: &mut Tree, block: NodeId) {
    let Kind::Block { body, .. } = tree.nodes[block as usize].kind else { return };
    let types = pairs(tree, body).into_iter().filter(|(key, _)| text_of(tree, *key) == Some("type"));
    for (_, value) in types.collect::<Vec<_>>() {
        replace(tree, value, hcl::add_expression);
    }
}

fn pairs(tree: &Tree, node: NodeId) -> Vec<(NodeId, NodeId)> {
    match &tree.nodes[node as usize].kind {
        Kind::Mapping(pairs) => pairs.to_vec(),
        _ => Vec::new(),
    }
}

/// The text of a node in quotes.
fn text_of(tree: &Tree, id: NodeId) -> Option<&str> {
    match &tree.nodes[id as usize] {
        Node { kind: Kind::Scalar(Some(text)), style: Style::Quoted, .. } => Some(text),
        _ => None,
    }
}

/// Adds the nodes of an expression that begins at an offset of the tree's text.
type Add = fn(&mut Tree, &str, usize) -> Option<NodeId>;

/// Puts what the text of a node means in its place.
fn replace(tree: &mut Tree, id: NodeId, add: Add) {
    let Some(text) = text_of(tree, id).map(Arc::<str>::from) else { return };
    let (span, before) = (tree.nodes[id as usize].span, tree.nodes.len());
    let is_plain = tree.text.get(span.0 as usize + 1..(span.1 as usize).saturating_sub(1)) == Some(&*text);
    let offset = span.0 as usize + 1;
    let added = if is_plain {
        add(tree, &text, offset)
    } else {
        // Escapes shift places inside the text: all of it stands where the whole text does.
        let file = std::mem::replace(&mut tree.text, text.clone());
        let added = add(tree, &text, 0);
        tree.text = file;
        for node in &mut tree.nodes[before..] {
            if let Kind::Scalar(own @ None) = &mut node.kind {
                *own = text.get(node.span.0 as usize..node.span.1 as usize).map(Into::into);
            }
            node.span = span;
        }
        added
    };
    tree.nodes[id as usize].kind = match added {
        Some(added) => tree.nodes[added as usize].kind.clone(),
        // Terraform refuses it; it may also stand in a comment. It is not known, and no text.
        None => Kind::Alias(None),
    };
}
