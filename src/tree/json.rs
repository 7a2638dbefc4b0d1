//! JSON to the document tree, on the `jsonc-parser` crate with every lenient option switched off.
//!
//! Called by the read stage for `.json` and `.tf.json` files, and by lowering for JSON inside strings.

use super::{Kind, MAX_DEPTH, NodeId, Style, Tree};
use crate::source::SourceId;
use jsonc_parser::ast::{ObjectPropName, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use std::sync::Arc;

/// Reads a whole file.
pub fn parse(file: SourceId, text: Arc<str>) -> Tree {
    let mut tree = Tree::new(file, text.clone());
    let mark = super::byte_order_mark(&text);
    let body = &text[mark..];
    if let Some(at) = too_deep(body) {
        tree.error(mark + at, mark + at + 1, format!("nested deeper than {MAX_DEPTH} levels"));
        return tree;
    }
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_extended_string_escapes: false,
        allow_non_finite_numbers: false,
    };
    match parse_to_ast(body, &CollectOptions::default(), &strict) {
        Ok(result) => {
            if let Some(value) = result.value {
                let id = add(&mut tree, mark, &value);
                tree.documents.push(id);
            }
        }
        Err(error) => {
            let range = error.range();
            let message = super::message(&error.kind().to_string());
            tree.error(range.start + mark, range.end + mark, message);
        }
    }
    tree
}

/// Where brackets are nested deeper than the cap, before the recursive parser sees them.
fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Some(at);
                }
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// Adds a value and its children. The recursion is as deep as the text, which [`too_deep`] bounds.
fn add(tree: &mut Tree, mark: usize, value: &Value) -> NodeId {
    let range = value.range();
    let (start, end) = (range.start + mark, range.end + mark);
    match value {
        Value::StringLit(text) => scalar(tree, text.value.as_ref(), Style::Quoted, start, end),
        Value::NumberLit(number) => scalar(tree, number.value, Style::Plain, start, end),
        Value::BooleanLit(boolean) => {
            scalar(tree, if boolean.value { "true" } else { "false" }, Style::Plain, start, end)
        }
        Value::NullKeyword(_) => tree.add(Kind::Null, Style::Plain, start, end),
        Value::Array(array) => {
            let items: Vec<NodeId> = array.elements.iter().map(|element| add(tree, mark, element)).collect();
            tree.add(Kind::Sequence(items.into()), Style::Flow, start, end)
        }
        Value::Object(object) => {
            let mut pairs = Vec::with_capacity(object.properties.len());
            for property in &object.properties {
                let (name, range) = match &property.name {
                    ObjectPropName::String(name) => (name.value.as_ref(), name.range),
                    ObjectPropName::Word(name) => (name.value, name.range),
                };
                let key = scalar(tree, name, Style::Quoted, range.start + mark, range.end + mark);
                pairs.push((key, add(tree, mark, &property.value)));
            }
            tree.add(Kind::Mapping(pairs.into()), Style::Flow, start, end)
        }
    }
}

fn scalar(tree: &mut Tree, text: &str, style: Style, start: usize, end: usize) -> NodeId {
    let own = (tree.text().get(start..end) != Some(text)).then(|| text.into());
    tree.add(Kind::Scalar(own), style, start, end)
}
