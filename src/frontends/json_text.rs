//! JSON inside of texts: what a value is as JSON, and the data that a text holds. Called by the frontends of Terraform
//! and CloudFormation, whose resources take policies, definitions and the like as texts.

use super::document::pieces_of;
use super::gaps::marked;
use super::scalar::{Scalars, plain_scalar};
use crate::source::Span;
use crate::tree::{self, Kind, NodeRef, Tree};
use crate::value::{Data, Entry, Origin, Part, Resolved, Sourced, Value, View};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The JSON of a value.
pub(crate) fn json_of(value: &Value) -> Vec<Part> {
    let mut pieces = Vec::new();
    json_pieces(value, &mut pieces);
    pieces
}

/// The same, as Terraform writes it: no blanks, keys in order, `<`, `>` and `&` escaped.
fn json_pieces(value: &Value, into: &mut Vec<Part>) {
    let mut text = |text: &str| into.push(Part::Text(text.into()));
    let data = match &value.value {
        Resolved::Known(data) => data,
        Resolved::Unknown(why) => return into.push(Part::Unknown(why.clone())),
    };
    match data {
        Data::Null => text("null"),
        Data::Boolean(_) | Data::Number(_) => into.extend(data.to_text().map(Part::Text)),
        Data::Text(inner) => text(&json_text(inner)),
        Data::Template(_) | Data::Reference(_) => {
            text("\"");
            let escaped = |part| match part {
                Part::Text(inner) => Part::Text(json_text(&inner).trim_matches('"').into()),
                other => other,
            };
            into.extend(pieces_of(value).into_iter().map(escaped));
            into.push(Part::Text("\"".into()));
        }
        Data::List(items) => {
            text("[");
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    into.push(Part::Text(",".into()));
                }
                json_pieces(item, into);
            }
            into.push(Part::Text("]".into()));
        }
        Data::Object(entries) => {
            text("{");
            let sorted: BTreeMap<&Arc<str>, &Value> = entries.iter().map(|entry| (&entry.name, &entry.value)).collect();
            for (at, (name, value)) in sorted.into_iter().enumerate() {
                let comma = if at > 0 { "," } else { "" };
                into.push(Part::Text(format!("{comma}{}:", json_text(name)).into()));
                json_pieces(value, into);
            }
            into.push(Part::Text("}".into()));
        }
    }
}

fn json_text(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// An attribute that the provider takes as JSON: what `jsonencode` was given, or the data in a text, which may
/// have gaps.
pub(crate) fn json_document(view: View<'_>, span: Span) -> Option<Value> {
    let value = view.value()?;
    let place = value.origin.written_at().unwrap_or(span);
    match value.known() {
        Some(Data::Text(text)) => json(text, place, false),
        Some(Data::Template(parts)) => json_with_gaps(parts, place).or_else(|| Some(value.clone())),
        _ => Some(value.clone()),
    }
}

/// A JSON text as data; all of it stands at `place`, unless the text is that of the whole file.
pub(crate) fn json(text: &Arc<str>, place: Span, is_file: bool) -> Option<Value> {
    let tree: Tree = tree::json::parse(place.file, text.clone());
    let root = tree.documents().next().filter(|_| tree.errors.is_empty())?;
    Some(json_node(root, (!is_file).then_some(place)))
}

/// A JSON text with gaps as data, all of it at `place`.
pub(crate) fn json_with_gaps(parts: &[Part], place: Span) -> Option<Value> {
    let (text, gaps) = marked(parts, true)?;
    json(&text.into(), place, false).map(|value| gaps.fill(value))
}

fn json_node(node: NodeRef<'_>, place: Option<Span>) -> Value {
    let data = match node.kind() {
        Kind::Sequence(_) => Data::List(node.items().map(|item| json_node(item, place)).collect()),
        Kind::Mapping(_) => {
            let entries = node.entries().filter_map(|(key, value)| {
                let key_span = place.unwrap_or(key.span());
                Some(Entry { name: key.as_str()?.into(), key: Some(key_span), value: json_node(value, place) })
            });
            Data::Object(entries.collect())
        }
        Kind::Scalar(_) if node.is_plain() => plain_scalar(node.as_str().unwrap_or(""), Scalars::Core),
        Kind::Scalar(_) => Data::Text(node.as_str().unwrap_or("").into()),
        _ => Data::Null,
    };
    Sourced::new(data, Origin::literal_or_within(node.span(), place))
}
