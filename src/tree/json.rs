//! Reads JSON into a [`Tree`]; called by the read stage for `.json` and `.tf.json` files and for `jsonencode`d text.
//!
//! jsonc-parser does the work, with everything switched off that goes beyond JSON; no other file knows it. It stops
//! at the first error, so a broken file has no document.

use super::{Kind, MAX_DEPTH, MAX_NODES, NodeId, Style, Tree, byte_order_mark};
use crate::source::SourceId;
use jsonc_parser::ast::{ObjectPropName, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions};
use std::sync::Arc;

const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Reads a JSON text: one document, or none and an error.
pub fn parse(file: SourceId, text: Arc<str>) -> Tree {
    let mut tree = Tree::new(file, text.clone());
    let offset = byte_order_mark(&text);
    let json = text.get(offset..).unwrap_or("");
    if let Err((at, message)) = check_limits(json) {
        tree.error(offset + at, offset + at + 1, message);
        return tree;
    }
    match jsonc_parser::parse_to_ast(json, &CollectOptions::default(), &STRICT) {
        Ok(parsed) => match parsed.value {
            Some(value) => {
                let mut reader = Reader { tree, json, offset };
                let root = reader.value(&value);
                tree = reader.tree;
                tree.documents.push(root);
            }
            None => tree.error(offset, text.len(), "the file is empty"),
        },
        Err(error) => {
            let range = error.range();
            let message = error.kind().to_string();
            let mut end = range.end.max(range.start + 1).min(json.len());
            while !json.is_char_boundary(end) {
                end += 1;
            }
            tree.error(offset + range.start.min(end), offset + end, lower_first(&message));
        }
    }
    tree
}

/// Finds nesting and sizes that must not reach the parser, which recurses and allocates.
fn check_limits(json: &str) -> Result<(), (usize, String)> {
    let (mut depth, mut values, mut in_string, mut escaped) = (0usize, 0usize, false, false);
    for (at, byte) in json.bytes().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err((at, format!("nested more than {MAX_DEPTH} levels deep")));
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' | b':' => {
                values += 1;
                if values >= MAX_NODES {
                    return Err((at, format!("the file has more than {MAX_NODES} values")));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn lower_first(message: &str) -> String {
    let mut chars = message.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

struct Reader<'t> {
    tree: Tree,
    json: &'t str,
    /// What lies before `json` in the file: its byte order mark.
    offset: usize,
}

impl Reader<'_> {
    fn add(&mut self, kind: Kind, style: Style, range: jsonc_parser::common::Range) -> NodeId {
        self.tree.add(kind, style, range.start + self.offset, range.end + self.offset)
    }

    /// Lowers a value. The recursion is bounded by [`check_limits`].
    fn value(&mut self, value: &Value) -> NodeId {
        let range = value.range();
        let (kind, style) = match value {
            Value::StringLit(string) => (Kind::Scalar(Some(string.value.as_ref().into())), Style::Quoted),
            Value::NumberLit(_) | Value::BooleanLit(_) => (Kind::Scalar(None), Style::Plain),
            Value::NullKeyword(_) => (Kind::Null, Style::Plain),
            Value::Array(array) => {
                let items = array.elements.iter().map(|element| self.value(element)).collect();
                self.check_commas(array.elements.iter().map(Ranged::range));
                (Kind::Sequence(items), Style::Flow)
            }
            Value::Object(object) => {
                let entries = object.properties.iter().map(|property| {
                    let (name, range) = match &property.name {
                        ObjectPropName::String(name) => (name.value.as_ref(), name.range),
                        ObjectPropName::Word(name) => (name.value, name.range),
                    };
                    (self.add(Kind::Scalar(Some(name.into())), Style::Quoted, range), self.value(&property.value))
                });
                let entries = entries.collect();
                self.check_commas(object.properties.iter().map(|property| property.range));
                (Kind::Mapping(entries), Style::Flow)
            }
        };
        self.add(kind, style, range)
    }

    /// The parser lets a missing comma pass where the next element is a list or an object.
    fn check_commas(&mut self, ranges: impl Iterator<Item = jsonc_parser::common::Range>) {
        let mut previous_end = None;
        for range in ranges {
            if let Some(end) = previous_end.replace(range.end)
                && !self.json.get(end..range.start).unwrap_or(",").contains(',')
            {
                let place = range.start + self.offset;
                self.tree.error(place, place + 1, "expected comma");
            }
        }
    }
}
