//! Reads HCL into a [`Tree`]; called by the read stage for `.tf`, `.tfvars` and `.hcl` files.
//!
//! hcl-edit does the work and is known to this file and its folder only. A file is one mapping: attributes are
//! entries `name -> value`, blocks are entries `type -> Block`. The parser stops at its first error, so a file with
//! errors is parsed item by item, and only the broken items are lost. It takes 64 levels of nesting, which is less
//! than [`super::MAX_DEPTH`].

mod expression;
mod outline;
mod template;

use super::{Comment, Kind, NodeId, Style, Tree, byte_order_mark};
use crate::source::{SourceId, Span};
use expression::Lowering;
use outline::{Item, Outline};
use std::ops::Range;
use std::sync::Arc;

/// Reads an HCL text: always one document, in which broken top-level items are missing.
pub fn parse(file: SourceId, text: Arc<str>) -> Tree {
    let mut tree = Tree::new(file, text.clone());
    let start = byte_order_mark(&text);
    let outline = Outline::of(&text, start);
    tree.comments =
        outline.comments.iter().map(|range| Comment { span: Span::new(file, range.start, range.end) }).collect();
    let is_acceptable = outline.items.iter().all(|item| item.refusal.is_none() && item.unclosed.is_none());
    let whole = if is_acceptable { entries(&mut tree, start..text.len()).ok() } else { None };
    let entries = whole.unwrap_or_else(|| outline.items.iter().flat_map(|item| recover(&mut tree, item)).collect());
    let place = |node: Option<NodeId>| node.and_then(|node| tree.nodes.get(node as usize)).map(|node| node.span);
    let first = place(entries.first().map(|(key, _)| *key)).map_or(start, |span| span.0 as usize);
    let last = place(entries.last().map(|(_, value)| *value)).map_or(first, |span| span.1 as usize);
    let root = tree.add(Kind::Mapping(entries.into()), Style::Block, first, last);
    tree.documents.push(root);
    tree
}

/// Reads one expression, such as what stands in the `${}` of a string in `.tf.json`; `None` if it is not one.
pub fn parse_expression(file: SourceId, text: Arc<str>, range: Range<usize>) -> Option<Tree> {
    let expression = hcl_edit::parser::parse_expr(text.get(range.clone())?).ok()?;
    let mut tree = Tree::new(file, text);
    let root = Lowering { tree: &mut tree, offset: range.start, depth: 0 }.expression(&expression);
    tree.documents.push(root);
    Some(tree)
}

/// Parses and lowers a part of the text that holds whole items.
fn entries(tree: &mut Tree, range: Range<usize>) -> Result<Vec<(NodeId, NodeId)>, hcl_edit::parser::Error> {
    let text = tree.text.clone();
    let body = hcl_edit::parser::parse_body(text.get(range.clone()).unwrap_or(""))?;
    Ok(Lowering { tree, offset: range.start, depth: 0 }.entries(&body))
}

/// The entries of one item of a file with errors; none, and an error, where the item is the broken one.
fn recover(tree: &mut Tree, item: &Item) -> Vec<(NodeId, NodeId)> {
    if let Some((place, message)) = &item.refusal {
        tree.error(place.start, place.end, message.as_str());
        return Vec::new();
    }
    let error = match entries(tree, item.range.clone()) {
        Ok(entries) => return entries,
        Err(error) => error,
    };
    let at = (item.range.start + error.location().offset()).min(item.range.end);
    match &item.unclosed {
        // Where all is well up to the end, what is wrong is that it ends.
        Some(open) if at + 1 >= item.range.end => {
            let opening = tree.text.get(open.clone()).unwrap_or("").to_owned();
            tree.error(open.start, open.end, format!("unclosed `{opening}`"));
        }
        _ => {
            let place = character_at(&tree.text, at);
            tree.error(place.start, place.end, message(error.message()));
        }
    }
    Vec::new()
}

/// The whole character at an offset; nothing at the end of the text.
fn character_at(text: &str, mut at: usize) -> Range<usize> {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at..at + text[at..].chars().next().map_or(0, char::len_utf8)
}

/// What the parser says, shortened: its lists of everything that could stand there help nobody.
fn message(parser_message: &str) -> String {
    if parser_message.contains("redefined attribute") {
        return "the attribute is defined twice".to_owned();
    }
    if parser_message.contains("redefined object key") {
        return "the object key is written twice".to_owned();
    }
    if let Some((_, limit)) = parser_message.split_once("expected at most ") {
        return format!("more than {limit}");
    }
    match parser_message.split_once("; expected ") {
        Some((what, _)) => what.to_owned(),
        None => parser_message.to_owned(),
    }
}
