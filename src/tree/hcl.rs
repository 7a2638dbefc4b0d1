//! Reads HCL into a [`Tree`]; called by the read stage for `.tf`, `.tfvars` and `.hcl` files.
//!
//! hcl-edit does the work and is known to this file and its folder only. A file is one mapping: attributes are
//! entries `name -> value`, blocks are entries `type -> Block`. The parser stops at its first error, so a file with
//! errors is parsed item by item, and only the broken items are lost. It takes 64 levels of nesting, which is less
//! than [`super::MAX_DEPTH`].

mod expression;
mod outline;
mod template;

use super::{Comment, Kind, NodeId, Style, Tree, byte_order_mark, character_at};
use crate::source::{SourceId, Span};
use expression::Lowering;
use outline::{Item, Outline};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// So many names that one item gives twice are dealt with; each costs another run of the parser.
const MAX_DISGUISES: usize = 16;
const ATTRIBUTE_TWICE: &str = "the attribute is defined twice";

/// Reads an HCL text: always one document, in which broken top-level items are missing.
pub fn parse(file: SourceId, text: Arc<str>) -> Tree {
    let mut tree = Tree::new(file, text.clone());
    let start = byte_order_mark(&text);
    let outline = Outline::of(&text, start);
    tree.comments =
        outline.comments.iter().map(|range| Comment { span: Span::new(file, range.start, range.end) }).collect();
    let is_acceptable = outline.items.iter().all(|item| item.refusal.is_none() && item.unclosed.is_none());
    let whole = if is_acceptable { entries(&mut tree, start..text.len(), 0).ok() } else { None };
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
    let mut tree = Tree::new(file, text.clone());
    let root = add_expression(&mut tree, text.get(range.clone())?, range.start)?;
    tree.documents.push(root);
    Some(tree)
}

/// Adds the nodes of an expression whose text begins at an offset of the tree's text; `None` if it is not one.
pub(super) fn add_expression(tree: &mut Tree, text: &str, offset: usize) -> Option<NodeId> {
    let (expression, _) = parsed(text, MAX_DISGUISES, hcl_edit::parser::parse_expr).ok()?;
    Some(Lowering { tree, offset, depth: 0 }.expression(&expression))
}

/// The same for a template.
pub(super) fn add_template(tree: &mut Tree, text: &str, offset: usize) -> Option<NodeId> {
    let template = hcl_edit::parser::parse_template(text).ok()?;
    Some(Lowering { tree, offset, depth: 0 }.whole_template(&template, text.len()))
}

/// Reads a whole text as a template, as `templatefile` does; `None` if it is not one.
pub fn parse_template(file: SourceId, text: Arc<str>) -> Option<Tree> {
    let start = byte_order_mark(&text);
    let mut tree = Tree::new(file, text.clone());
    let root = add_template(&mut tree, text.get(start..)?, start)?;
    tree.documents.push(root);
    tree.errors.is_empty().then_some(tree)
}

/// Parses and lowers a part of the text that holds whole items.
fn entries(
    tree: &mut Tree,
    range: Range<usize>,
    disguises: usize,
) -> Result<Vec<(NodeId, NodeId)>, hcl_edit::parser::Error> {
    let text = tree.text.clone();
    let written = text.get(range.clone()).unwrap_or("");
    let (body, twice) = parsed(written, disguises, hcl_edit::parser::parse_body)?;
    for name in twice {
        tree.error(range.start + name.start, range.start + name.end, ATTRIBUTE_TWICE);
    }
    Ok(Lowering { tree, offset: range.start, depth: 0 }.entries(&body))
}

/// What the parser makes of a text, and the attributes that it gives twice.
///
/// The parser refuses names that are given twice. Terraform takes them in an object, where the last one counts; twice
/// the same attribute is an error, but not one that makes the rest of a block unreadable. So up to `disguises` such
/// names are overwritten with others of the same length for the parser; lowering reads names from the file.
fn parsed<T>(
    text: &str,
    disguises: usize,
    parse: impl Fn(&str) -> Result<T, hcl_edit::parser::Error>,
) -> Result<(T, Vec<Range<usize>>), hcl_edit::parser::Error> {
    let mut text = Cow::Borrowed(text);
    let mut twice: Vec<Range<usize>> = Vec::new();
    let mut disguise = 0;
    loop {
        let error = match parse(&text) {
            Ok(parsed) => return Ok((parsed, twice)),
            Err(error) => error,
        };
        let name = name_at(&text, error.location().offset());
        if disguise >= disguises || name.is_empty() || !error.message().contains("redefined") {
            return Err(error);
        }
        if error.message().contains("redefined attribute") && !twice.contains(&name) {
            twice.push(name.clone());
        }
        let other: String = (0..name.len()).map(|place| letter(disguise, place)).collect();
        text.to_mut().replace_range(name, &other);
        disguise += 1;
    }
}

/// The name that begins at an offset, without its quotes.
fn name_at(text: &str, at: usize) -> Range<usize> {
    let rest = text.get(at..).unwrap_or("");
    match rest.strip_prefix('"') {
        Some(quoted) => at + 1..at + 1 + quoted.find('"').filter(|end| !quoted[..*end].contains('\\')).unwrap_or(0),
        None => at..at + rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-')).unwrap_or(rest.len()),
    }
}

/// A letter of the n-th disguise: a number to the base of 26 in capitals, which no keyword is written in.
fn letter(disguise: usize, place: usize) -> char {
    let digit = disguise / 26usize.pow(place.min(3) as u32) % 26;
    char::from(b'A' + digit as u8)
}

/// The entries of one item of a file with errors; none, and an error, where the item is the broken one.
fn recover(tree: &mut Tree, item: &Item) -> Vec<(NodeId, NodeId)> {
    if let Some((place, message)) = &item.refusal {
        tree.error(place.start, place.end, message.as_str());
        return Vec::new();
    }
    let error = match entries(tree, item.range.clone(), MAX_DISGUISES) {
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

/// What the parser says, shortened: its lists of everything that could stand there help nobody.
fn message(parser_message: &str) -> String {
    if parser_message.contains("redefined attribute") {
        return ATTRIBUTE_TWICE.to_owned();
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
